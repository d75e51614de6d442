// Whose log a file is, by its path: kubelet, docker and podman put it there. Sources of the forms: Kubernetes'
// pkg/kubelet/kuberuntime/legacy.go and BuildPodLogsDirectory, docker's json-file driver, podman's k8s-file driver.
//
//   /var/log/containers/web-7d9f_shop_nginx-<id>.log              pod, namespace, container
//   /var/log/pods/shop_web-7d9f_<uid of the pod>/nginx/0.log      namespace, pod, container, number of restarts
//   /var/lib/docker/containers/<id>/<id>-json.log
//   …/overlay-containers/<id>/userdata/ctr.log
//
// An id has 64 hexadecimal digits. Names of Kubernetes have no underscore.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace triaged::sources {

/// What is empty is not known.
struct ContainerNames {
  std::string container;
  std::string pod;
  std::string space;  // the pod's namespace, or the project of docker compose
  std::string id;
  std::string pod_uid;
  bool is_docker = false;           // docker's own folder: its configuration stands beside the log
  bool is_command_triaged = false;  // as docker's configuration says

  /// For people: "shop/web-7d9f/nginx", "shop-web-1". Empty when nothing is known.
  [[nodiscard]] std::string name() const;

  bool operator==(const ContainerNames&) const = default;
};

/// nullopt: the path has none of the forms. Where it has an id and no name, the container is called by the id's first
/// twelve digits.
[[nodiscard]] std::optional<ContainerNames> names_in_path(std::string_view path);

/// Adds what docker's config.v2.json in the folder of `log` says: the container's name, the project of docker compose,
/// pod and namespace, and whether its command is triaged. Leaves `names` as they are when it may not be read or is
/// none.
void add_docker_names(const std::string& log, ContainerNames& names);

}  // namespace triaged::sources

// The paths are those that kubelet, docker and podman make: podman's from a host, docker's and kubelet's from their
// sources (container_path.hpp names them).
#include "sources/containers/container_path.hpp"

#include <fstream>

#include <gmock/gmock.h>

#include "tests/support/temporary_folder.hpp"

namespace triaged::sources {
namespace {

const std::string some_id = "3f4a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8";

ContainerNames named(std::string_view path) {
  const auto names = names_in_path(path);
  EXPECT_TRUE(names.has_value()) << path;
  return names.value_or(ContainerNames());
}

TEST(NamesInPath, OfTheLinksOfKubelet) {
  const auto names = named("/var/log/containers/web-7d9f-x2x_shop_nginx-" + some_id + ".log");
  EXPECT_EQ(names, (ContainerNames{.container = "nginx", .pod = "web-7d9f-x2x", .space = "shop", .id = some_id}));
  EXPECT_EQ(names.name(), "shop/web-7d9f-x2x/nginx");
}

TEST(NamesInPath, OfAContainerWithAHyphen) {
  EXPECT_EQ(named("/var/log/containers/kube-proxy-9x_kube-system_kube-proxy-" + some_id + ".log").container,
            "kube-proxy");
}

TEST(NamesInPath, OfThePodsFolders) {
  const auto names = named("/var/log/pods/shop_web-7d9f_0a1b2c3d-0000-4000-8000-0123456789ab/nginx/12.log");
  EXPECT_EQ(names, (ContainerNames{.container = "nginx",
                                   .pod = "web-7d9f",
                                   .space = "shop",
                                   .pod_uid = "0a1b2c3d-0000-4000-8000-0123456789ab"}));
}

TEST(NamesInPath, OfDocker) {
  const auto names = named("/var/lib/docker/containers/" + some_id + "/" + some_id + "-json.log");
  EXPECT_EQ(names, (ContainerNames{.container = "3f4a1b2c3d4e", .id = some_id, .is_docker = true}));
  EXPECT_EQ(names.name(), "3f4a1b2c3d4e");
}

TEST(NamesInPath, OfPodman) {
  EXPECT_EQ(named("/var/lib/containers/storage/overlay-containers/" + some_id + "/userdata/ctr.log"),
            (ContainerNames{.container = "3f4a1b2c3d4e", .id = some_id}));
}

TEST(NamesInPath, AreNotThoseOfOtherFiles) {
  const auto other_id = std::string(64, 'a');
  for (const auto& path : {
           std::string("/var/log/nginx/error.log"),
           std::string("ctr.log"),
           std::string(""),
           std::string("/var/log/pods/shop_web/nginx/0.log"),           // no uid
           std::string("/var/log/pods/shop_web_a_b/nginx/0.log"),       // one part more
           std::string("/var/log/pods/shop__uid/nginx/0.log"),          // an empty name
           std::string("/var/log/pods/shop_web_uid/nginx/access.log"),  // a program's own
           std::string("/var/log/pods/shop_web_uid/nginx/0.log.20261121-011546"),
           "/var/log/containers/web_shop_nginx-" + some_id.substr(1) + ".log",
           "/var/log/containers/web_shop_nginx" + some_id + ".log",
           "/var/log/containers/web_nginx-" + some_id + ".log",
           "/var/lib/docker/containers/" + other_id + "/" + some_id + "-json.log",
           "/var/lib/docker/containers/" + some_id + "/local-logs/container.log",
           "/srv/" + some_id + "/ctr.log",
       }) {
    EXPECT_EQ(names_in_path(path), std::nullopt) << path;
  }
}

class DockerNames : public testing::Test {
 protected:
  /// The names of a container with this config.v2.json beside its log.
  ContainerNames names_with(std::string_view configuration) const {
    const auto folder = folder_.path() / some_id;
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "config.v2.json") << configuration;
    const auto log = (folder / (some_id + "-json.log")).string();
    auto names = named(log);
    add_docker_names(log, names);
    return names;
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(DockerNames, AreThoseOfTheContainerAndOfCompose) {
  const auto names = names_with(
      R"({"State":{"Running":true,"Pid":4211},"ID":"3f4a","Path":"/docker-entrypoint.sh","Config":{"Hostname":"3f4a1b2c3d4e",)"
      R"("Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web","maintainer":"x"}},)"
      R"("Name":"/shop-web-1","RestartCount":0})");
  EXPECT_EQ(names.container, "shop-web-1");
  EXPECT_EQ(names.space, "shop");
  EXPECT_EQ(names.pod, "");
  EXPECT_EQ(names.name(), "shop-web-1");
}

TEST_F(DockerNames, AreThoseOfThePodWhereKubeletRunsDocker) {
  const auto names = names_with(
      R"({"Name":"/k8s_nginx_web-7d9f_shop_0a1b_0","Config":{"Labels":{"io.kubernetes.container.name":"nginx",)"
      R"("io.kubernetes.pod.name":"web-7d9f","io.kubernetes.pod.namespace":"shop","io.kubernetes.pod.uid":"0a1b"}}})");
  EXPECT_EQ(names, (ContainerNames{.container = "nginx",
                                   .pod = "web-7d9f",
                                   .space = "shop",
                                   .id = some_id,
                                   .pod_uid = "0a1b",
                                   .is_docker = true}));
}

TEST_F(DockerNames, SayWhetherTheContainerRunsTriaged) {
  EXPECT_TRUE(
      names_with(R"({"Path":"triaged","Args":["run","--config","/etc/triaged/triaged.yaml"]})").is_command_triaged);
  EXPECT_TRUE(names_with(R"({"Path":"/sbin/tini","Args":["--","/usr/bin/triaged","run"]})").is_command_triaged);
  EXPECT_FALSE(names_with(R"({"Path":"nginx","Args":["-c","/etc/triaged/nginx.conf"]})").is_command_triaged);
  EXPECT_FALSE(names_with(R"({"Path":["triaged"],"Args":"triaged"})").is_command_triaged);
}

TEST_F(DockerNames, AreTheShortIdWhereTheConfigurationIsNone) {
  for (const std::string_view text : {"", "{", "[]", R"({"Name":7,"Config":[]})", R"({"Name":"/"})", "\xff"}) {
    EXPECT_EQ(names_with(text), (ContainerNames{.container = "3f4a1b2c3d4e", .id = some_id, .is_docker = true}))
        << text;
  }
  EXPECT_EQ(names_with(R"({"Name":"/long","x":")" + std::string(1024 * 1024, 'x') + "\"}").container, "3f4a1b2c3d4e");
}

}  // namespace
}  // namespace triaged::sources

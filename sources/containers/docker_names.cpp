// docker's config.v2.json: {"ID":…,"Config":{"Labels":{…}},"Name":"/shop-web-1",…}. It is docker's own and has no
// documented form; what is not as expected is not known.
#include <algorithm>

#include <boost/json.hpp>

#include "base/read_file.hpp"
#include "sources/containers/container_path.hpp"
#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

namespace json = boost::json;

constexpr std::size_t longest_configuration = 1024 * 1024;  // usual ones have some 10 KiB

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::object* object_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr ? value->if_object() : nullptr;
}

/// {"Path":"/sbin/tini","Args":["--","triaged","run"]}
bool is_command_triaged(const json::object& root) {
  const auto is_triaged = [](const json::value& word) {
    return word.is_string() && name_of_path(std::string_view(word.get_string())) == "triaged";
  };
  if (const auto* path = root.if_contains("Path"); path != nullptr && is_triaged(*path)) return true;
  const auto* arguments = root.if_contains("Args");
  return arguments != nullptr && arguments->is_array() && std::ranges::any_of(arguments->get_array(), is_triaged);
}

void take(std::string text, std::string& into) {
  if (!text.empty()) into = std::move(text);
}

}  // namespace

void add_docker_names(const std::string& log, ContainerNames& names) {
  const auto file = read_plain_file(folder_of_path(log) + "/config.v2.json", longest_configuration);
  if (!file || file->is_cut) return;
  boost::system::error_code failure;
  const auto root = json::parse(file->text, failure);
  if (failure || !root.is_object()) return;
  names.is_command_triaged = is_command_triaged(root.get_object());
  auto name = text_at(root.get_object(), "Name");
  if (name.starts_with('/')) name.erase(0, 1);
  take(std::move(name), names.container);
  const auto* config = object_at(root.get_object(), "Config");
  const auto* labels = config == nullptr ? nullptr : object_at(*config, "Labels");
  if (labels == nullptr) return;
  take(text_at(*labels, "com.docker.compose.project"), names.space);
  take(text_at(*labels, "io.kubernetes.container.name"), names.container);
  take(text_at(*labels, "io.kubernetes.pod.name"), names.pod);
  take(text_at(*labels, "io.kubernetes.pod.namespace"), names.space);
  take(text_at(*labels, "io.kubernetes.pod.uid"), names.pod_uid);
}

}  // namespace triaged::sources

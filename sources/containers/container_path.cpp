#include "sources/containers/container_path.hpp"

#include <algorithm>
#include <array>

#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

constexpr std::size_t id_length = 64;
constexpr std::size_t short_id_length = 12;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_id(std::string_view text) {
  return text.size() == id_length &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool take_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

/// The last component of `path`, which loses it.
std::string_view take_last(std::string_view& path) {
  const auto slash = path.rfind('/');
  const auto last = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
  return last;
}

/// "a_b_c"
std::optional<std::array<std::string, 3>> three_parts(std::string_view text) {
  const auto first = text.find('_');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find('_', first + 1);
  if (second == std::string_view::npos || text.find('_', second + 1) != std::string_view::npos) return std::nullopt;
  std::array parts = {std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
                      std::string(text.substr(second + 1))};
  if (std::ranges::any_of(parts, &std::string::empty)) return std::nullopt;
  return parts;
}

std::optional<ContainerNames> names_in_link(std::string_view name) {
  if (!take_end(name, ".log") || name.size() <= id_length + 1) return std::nullopt;
  const auto id = name.substr(name.size() - id_length);
  if (!is_id(id) || name[name.size() - id_length - 1] != '-') return std::nullopt;
  const auto parts = three_parts(name.substr(0, name.size() - id_length - 1));
  if (!parts) return std::nullopt;
  return ContainerNames{.container = (*parts)[2], .pod = (*parts)[0], .space = (*parts)[1], .id = std::string(id)};
}

std::optional<ContainerNames> names_in_pod_folder(std::string_view file, std::string_view container,
                                                  std::string_view pod) {
  if (!take_end(file, ".log") || file.empty() || !std::ranges::all_of(file, is_digit)) return std::nullopt;
  const auto parts = three_parts(pod);
  if (!parts || container.empty()) return std::nullopt;
  return ContainerNames{
      .container = std::string(container), .pod = (*parts)[1], .space = (*parts)[0], .pod_uid = (*parts)[2]};
}

ContainerNames named_by(std::string_view id, bool is_docker) {
  return {.container = std::string(id.substr(0, short_id_length)), .id = std::string(id), .is_docker = is_docker};
}

}  // namespace

std::string ContainerNames::name() const {
  std::string all;
  for (const auto* part : {pod.empty() ? nullptr : &space, &pod, &container}) {
    if (part == nullptr || part->empty()) continue;
    if (!all.empty()) all += '/';
    all += *part;
  }
  return all;
}

std::optional<ContainerNames> names_in_path(std::string_view path) {
  const auto file = take_last(path);
  if (auto names = names_in_link(file)) return names;
  const auto folder = take_last(path);
  const auto above = take_last(path);
  if (is_id(folder) && file.size() == id_length + std::string_view("-json.log").size() && file.starts_with(folder) &&
      file.ends_with("-json.log")) {
    return named_by(folder, true);
  }
  if (file == "ctr.log" && folder == "userdata" && is_id(above)) return named_by(above, false);
  return names_in_pod_folder(file, folder, above);
}

}  // namespace triaged::sources

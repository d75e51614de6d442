#include "discover/open_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>

#include "probes/host_files.hpp"
#include "topology/server_configuration.hpp"

namespace triaged::discover {

namespace {

constexpr std::size_t most_descriptors = 4096;
constexpr std::size_t most_logs = 500;
constexpr std::uint32_t standard_output = 1, standard_error = 2;

/// What `descriptor` of the process is: a path, "pipe:[4711]", "socket:[4712]".
std::string target_of(std::uint32_t pid, std::uint32_t descriptor, const std::filesystem::path& root) {
  std::error_code failure;
  return std::filesystem::read_symlink(root / fmt::format("proc/{}/fd/{}", pid, descriptor), failure).string();
}

/// How the process has opened it, as open(2) has the flags.
std::optional<unsigned> flags_of(std::uint32_t pid, std::uint32_t descriptor, const std::filesystem::path& root) {
  constexpr std::string_view name = "flags:";
  const auto read = probes::read_host_file(root / fmt::format("proc/{}/fdinfo/{}", pid, descriptor));
  std::string_view text = read ? std::string_view(read->text) : std::string_view();
  while (!text.empty()) {
    const auto line = probes::take_line(text);
    if (!line.starts_with(name)) continue;
    const auto words = probes::words_of(line.substr(name.size()));
    if (words.empty()) return std::nullopt;
    return static_cast<unsigned>(std::strtoul(std::string(words[0]).c_str(), nullptr, 8));
  }
  return std::nullopt;
}

constexpr std::string_view deleted = " (deleted)";

bool is_file(std::string_view target) {
  return target.starts_with('/') && !target.ends_with(deleted) && !target.starts_with("/dev/") &&
         !target.starts_with("/proc/") && !target.starts_with("/memfd:") && probes::is_plain_path(target);
}

/// A program also appends to data of its own.
bool is_called_as_logs_are(std::string_view path) {
  constexpr std::array<std::string_view, 6> parts = {"log", "error", "access", ".err", ".out", "current"};
  const auto name = path.substr(path.rfind('/') + 1);
  const auto folder = path.substr(0, path.rfind('/'));
  return folder.starts_with("/var/log") ||
         std::any_of(parts.begin(), parts.end(), [&](auto part) { return name.find(part) != std::string_view::npos; });
}

bool is_appended(std::uint32_t pid, std::uint32_t descriptor, const std::filesystem::path& root) {
  const auto flags = flags_of(pid, descriptor, root);
  return flags && (*flags & O_ACCMODE) != O_RDONLY && (*flags & O_APPEND) != 0;
}

Output output_of(std::uint32_t pid, std::uint32_t descriptor, const std::filesystem::path& root) {
  using Kind = Output::Kind;
  auto target = target_of(pid, descriptor, root);
  if (target == "/dev/null") return {Kind::nowhere, ""};
  if (target.starts_with("/dev/pts/") || target.starts_with("/dev/tty") || target == "/dev/console") {
    return {Kind::terminal, ""};
  }
  if (target.starts_with("socket:")) return {Kind::socket, ""};
  if (target.starts_with("pipe:")) return {Kind::pipe, std::move(target)};
  if (is_file(target)) return {Kind::file, std::move(target)};
  return {};
}

}  // namespace

OpenFiles open_files_of(std::uint32_t pid, const std::filesystem::path& root) {
  OpenFiles found;
  const auto folder = root / fmt::format("proc/{}/fd", pid);
  std::error_code failure;
  const std::filesystem::directory_iterator first(folder, failure);
  found.are_hidden = failure == std::errc::permission_denied;
  found.output = output_of(pid, standard_output, root);
  found.error = output_of(pid, standard_error, root);
  for (const auto descriptor : probes::numbered_entries(folder, most_descriptors)) {
    if (descriptor <= standard_error || found.logs.size() == most_logs) continue;
    auto path = target_of(pid, descriptor, root);
    const bool is_deleted = path.ends_with(deleted);
    if (is_deleted) path.resize(path.size() - deleted.size());
    if (is_file(path) && is_called_as_logs_are(path) && is_appended(pid, descriptor, root)) {
      topology::add_once(is_deleted ? found.deleted : found.logs, std::move(path));
    }
  }
  return found;
}

bool reads_pipe(std::uint32_t pid, const std::string& name, const std::filesystem::path& root) {
  for (const auto descriptor : probes::numbered_entries(root / fmt::format("proc/{}/fd", pid), most_descriptors)) {
    if (target_of(pid, descriptor, root) != name) continue;
    const auto flags = flags_of(pid, descriptor, root);
    if (flags && (*flags & O_ACCMODE) == O_RDONLY) return true;
  }
  return false;
}

}  // namespace triaged::discover

#include "discover/host_logs.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include <fcntl.h>

#include "base/descriptor.hpp"
#include "discover/right.hpp"

namespace triaged::discover {

namespace {

namespace fs = std::filesystem;

/// Kept over a boot, or not.
constexpr std::array<std::string_view, 2> journal_folders = {"/var/log/journal", "/run/log/journal"};
/// Of kubelet, docker and podman as root: the usual places of the source `containers`.
constexpr std::array<std::string_view, 3> container_folders = {"/var/log/pods", "/var/lib/docker/containers",
                                                               "/var/lib/containers/storage/overlay-containers"};
/// Where Debian's and Red Hat's rsyslog puts what has no file of its own.
constexpr std::array<std::string_view, 2> syslog_files = {"/var/log/syslog", "/var/log/messages"};

fs::path below(const fs::path& root, std::string_view path) { return root / path.substr(1); }

bool exists(const fs::path& root, std::string_view path) {
  std::error_code failure;
  return fs::exists(below(root, path), failure);
}

/// A file of the journal in `folder`, as the host names it; empty when there is none, or none can be seen.
std::string journal_file_in(const fs::path& root, std::string_view folder) {
  std::error_code failure;
  for (fs::recursive_directory_iterator entry(below(root, folder), failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (entry.depth() > 0) entry.disable_recursion_pending();
    if (entry->path().extension() == ".journal") return "/" + entry->path().lexically_relative(root).string();
  }
  return "";
}

/// Whether this process may not list the folder, which therefore may hold anything.
bool is_closed(const fs::path& folder) {
  std::error_code failure;
  const fs::directory_iterator first(folder, failure);
  return failure == std::errc::permission_denied;
}

bool has_entries(const fs::path& folder) {
  std::error_code failure;
  return fs::directory_iterator(folder, failure) != fs::directory_iterator() || is_closed(folder);
}

std::optional<HostLog> journal_of(const fs::path& root, const Reader& reader) {
  for (const auto folder : journal_folders) {
    const auto file = journal_file_in(root, folder);
    if (!file.empty()) return HostLog{std::string(folder), right_to_read(file, reader, root)};
    if (is_closed(below(root, folder))) {
      return HostLog{std::string(folder), right_to_read(std::string(folder) + "/*", reader, root)};
    }
  }
  return std::nullopt;
}

std::optional<HostLog> containers_of(const fs::path& root, const Reader& reader) {
  for (const auto folder : container_folders) {
    if (!has_entries(below(root, folder))) continue;
    return HostLog{std::string(folder), right_to_read(std::string(folder) + "/*", reader, root)};
  }
  return std::nullopt;
}

/// The device is there for everybody, but may need a capability.
bool can_open_kernel_device(const fs::path& root) {
  return Descriptor(::open(below(root, "/dev/kmsg").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)).is_open();
}

/// Debian's HAProxy has a socket of rsyslog's below the folder that it is locked into.
bool is_socket_of_host(std::string_view address) {
  return address == "/dev/log" || address == "/run/systemd/journal/dev-log" || address == "/var/lib/haproxy/dev/log";
}

bool is_usual_port_of_host(std::string_view address) {
  if (const auto family = address.find('@'); family != std::string_view::npos) address.remove_prefix(family + 1);
  constexpr std::array<std::string_view, 7> names = {"127.0.0.1", "127.0.0.1:514", "localhost",  "localhost:514",
                                                     "[::1]:514", "::1",           "0.0.0.0:514"};
  return std::find(names.begin(), names.end(), address) != names.end();
}

}  // namespace

HostLogs host_logs_of(const fs::path& root, const Reader& reader) {
  constexpr std::string_view kernel_file = "/var/log/kern.log";
  HostLogs logs{.journal = journal_of(root, reader), .containers = containers_of(root, reader)};
  logs.has_kernel_device = reader.is_this_process && can_open_kernel_device(root);
  if (exists(root, kernel_file)) {
    logs.kernel_file = HostLog{std::string(kernel_file), right_to_read(std::string(kernel_file), reader, root)};
  }
  return logs;
}

void follow_syslog(FoundLog& log, Program program, const HostLogs& host, const fs::path& root) {
  const bool is_of_host = is_socket_of_host(log.path);
  if (!is_of_host && !is_usual_port_of_host(log.path)) return;
  constexpr std::string_view haproxy_file = "/var/log/haproxy.log";
  std::string file;
  if (host.has_syslog_daemon && program == Program::haproxy && exists(root, haproxy_file)) file = haproxy_file;
  if (file.empty() && is_of_host && host.journal) {
    log.to = FoundLog::To::journal;
    return;
  }
  for (const auto usual : syslog_files) {
    if (file.empty() && host.has_syslog_daemon && exists(root, usual)) file = usual;
  }
  if (file.empty()) return;
  log.to = FoundLog::To::file;
  log.path = file;
  log.is_of_syslog = true;
}

}  // namespace triaged::discover

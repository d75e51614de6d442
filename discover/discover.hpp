// What runs on this host and where it logs. Reads /proc, configuration files and folders of logs, read-only, and asks
// nobody; it may block as these do.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "discover/found_server.hpp"
#include "discover/reader.hpp"

namespace triaged::discover {

struct HostLog {
  std::string path;
  Right right;
};

/// nullopt: it is not there.
struct HostLogs {
  std::optional<HostLog> journal;
  bool has_kernel_device = false;      // /dev/kmsg, and the reader may open it
  std::optional<HostLog> kernel_file;  // /var/log/kern.log
  std::optional<HostLog> containers;   // a folder with the logs of containers
  bool has_syslog_daemon = false;      // rsyslog or syslog-ng runs
};

struct Discovery {
  Reader reader;
  std::vector<FoundServer> servers;  // those that run first
  HostLogs host;
  std::vector<std::string> unseen;  // what could not be looked at, and how to allow it
};

/// Of the host whose root is `root`: `/`, except in tests. Rights are those of `reader`.
[[nodiscard]] Discovery discover(const std::filesystem::path& root, Reader reader);

/// Whether there is anything that triaged could follow.
[[nodiscard]] bool finds_logs(const Discovery& discovery);

}  // namespace triaged::discover

// What a server's own configuration says of itself: where its logs go and in which form, where it listens, and to whom
// it passes on. For whoever sets triaged up; topology.hpp has what diagnosing needs.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace triaged::topology {

struct NamedLog {
  enum class Kind { access, error, slow };

  Kind kind = Kind::error;
  std::string target;       // as written: "/var/log/nginx/error.log", "syslog:server=…", "stderr", "127.0.0.1:514"
  std::string format_name;  // "main"; empty: the server's usual form
  std::string log_format;   // how the format of that name is written

  friend bool operator==(const NamedLog&, const NamedLog&) = default;
};

/// The servers behind one name.
struct UpstreamGroup {
  std::string name;  // empty: they are named where requests are passed on
  std::vector<std::string> servers;

  friend bool operator==(const UpstreamGroup&, const UpstreamGroup&) = default;
};

/// Each thing once, in the order of the files. Addresses are "127.0.0.1:8000", "*:80", "unix:/run/app.sock", or, where
/// they can only be known when the server runs, as they are written.
struct ServerConfiguration {
  std::vector<std::string> files;  // that were read, the main one first
  std::vector<NamedLog> logs;
  std::vector<std::string> listens;
  std::vector<UpstreamGroup> upstreams;
  std::vector<std::string> troubles;  // what could not be read
};

/// Whose files are read.
struct HostFiles {
  std::filesystem::path root;  // of the host; empty: this one
  /// Which file to read for the one that the host names so, or in the error why none; empty: the one below `root`.
  std::function<Result<std::string>(const std::filesystem::path& named)> find;
};

/// All may block as files do, and pass over what they do not understand: each server checks its own files.
[[nodiscard]] ServerConfiguration nginx_configuration(const std::filesystem::path& file, const HostFiles& host = {});
/// `files` may be folders, of which HAProxy reads what ends in .cfg.
[[nodiscard]] ServerConfiguration haproxy_configuration(const std::vector<std::filesystem::path>& files,
                                                        const HostFiles& host = {});
[[nodiscard]] ServerConfiguration php_fpm_configuration(const std::filesystem::path& file, const HostFiles& host = {});

/// Adds `item` when it is not in `list` yet.
template <class Item>
void add_once(std::vector<Item>& list, Item item) {
  for (const auto& each : list) {
    if (each == item) return;
  }
  list.push_back(std::move(item));
}

}  // namespace triaged::topology

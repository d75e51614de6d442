// Collects the logs of one server: what its configuration and its command line name, and what it has open. Private to
// this room.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "discover/found_server.hpp"
#include "discover/open_files.hpp"
#include "discover/server_files.hpp"

namespace triaged::discover {

/// What a log holds.
struct LogForm {
  std::string_view what;    // "access log"
  std::string_view format;  // as docs/formats.md names it; empty: recognised from content
  std::string format_name = {}, log_format = {};
};

class ServerLogs {
 public:
  /// The server's unit and container must be known.
  ServerLogs(const FoundServer& server, OpenFiles open, const ServerFiles& files)
      : unit_(server.unit), container_(server.container), open_(std::move(open)), files_(files) {}

  /// `target` as servers write it: a path, "stderr", "/dev/stdout", "syslog:server=127.0.0.1:514". A relative path is
  /// that of a file that the server has open, or else begins at `folder`, unless that is not known.
  void add(const LogForm& form, const std::string& target, const std::string& folder);
  void add_syslog(const LogForm& form, const std::string& address);
  void add_output(const LogForm& form) { add_behind(open_.output, form); }
  void add_error_output(const LogForm& form) { add_behind(open_.error, form); }

  [[nodiscard]] bool are_hidden() const { return open_.are_hidden; }
  [[nodiscard]] const std::vector<std::string>& deleted() const { return open_.deleted; }
  /// Logs that are named and left out, a sentence each.
  [[nodiscard]] const std::vector<std::string>& left_out() const { return left_out_; }

  /// All of them, and what else the server has open.
  [[nodiscard]] std::vector<FoundLog> finish();

 private:
  void add_behind(const Output& output, const LogForm& form);
  void add_file(const LogForm& form, const std::string& path);
  void add_log(FoundLog log);
  void leave_out(const LogForm& form, const std::string& path, std::string_view why);

  std::string unit_, container_;
  OpenFiles open_;
  const ServerFiles& files_;
  std::vector<std::string> left_out_;
  std::vector<FoundLog> logs_;
};

}  // namespace triaged::discover

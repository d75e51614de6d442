// What `discover` finds of a server on this host: the values that its readers fill and that are shown and proposed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "topology/server_configuration.hpp"

namespace triaged::discover {

enum class Program { nginx, haproxy, gunicorn, uvicorn, uwsgi, php_fpm };
[[nodiscard]] std::string_view name_of(Program program);

/// Whether somebody may read a log, and what to do when not.
struct Right {
  bool may_read = true;
  std::string why;     // may not: "www-data:adm owns /var/log/nginx with mode 0750"
  std::string remedy;  // may not: a command, or what to write where; empty: it is no place for logs

  [[nodiscard]] std::string_view advice() const {
    return remedy.empty() ? "it is no place for logs, so look at it yourself" : std::string_view(remedy);
  }
};

struct FoundLog {
  enum class To {
    file,
    journal,           // of systemd
    syslog,            // a receiver at the address `path`
    container,         // whatever the container's runtime writes
    inside_container,  // the file `path`, which only the container sees
    pipe,              // another process reads it
    terminal,
    nowhere,  // what is written is thrown away
  };

  std::string what;  // "access log", "error log", "slow log", "standard error"
  To to = To::file;
  std::string path;           // of a file; it may hold wildcards. Of others: where to, in words
  std::string format;         // as docs/formats.md names it; empty: recognised from content
  std::string format_name;    // as the server's configuration names it: "main"
  std::string log_format;     // how that is written
  bool is_open = false;       // the server has the file open
  bool is_of_syslog = false;  // the server sends it to a syslog daemon, which writes the file
  Right right;                // of a file
};
[[nodiscard]] std::string_view name_of(FoundLog::To to);

struct FoundServer {
  Program program = Program::nginx;
  std::uint32_t pid = 0;  // 0: it does not run, and these are its logs from before
  std::string user;       // whose process it is
  std::string unit, container;
  std::vector<std::string> configuration;  // files; the main one first
  std::vector<std::string> listens;
  std::vector<topology::UpstreamGroup> upstreams;
  std::vector<FoundLog> logs;
  std::vector<std::string> troubles;  // what of it could not be read, and what is wrong with its logs
  bool hides_files = false;           // only root may see which files it has open
};

}  // namespace triaged::discover

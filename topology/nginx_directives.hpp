// The directives of an nginx.conf and of all that it includes, one after the other. Private to this room.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "topology/server_configuration.hpp"

namespace triaged::topology {

/// A directive's words, its name first, without quotes. Empty: there is none before the brace or semicolon.
using NginxWords = std::vector<std::string>;

/// Where a directive begins.
struct NginxPlace {
  std::string_view file;  // valid while it is said
  std::size_t line = 0;
};

/// Whoever wants to know the directives, in the order in which nginx reads them.
class NginxVisitor {
 public:
  virtual ~NginxVisitor() = default;
  virtual void open(const NginxWords& words) = 0;                       // a block begins: "server", "upstream shop"
  virtual void close() = 0;                                             // the innermost block ends
  virtual void say(const NginxWords& words, const NginxPlace& at) = 0;  // a directive without a block; never "include"
};

struct NginxFiles {
  std::vector<std::string> read;      // as the host names them, the main one first
  std::vector<std::string> troubles;  // what could not be read
};

/// Reads `main_file` of the host, and what it includes. What is not understood is passed over: nginx itself checks its
/// files.
[[nodiscard]] NginxFiles read_directives(const std::filesystem::path& main_file, NginxVisitor& visitor,
                                         const HostFiles& host = {});

struct NginxLogFormat {
  std::string text;
  bool is_escaped = true;
};

/// Of `log_format main escape=json '{"status":$status,' '"uri":"$uri"}';`. REQUIRES: it has a name.
[[nodiscard]] NginxLogFormat log_format_in(const NginxWords& words);

}  // namespace triaged::topology

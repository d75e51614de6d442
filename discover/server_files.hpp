// What of a host's files a server can have opened itself. Any user can start a process called nginx and name any file
// in its configuration: what that user may not open is neither read nor followed, whoever runs `discover`. Private to
// this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "discover/process.hpp"
#include "discover/reader.hpp"

namespace triaged::discover {

class ServerFiles {
 public:
  /// Of `process`, which sees the files below `files`; the names of users are those of the host below `root`.
  ServerFiles(const Process& process, std::filesystem::path files, std::filesystem::path root);

  /// The file to read for the one that the server names so, links followed below its own root; or in the error why
  /// none.
  [[nodiscard]] Result<std::string> to_read(const std::filesystem::path& named) const;
  /// Why it cannot have opened the file to write its log, or the pattern's folder to make such files; empty: it can.
  [[nodiscard]] std::string why_not_written(const std::string& named) const;

 private:
  [[nodiscard]] std::string why_not(const std::string& path, unsigned bits) const;

  Reader owner_;
  std::filesystem::path files_, root_;
};

}  // namespace triaged::discover

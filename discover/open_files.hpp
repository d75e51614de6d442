// Where a process writes: the log files that it has open, and its two outputs. The surest evidence of a log there is.
// Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace triaged::discover {

/// What stands behind standard output or standard error.
struct Output {
  enum class Kind { unknown, file, socket, pipe, terminal, nowhere };

  Kind kind = Kind::unknown;
  std::string path;  // of a file; of a pipe its name, "pipe:[4711]"
};

struct OpenFiles {
  std::vector<std::string> logs;     // files that it appends to and that are called as logs are; each once
  std::vector<std::string> deleted;  // such files that have no name any more
  Output output, error;
  bool are_hidden = false;  // only root may see them
};

[[nodiscard]] OpenFiles open_files_of(std::uint32_t pid, const std::filesystem::path& root);

/// Whether `pid` has the pipe of that name open to read from it.
[[nodiscard]] bool reads_pipe(std::uint32_t pid, const std::string& name, const std::filesystem::path& root);

}  // namespace triaged::discover

#include "daemon/own_files.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace triaged::daemon {

std::vector<std::string> own_files(const config::Configuration& configuration) {
  std::vector<std::string> files;
  for (const auto& sink : configuration.sinks) {
    if (sink.sink == nullptr) continue;
    if (auto file = sink.sink->file(); !file.empty()) files.push_back(std::move(file));
  }
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat status {};
    if (::fstat(stream, &status) != 0 || !S_ISREG(status.st_mode)) continue;
    std::error_code failure;
    const auto path = std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", stream), failure);
    if (!failure) files.push_back(path.string());
  }
  return files;
}

std::vector<std::string> own_programs(const config::Configuration& configuration) {
  std::vector<std::string> programs;
  for (const auto& sink : configuration.sinks) {
    if (sink.sink == nullptr) continue;
    if (auto program = sink.sink->program(); !program.empty()) programs.push_back(std::move(program));
  }
  return programs;
}

}  // namespace triaged::daemon

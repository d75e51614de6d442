#include "base/replace_file.hpp"

#include <cerrno>
#include <cstring>
#include <random>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/descriptor.hpp"

namespace triaged::inline base {

namespace {

constexpr mode_t usual_mode = 0666;  // less the umask

Result<void> write_whole(const std::filesystem::path& path, std::string_view bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, usual_mode));
  if (!file.is_open()) return error(std::strerror(errno));
  while (!bytes.empty()) {
    const auto written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return error(std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code failure;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failure);
  if (failure) return error(failure.message());
  // Not the number of this process: it is 1 in every container, and containers may share a folder.
  std::random_device random;
  const std::filesystem::path beside =
      fmt::format("{}.{:08x}{:08x}{}", path.string(), random(), random(), unfinished_file);
  auto done = write_whole(beside, bytes);
  if (done && ::rename(beside.c_str(), path.c_str()) != 0) done = error(std::strerror(errno));
  if (!done) ::unlink(beside.c_str());
  return done;
}

}  // namespace triaged::inline base

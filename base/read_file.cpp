#include "base/read_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.hpp"

namespace triaged::inline base {

Result<FileText> read_plain_file(const std::filesystem::path& path, std::size_t most) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  const int failure = errno;
  struct stat status {};
  // A socket cannot be opened, and is no plain file either.
  const int stated = file.is_open() ? ::fstat(file.get(), &status) : ::stat(path.c_str(), &status);
  if (stated == 0 && !S_ISREG(status.st_mode)) return error("it is no plain file");
  if (!file.is_open()) return error(std::strerror(failure));
  FileText read;
  // One byte more than there should be: then the end is found without a second round. Files of /proc say 0.
  constexpr std::size_t least_step = 16 * 1024;
  std::size_t step = std::max(least_step, std::min(static_cast<std::size_t>(status.st_size), most) + 1);
  while (true) {
    const auto before = read.text.size();
    read.text.resize(before + step);
    const auto got = ::read(file.get(), read.text.data() + before, step);
    if (got < 0) return error(std::strerror(errno));
    read.text.resize(before + static_cast<std::size_t>(got));
    if (got == 0) return read;
    step = least_step;
    if (read.text.size() <= most) continue;
    read.text.resize(most);
    read.is_cut = true;
    return read;
  }
}

}  // namespace triaged::inline base

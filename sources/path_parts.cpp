#include "sources/path_parts.hpp"

#include <fcntl.h>

#include "sources/file_status.hpp"

namespace triaged::sources {

std::string folder_of_path(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string_view name_of_path(std::string_view path) { return path.substr(path.rfind('/') + 1); }

Descriptor open_to_read(const std::string& path) {
  return Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
}

std::int64_t change_of_folder(const std::string& path) {
  std::error_code failure;
  const std::string folder = folder_of_path(path);
  return status_of(folder.empty() ? "/" : folder, failure).modified;
}

}  // namespace triaged::sources

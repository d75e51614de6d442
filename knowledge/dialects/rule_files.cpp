#include "knowledge/dialects/rule_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <set>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

namespace triaged::knowledge {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_file = 64ULL << 20;  // a list of thousands of records is a tenth of this

bool is_rule_file(const fs::path& path) {
  const auto extension = path.extension();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

/// Hidden files are an editor's, and hidden folders are where Kubernetes keeps the versions of a mounted ConfigMap.
bool is_hidden(const fs::path& path) { return path.filename().native().starts_with('.'); }

class RuleFiles {
 public:
  explicit RuleFiles(Problems& problems) : problems_(problems) {}

  void find(const fs::path& path) {
    std::error_code failure;
    const auto status = fs::status(path, failure);
    if (status.type() == fs::file_type::directory) return walk(path);
    if (status.type() == fs::file_type::regular) return add(path);
    if (status.type() == fs::file_type::not_found) return complain(path, "does not exist");
    complain(path, failure ? failure.message() : "is neither a file nor a folder");
  }

  [[nodiscard]] std::vector<FoundRuleFile> take() && { return std::move(files_); }

 private:
  void walk(const fs::path& folder) {
    std::error_code failure;
    std::vector<fs::directory_entry> entries;  // they know what kind of file they are without another look
    auto entry = fs::directory_iterator(folder, failure);
    for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) entries.push_back(*entry);
    if (failure) return complain(folder, "cannot be read: " + failure.message());
    std::sort(entries.begin(), entries.end());
    for (const auto& item : entries) {
      const auto& path = item.path();
      if (is_hidden(path)) continue;
      const bool is_folder = item.is_directory(failure);
      // Links to files are followed, links to folders are not: they could go round in circles.
      if (is_folder && !item.is_symlink(failure)) walk(path);
      if (is_folder || !is_rule_file(path)) continue;
      if (item.is_regular_file(failure)) {
        add(path);
      } else {
        find(path);
      }
    }
  }

  void add(const fs::path& path) {
    const auto stamp = stamp_of(path);
    if (!stamp) return complain(path, "does not exist");
    if (seen_.emplace(stamp->device, stamp->inode).second) files_.push_back({path, *stamp});
  }

  void complain(const fs::path& path, std::string_view what) {
    problems_.push_back({ProblemLevel::error, path.string(), 0, 0, fmt::format("{} {}", path.string(), what), ""});
  }

  Problems& problems_;
  std::vector<FoundRuleFile> files_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen_;  // device and inode: one file may have several names
};

}  // namespace

std::optional<FileStamp> stamp_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  const auto nanoseconds = [](const timespec& time) { return time.tv_sec * 1'000'000'000LL + time.tv_nsec; };
  return FileStamp{static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim), nanoseconds(status.st_ctim),
                   status.st_dev, status.st_ino};
}

std::vector<FoundRuleFile> find_rule_files(const std::vector<fs::path>& paths, Problems& problems) {
  RuleFiles found(problems);
  for (const auto& path : paths) found.find(path);
  return std::move(found).take();
}

std::optional<std::string> text_of_rule_file(const fs::path& path, Problems& problems) {
  const auto complain = [&](std::string_view reason) {
    problems.push_back({ProblemLevel::error, path.string(), 0, 0, fmt::format("cannot be read: {}", reason), ""});
    return std::nullopt;
  };
  std::error_code failure;
  const auto size = fs::file_size(path, failure);
  if (failure) return complain(failure.message());
  if (size > largest_file) return complain("larger than 64 MiB");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return complain(std::system_category().message(errno));
  std::string text(size, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad()) return complain("input error");
  return text;
}

}  // namespace triaged::knowledge

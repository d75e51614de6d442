#include "scan/find_logs.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <glob.h>
#include <sys/stat.h>

#include "base/utf8.hpp"
#include "scan/other_file.hpp"
#include "sources/file_scan.hpp"
#include "sources/missing_path.hpp"

namespace triaged::scan {

namespace {

namespace fs = std::filesystem;

constexpr int deepest = 16;
constexpr std::size_t most_files = 20'000;
constexpr std::size_t most_named = 3;  // files of a warning

struct FreeGlob {
  void operator()(glob_t* found) const noexcept {
    ::globfree(found);
    delete found;
  }
};

std::vector<std::string> files_like(const std::string& pattern) {
  const std::unique_ptr<glob_t, FreeGlob> found(new glob_t{});
  if (::glob(pattern.c_str(), 0, nullptr, found.get()) != 0) return {};
  return {found->gl_pathv, found->gl_pathv + found->gl_pathc};
}

/// As lastlog begins, and an image of a disk.
bool is_empty_space(std::string_view text) {
  return !text.empty() && text.find_first_not_of('\0') == std::string_view::npos;
}

bool is_own(std::string_view text) { return text.starts_with(R"({"schema":1,"incident":")"); }

std::string about(const std::vector<std::string>& paths) {
  const auto named = std::min(paths.size(), most_named);
  const auto names =
      fmt::format("{}", fmt::join(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(named), ", "));
  return named == paths.size() ? names : fmt::format("{} and {} more", names, paths.size() - named);
}

class Search {
 public:
  void take(const std::string& given) {
    std::error_code failure;
    const auto status = fs::status(given, failure);
    if (given == "-" || (fs::exists(status) && !fs::is_directory(status))) return take_named(given);
    if (fs::is_directory(status)) return walk(given);
    if (failure && failure != std::errc::no_such_file_or_directory && failure != std::errc::not_a_directory) {
      return take_named(given);  // the scan says why it cannot be opened
    }
    const auto files = files_like(given);
    for (const auto& file : files) take(file);
    if (!files.empty()) return;
    ++found_.not_read;
    found_.warnings.push_back(fmt::format("no file at {}: {}", to_printable(given), sources::why_nothing_at(given)));
  }

  FoundLogs found() {
    warn(binary_, "left out, not text");
    warn(own_, "left out, triaged writes it");
    for (const auto& [other, paths] : others_) {
      const auto remedy = remedy_for(other, paths.front());
      found_.warnings.push_back(to_printable(fmt::format("left out, {}: {}; {}", other.what, about(paths), remedy)));
    }
    return std::move(found_);
  }

 private:
  void warn(const std::vector<std::string>& paths, std::string_view why) {
    if (!paths.empty()) found_.warnings.push_back(fmt::format("{}: {}", why, to_printable(about(paths))));
  }

  void take_named(const std::string& path) {
    std::error_code ignored;
    const bool has_beginning = path != "-" && fs::is_regular_file(path, ignored);  // what is read of a pipe is gone
    const auto text = has_beginning ? sources::beginning_of(path, bytes_that_tell) : "";
    if (take_other(path, text)) {
      ++found_.not_read;
    } else {
      found_.paths.push_back(path);
    }
  }

  /// False: it may be a log.
  bool take_other(const std::string& path, std::string_view text) {
    if (const auto other = other_file_of(text)) {
      others_[*other].push_back(path);
    } else if (!is_text(text)) {
      binary_.push_back(path);
    } else {
      return false;
    }
    return true;
  }

  void walk(const fs::path& folder) {
    std::error_code failure;
    const auto before = found_.paths.size();
    auto entry = fs::recursive_directory_iterator(folder, failure);
    if (failure) return cannot_list(folder, failure);
    std::vector<fs::path> files;
    while (entry != fs::recursive_directory_iterator()) {
      const auto path = entry->path();
      visit(entry, files);
      entry.increment(failure);
      if (failure) return cannot_list(path, failure);
      if (files.size() > most_files) {
        found_.warnings.push_back(fmt::format("{} holds more than {} files: only those are read; name a folder in it",
                                              to_printable(folder.string()), most_files));
        break;
      }
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) take_found(file);
    if (found_.paths.size() == before) {
      found_.warnings.push_back(fmt::format("{} holds no log", to_printable(folder.string())));
    }
  }

  void visit(fs::recursive_directory_iterator& entry, std::vector<fs::path>& files) {
    std::error_code failure;
    const auto& path = entry->path();
    const bool is_hidden = path.filename().string().starts_with('.');
    if (entry->is_directory(failure)) {
      const bool is_link = entry->is_symlink(failure);
      if (!is_link && !is_hidden) {
        if (fs::exists(path / "triaged.db", failure)) {
          own_.push_back(path);
        } else if (entry.depth() < deepest && can_list(path)) {
          return;
        }
      }
      entry.disable_recursion_pending();
    } else if (!is_hidden && entry->is_regular_file(failure)) {
      files.push_back(path);
    }
  }

  bool can_list(const fs::path& folder) {
    std::error_code failure;
    (void)fs::directory_iterator(folder, failure);
    if (failure) cannot_list(folder, failure);
    return !failure;
  }

  void cannot_list(const fs::path& folder, const std::error_code& failure) {
    found_.warnings.push_back(fmt::format("cannot list {}: {}", to_printable(folder.string()), failure.message()));
  }

  /// A link beside what it leads to, as in /var/log/containers, is no second file.
  bool is_new(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) != 0 || seen_.emplace(status.st_dev, status.st_ino).second;
  }

  void take_found(const std::string& path) {
    if (!is_new(path)) return;
    const auto text = sources::beginning_of(path, bytes_that_tell);
    if (is_own(text)) {
      own_.push_back(path);
    } else if (is_empty_space(text)) {
      binary_.push_back(path);
    } else if (!take_other(path, text)) {
      found_.paths.push_back(path);
    }
  }

  FoundLogs found_;
  std::vector<std::string> binary_, own_;
  std::map<OtherFile, std::vector<std::string>> others_;
  std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace

FoundLogs find_logs(const std::vector<std::string>& given) {
  Search search;
  for (const auto& path : given) search.take(path);
  return search.found();
}

}  // namespace triaged::scan

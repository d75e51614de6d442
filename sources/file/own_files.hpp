// The files that this daemon writes itself, under whatever name: what a source matches of them is not followed.
#pragma once

#include <string>
#include <vector>

namespace triaged::sources {

class OwnFiles {
 public:
  /// `paths` are absolute. A file need not exist yet.
  explicit OwnFiles(std::vector<std::string> paths);

  /// The one of them that `path` is, or of which it is a rotated file, or to which it leads by a link; nullptr: none.
  /// Free without own files; a few calls of stat() with them.
  [[nodiscard]] const std::string* find(const std::string& path) const;

 private:
  std::vector<std::string> paths_;  // without links in their folders
};

}  // namespace triaged::sources

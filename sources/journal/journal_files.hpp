// The files of a journal, as far as libsystemd says nothing about them: it passes over what it cannot open without a
// word. Looks at their heads only (the format is described at systemd.io/JOURNAL_FILE_FORMAT).
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace triaged::sources {

class JournalFiles {
 public:
  /// `folder` with the files of a journal, and one deeper, where each host has a folder; empty: those of this host.
  explicit JournalFiles(std::string folder);

  /// Looks again. Messages about files that cannot be read since now.
  [[nodiscard]] std::vector<std::string> look();

  /// The folders are others than at the last look: one was made or moved away.
  [[nodiscard]] bool have_folders_changed() const { return have_folders_changed_; }
  /// Files of journals, and those of them that must not be read, or are none that libsystemd could read.
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::size_t forbidden() const { return forbidden_; }
  [[nodiscard]] std::size_t damaged() const { return damaged_.size(); }

 private:
  void look_in(const std::string& folder, int depth, std::vector<std::string>& damaged);

  std::vector<std::string> folders_;
  std::vector<std::uint64_t> inodes_;  // of folders_; 0: it is not there
  std::set<std::string> damaged_;
  std::size_t count_ = 0, forbidden_ = 0;
  bool have_folders_changed_ = false;
};

}  // namespace triaged::sources

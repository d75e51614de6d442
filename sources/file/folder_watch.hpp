// Reports changes in folders, by one inotify instance for all of them (a host allows few instances but many watches).
// When the system refuses, it says so and the caller has to check the files itself: inotify makes the follower quick,
// but it is not needed to be correct.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sys/inotify.h>

#include "base/descriptor.hpp"

namespace triaged::sources {

class FolderWatch {
 public:
  FolderWatch();

  /// Readable when drain() has something to report; -1 when there is no inotify.
  [[nodiscard]] int descriptor() const { return inotify_.get(); }

  /// Watches these folders and no others. A folder that does not exist is left out until it is asked for again.
  void watch(const std::vector<std::string>& folders);

  /// Whether a change can go unnoticed: there is no inotify or a folder could not be watched.
  [[nodiscard]] bool is_blind() const { return !inotify_.is_open() || refused_ > 0; }

  /// Whether a watched folder is on a file system that others write to as well, such as NFS: what they write there goes
  /// unnoticed, too.
  [[nodiscard]] bool is_shared() const { return !shared_.empty(); }

  enum class Change {
    text,     // a file was written to
    name,     // a name came, went, moved, or its permissions changed
    unknown,  // too much happened at once, or the folder itself went: anything may have changed
  };
  /// `moved_from` is where a file of that name stood before, when it was renamed within the watched folders; else
  /// empty.
  using OnChange = std::function<void(Change, const std::string& path, const std::string& moved_from)>;
  /// Calls `on_change` for everything that happened since the last call; returns at once when that is nothing.
  void drain(const OnChange& on_change);

  /// How often more happened than the system keeps: names that came and went by then are not known.
  [[nodiscard]] std::uint64_t overflows() const { return overflows_; }

  /// Why is_blind() became true, and that changes were missed: one message for each reason, once.
  [[nodiscard]] std::vector<std::string> take_messages() { return std::exchange(messages_, {}); }

 private:
  void add(const std::string& folder);
  void remove(const std::string& folder);
  void report(const inotify_event& event, const OnChange& on_change);
  void forget(int watch);

  Descriptor inotify_;
  std::map<std::string, int> watches_;               // folder -> watch
  std::map<int, std::vector<std::string>> folders_;  // watch -> its names: a symbolic link makes two of one
  std::set<std::string> shared_;                     // of the watched folders
  std::uint32_t moving_ = 0;  // the last file that left its name, to be reported with its next one
  std::string moved_from_;
  std::size_t refused_ = 0;
  bool said_refused_ = false;
  std::uint64_t overflows_ = 0;
  std::vector<std::string> messages_;
};

}  // namespace triaged::sources

#include "sources/file/folder_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/vfs.h>

namespace triaged::sources {

namespace {

constexpr std::uint32_t name_events = IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ATTRIB;
constexpr std::uint32_t folder_events = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;

// inotify says "no space left on device" and "too many open files" when a limit of its own is reached.
std::string reason(int failure, std::string_view limit) {
  if (failure == ENOSPC || failure == EMFILE) return fmt::format("a limit is reached; raise {}", limit);
  return std::strerror(failure);
}

// By the numbers of statfs(2); FUSE's may be a local one, which nobody knows.
bool is_on_shared_file_system(const std::string& folder) {
  struct statfs status {};
  if (::statfs(folder.c_str(), &status) != 0) return false;
  constexpr std::array<std::uint32_t, 8> shared{0x6969,       // NFS
                                                0x517B,       // SMB
                                                0xFE534D42,   // SMB 2
                                                0xFF534D42,   // CIFS
                                                0x65735546,   // FUSE
                                                0x01021997,   // 9P
                                                0x00C36400,   // Ceph
                                                0x0BD00BD0};  // Lustre
  return std::find(shared.begin(), shared.end(), static_cast<std::uint32_t>(status.f_type)) != shared.end();
}

}  // namespace

FolderWatch::FolderWatch() : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (inotify_.is_open()) return;
  messages_.push_back(fmt::format("cannot use inotify ({}): files are checked every second instead",
                                  reason(errno, "fs.inotify.max_user_instances or the limit of open files")));
}

void FolderWatch::watch(const std::vector<std::string>& folders) {
  if (!inotify_.is_open()) return;
  std::vector<std::string> superfluous;
  for (const auto& [folder, watch] : watches_) {
    if (!std::binary_search(folders.begin(), folders.end(), folder)) superfluous.push_back(folder);
  }
  for (const std::string& folder : superfluous) remove(folder);
  refused_ = 0;
  for (const std::string& folder : folders) {
    if (!watches_.contains(folder)) add(folder);
  }
}

void FolderWatch::add(const std::string& folder) {
  const int watch =
      ::inotify_add_watch(inotify_.get(), folder.c_str(), name_events | IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF);
  if (watch >= 0) {
    watches_[folder] = watch;
    folders_[watch].push_back(folder);
    if (is_on_shared_file_system(folder)) shared_.insert(folder);
    return;
  }
  if (errno == ENOENT || errno == ENOTDIR) return;
  ++refused_;
  if (std::exchange(said_refused_, true)) return;
  messages_.push_back(fmt::format("cannot watch {} ({}): its files are checked every second instead", folder,
                                  reason(errno, "fs.inotify.max_user_watches")));
}

void FolderWatch::remove(const std::string& folder) {
  const auto found = watches_.find(folder);
  const int watch = found->second;
  watches_.erase(found);
  shared_.erase(folder);
  auto& names = folders_[watch];
  names.erase(std::remove(names.begin(), names.end(), folder), names.end());
  if (!names.empty()) return;
  folders_.erase(watch);
  ::inotify_rm_watch(inotify_.get(), watch);
}

void FolderWatch::drain(const OnChange& on_change) {
  if (!inotify_.is_open()) return;
  alignas(inotify_event) std::array<char, 64 * 1024> events;
  for (;;) {
    const ssize_t size = ::read(inotify_.get(), events.data(), events.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    for (const char* at = events.data(); at < events.data() + size;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(at);
      report(event, on_change);
      at += sizeof event + event.len;
    }
  }
}

void FolderWatch::report(const inotify_event& event, const OnChange& on_change) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    if (overflows_++ == 0) {
      messages_.push_back(
          "too many files changed at once for inotify: a file that was created and then renamed to an unusual name may "
          "have been missed; raise fs.inotify.max_queued_events");
    }
    return on_change(Change::unknown, "", "");
  }
  const auto found = folders_.find(event.wd);
  if (found == folders_.end()) return;
  if ((event.mask & folder_events) != 0) {
    forget(event.wd);
    return on_change(Change::unknown, "", "");
  }
  if (event.len == 0) return;
  const Change change = (event.mask & name_events) != 0 ? Change::name : Change::text;
  const auto path_in = [&](const std::string& folder) { return (folder == "/" ? "" : folder) + "/" + event.name; };
  if ((event.mask & IN_MOVED_FROM) != 0) {
    moving_ = event.cookie;
    moved_from_ = path_in(found->second.front());
  }
  const bool has_come_from = (event.mask & IN_MOVED_TO) != 0 && event.cookie == moving_;
  for (const std::string& folder : found->second) on_change(change, path_in(folder), has_come_from ? moved_from_ : "");
}

// The folder is gone or has moved: later events of this watch are not about that name.
void FolderWatch::forget(int watch) {
  const auto names = std::move(folders_[watch]);
  folders_.erase(watch);
  for (const std::string& name : names) {
    watches_.erase(name);
    shared_.erase(name);
  }
  ::inotify_rm_watch(inotify_.get(), watch);
}

}  // namespace triaged::sources

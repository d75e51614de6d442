// filesystem-full, filesystem-has-room: is any local file system of the host full? All of them are looked at, because
// the path that a log names may be a client's, and because it often is another one than the log's.
#include "probes/file_system.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <sys/statvfs.h>

#include "base/utf8.hpp"
#include "probes/host_files.hpp"
#include "probes/probe_kinds.hpp"
#include "probes/process_table.hpp"

namespace triaged::probes {

namespace {

constexpr std::size_t most_mounts = 256;
constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t little_room = 64 * mebibyte;  // and less than a hundredth
constexpr std::uint64_t few_files = 100;

/// Those that hold files of services. Network file systems may hang, the others are never full or always.
bool is_local(std::string_view kind) {
  constexpr std::array<std::string_view, 10> kinds = {"ext2", "ext3", "ext4",  "xfs",  "btrfs",
                                                      "zfs",  "f2fs", "tmpfs", "vfat", "overlay"};
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

std::string shown_size(std::uint64_t bytes) {
  constexpr std::uint64_t gibibyte = 1024 * mebibyte;
  return bytes >= 10 * gibibyte ? fmt::format("{} GiB", bytes / gibibyte) : fmt::format("{} MiB", bytes / mebibyte);
}

/// A line of mountinfo: "36 35 98:0 / /srv ro,noatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro". What counts is
/// whether the file system may be written, not whether this process may: its unit mounts everything read-only.
std::string_view writable_local_mount(std::string_view line) {
  const auto words = words_of(line);
  const auto dash = std::find(words.begin(), words.end(), "-");
  constexpr std::size_t point = 4;
  if (words.size() <= point || words.end() - dash < 4) return {};
  return is_local(dash[1]) && dash[3].starts_with("rw") && is_plain_path(words[point]) ? words[point]
                                                                                       : std::string_view();
}

}  // namespace

std::string why_full(const FileSystemRoom& room) {
  if (room.size == 0) return "";
  if (room.free < little_room && room.free < std::max<std::uint64_t>(room.size / 100, 1)) {
    return fmt::format("{} of {} are left", shown_size(room.free), shown_size(room.size));
  }
  if (room.files > 0 && room.free_files < few_files && room.free_files < room.files / 100 + 1) {
    return fmt::format("{} of {} files (inodes) are left", room.free_files, room.files);
  }
  return "";
}

Finding probe_file_systems(const ProbeQuestion& question, const std::filesystem::path& root) {
  if (!is_its_host(question, root)) return unknown_because(may_be_elsewhere);
  const auto mounts = read_host_file(root / "proc/self/mountinfo", mebibyte);
  if (!mounts || mounts->is_cut) return unknown_because("the list of mounted file systems cannot be read");
  std::set<std::string_view> looked_at;
  std::string_view text = mounts->text;
  while (!text.empty() && looked_at.size() < most_mounts) {
    const auto point = writable_local_mount(take_line(text));
    if (point.empty() || !looked_at.insert(point).second) continue;
    struct statvfs status {};
    if (::statvfs(below(root, point).c_str(), &status) != 0) continue;
    const auto why = why_full({.size = static_cast<std::uint64_t>(status.f_blocks) * status.f_frsize,
                               .free = static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize,
                               .files = status.f_files,
                               .free_files = status.f_favail});
    if (!why.empty()) {
      return {"filesystem-full", fmt::format("the file system at {} is full: {}", to_printable(point), why)};
    }
  }
  if (looked_at.empty()) return unknown_because("no local file system is to be seen");
  return {"filesystem-has-room", "every local file system has room"};
}

}  // namespace triaged::probes

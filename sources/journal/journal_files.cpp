#include "sources/journal/journal_files.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>

#include "base/descriptor.hpp"
#include "sources/file_status.hpp"

namespace triaged::sources {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t smallest_header = 208;  // of the first version; it tells its own size at header_size_at
constexpr std::size_t header_size_at = 88;
constexpr std::array<char, 8> signature{'L', 'P', 'K', 'S', 'H', 'H', 'R', 'H'};

enum class Health { good, forbidden, damaged, gone };

/// A file that journald has just made is empty for a moment.
Health health_of(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!file.is_open()) return errno == EACCES || errno == EPERM ? Health::forbidden : Health::gone;
  std::error_code failure;
  const auto status = status_of(file.get(), failure);
  if (failure || !status.is_regular) return Health::gone;
  if (status.size == 0) return Health::good;
  std::array<char, smallest_header> header{};
  if (::pread(file.get(), header.data(), header.size(), 0) != static_cast<ssize_t>(header.size())) {
    return Health::damaged;
  }
  if (std::memcmp(header.data(), signature.data(), signature.size()) != 0) return Health::damaged;
  std::uint64_t size = 0;
  for (int byte = 7; byte >= 0; --byte) {
    size = size << 8U | static_cast<unsigned char>(header[header_size_at + static_cast<std::size_t>(byte)]);
  }
  return size < smallest_header || size > status.size ? Health::damaged : Health::good;
}

bool is_of_journal(const std::string& name) { return name.ends_with(".journal") || name.ends_with(".journal~"); }

std::uint64_t inode_of(const std::string& folder) {
  std::error_code failure;
  const auto status = status_of(folder, failure);
  return failure ? 0 : status.inode;
}

}  // namespace

JournalFiles::JournalFiles(std::string folder) {
  if (folder.empty()) {
    folders_ = {"/var/log/journal", "/run/log/journal"};
  } else {
    folders_.push_back(std::move(folder));
  }
  for (const auto& each : folders_) inodes_.push_back(inode_of(each));
}

std::vector<std::string> JournalFiles::look() {
  count_ = forbidden_ = 0;
  have_folders_changed_ = false;
  std::vector<std::string> damaged;
  for (std::size_t i = 0; i < folders_.size(); ++i) {
    const auto inode = inode_of(folders_[i]);
    have_folders_changed_ = have_folders_changed_ || inode != inodes_[i];
    inodes_[i] = inode;
    look_in(folders_[i], 1, damaged);
  }
  std::vector<std::string> messages;
  for (const auto& path : damaged) {
    if (damaged_.contains(path)) continue;
    messages.push_back(fmt::format(
        "cannot read {}: its header is damaged, so its entries are left out; 'journalctl --verify' says more", path));
  }
  damaged_ = {damaged.begin(), damaged.end()};
  return messages;
}

void JournalFiles::look_in(const std::string& folder, int depth, std::vector<std::string>& damaged) {
  std::error_code failure;
  fs::directory_iterator entry(folder, failure);
  while (!failure && entry != fs::directory_iterator()) {
    const auto path = entry->path().string();
    std::error_code unknown;
    if (is_of_journal(path)) {
      ++count_;
      const auto health = health_of(path);
      if (health == Health::forbidden) ++forbidden_;
      if (health == Health::damaged) damaged.push_back(path);
    } else if (depth > 0 && entry->is_directory(unknown) && !unknown) {
      look_in(path, depth - 1, damaged);
    }
    entry.increment(failure);
  }
}

}  // namespace triaged::sources

#include "sources/file/file_identity.hpp"

#include <algorithm>

#include <fcntl.h>
#include <unistd.h>

namespace triaged::sources {

std::uint64_t fnv1a(std::string_view bytes, std::uint64_t so_far) {
  for (const char byte : bytes) so_far = (so_far ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return so_far;
}

FileIdentity identity_of(const FileStatus& status) {
  return {.device = status.device, .inode = status.inode, .born = status.born};
}

FilePlace beginning_of(const FileStatus& status) {
  FilePlace place;
  place.file = identity_of(status);
  place.modified = status.modified;
  return place;
}

bool is_same_inode(const FileIdentity& identity, const FileStatus& status) {
  if (identity.inode != status.inode) return false;
  // Inode and birth together are enough, and the device number of a volume may differ after a reboot.
  if (identity.born != 0 && status.born != 0) return identity.born == status.born;
  return identity.device == status.device;
}

std::string bytes_at(int file, std::uint64_t offset, std::size_t length) {
  std::string bytes(length, '\0');
  std::size_t filled = 0;
  while (filled < length) {
    const ssize_t count = ::pread(file, bytes.data() + filled, length - filled, static_cast<off_t>(offset + filled));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    filled += static_cast<std::size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

bool has_text_of(const FilePlace& place, int file, const FileStatus& status) {
  if (status.size < place.reach()) return false;
  const std::string before = bytes_at(file, place.offset - place.before_length, place.before_length);
  if (before.size() != place.before_length || fnv1a(before) != place.before_hash) return false;
  const std::string head = bytes_at(file, place.file.head_start, place.file.head_length);
  return head.size() == place.file.head_length && fnv1a(head) == place.file.head_hash;
}

void grow_head(FileIdentity& identity, std::string_view more) {
  if (identity.head_length == 0) {
    const std::size_t nul = leading_nul_bytes(more);
    identity.head_start += nul;
    more.remove_prefix(nul);
  }
  more = more.substr(0, longest_head - identity.head_length);
  while (!more.empty()) {
    const std::size_t to_step = head_step - identity.head_length % head_step;
    const std::string_view piece = more.substr(0, to_step);
    identity.head_hash = fnv1a(piece, identity.head_hash);
    identity.head_length += static_cast<std::uint32_t>(piece.size());
    if (piece.size() == to_step) {
      identity.head_hashes[identity.head_length / head_step - 1] = static_cast<std::uint32_t>(identity.head_hash);
    }
    more.remove_prefix(piece.size());
  }
}

void grow_head(FileIdentity& identity, int file, std::uint64_t size) {
  constexpr std::uint64_t behind_nul = 64 * 1024;
  while (identity.head_length < longest_head && identity.head_end() < size) {
    if (identity.head_length == 0) {
      const off_t data = ::lseek(file, static_cast<off_t>(identity.head_start), SEEK_DATA);
      if (data < 0 && errno == ENXIO) return;
      identity.head_start = std::max(identity.head_start, static_cast<std::uint64_t>(std::max<off_t>(data, 0)));
      if (identity.head_start >= size) return;
    }
    const std::uint64_t wanted = identity.head_start == 0 ? longest_head - identity.head_length : behind_nul;
    const std::string more = bytes_at(file, identity.head_end(), std::min(wanted, size - identity.head_end()));
    if (more.empty()) return;
    grow_head(identity, more);
  }
}

bool head_begins_with(const FileIdentity& identity, std::string_view text) {
  const std::size_t steps = std::min<std::size_t>(text.size(), identity.head_length) / head_step;
  return steps > 0 &&
         static_cast<std::uint32_t>(fnv1a(text.substr(0, steps * head_step))) == identity.head_hashes[steps - 1];
}

}  // namespace triaged::sources

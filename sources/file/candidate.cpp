#include "sources/file/candidate.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <unistd.h>

#include "sources/line_splitter.hpp"
#include "sources/path_parts.hpp"

namespace triaged::sources {

namespace {

// The same file once more, from its start, whatever it is called by now.
Descriptor reopened(const Candidate& candidate) {
  Descriptor file = open_to_read("/proc/self/fd/" + std::to_string(candidate.file.get()));
  return file.is_open() ? std::move(file) : open_to_read(candidate.path);
}

// Bytes of the text of a compressed file; fewer when it is shorter or damaged.
std::string unpacked_bytes(const Candidate& candidate, std::uint64_t offset, std::size_t length) {
  std::string bytes(length, '\0');
  std::array<char, 64 * 1024> passed;
  std::size_t filled = 0;
  auto text = open_byte_stream(reopened(candidate), candidate.path);
  while (text && filled < length) {
    const bool is_before = offset > 0;
    const auto into = is_before ? std::span(passed).first(std::min<std::uint64_t>(passed.size(), offset))
                                : std::span(bytes).subspan(filled);
    const auto count = (*text)->read(into);
    if (!count || *count == 0) break;
    if (is_before) {
      offset -= *count;
    } else {
      filled += *count;
    }
  }
  bytes.resize(filled);
  return bytes;
}

// The NUL bytes with which its text begins: a hole of a program that does not append, which tells nothing.
std::uint64_t leading_nul_bytes_of(const Candidate& candidate) {
  constexpr std::size_t block_size = 64 * 1024;
  std::uint64_t count = 0;
  if (candidate.compression == Compression::none) {
    const off_t data = ::lseek(candidate.file.get(), 0, SEEK_DATA);
    count = data > 0 ? static_cast<std::uint64_t>(data) : 0;
    for (;;) {
      const std::string block = bytes_at(candidate.file.get(), count, block_size);
      const auto nul = leading_nul_bytes(block);
      count += nul;
      if (nul < block_size) return count;
    }
  }
  std::array<char, block_size> block;
  auto text = open_byte_stream(reopened(candidate), candidate.path);
  while (text) {
    const auto size = (*text)->read(block);
    if (!size || *size == 0) break;
    const auto nul = leading_nul_bytes({block.data(), *size});
    count += nul;
    if (nul < *size) break;
  }
  return count;
}

// What should be the head of `file`.
std::string head_in(const Candidate& candidate, const FileIdentity& file) {
  return text_at(candidate, file.head_start, file.head_length);
}

// Lines that were written between the copy and the truncation may have been read: then the copy has less than was read.
bool is_shorter_copy(const Candidate& candidate, const FilePlace& place) {
  const std::string head = head_in(candidate, place.file);
  if (head.size() == place.file.head_length && fnv1a(head) != place.file.head_hash) return false;
  return place.reach() > 0 && head_begins_with(place.file, head) && text_at(candidate, place.reach() - 1, 1).empty();
}

// The file itself, when it still has the text that was read from it.
Descriptor opened_if_intact(const SeenFile& seen) {
  Descriptor file = seen.descriptor >= 0 ? Descriptor(::dup(seen.descriptor)) : open_to_read(seen.place.path);
  if (!file.is_open()) return {};
  std::error_code failure;
  const FileStatus status = status_of(file.get(), failure);
  const bool is_intact =
      !failure && is_same_inode(seen.place.file, status) && has_text_of(seen.place, file.get(), status);
  return is_intact ? std::move(file) : Descriptor();
}

}  // namespace

std::optional<Candidate> open_candidate(const std::string& path) {
  std::error_code failure;
  Candidate candidate{.path = path, .status = {}, .file = open_to_read(path)};
  candidate.failure = candidate.file.is_open() ? 0 : errno;
  candidate.status = candidate.file.is_open() ? status_of(candidate.file.get(), failure) : status_of(path, failure);
  if (failure || !candidate.status.is_regular) return std::nullopt;
  if (candidate.file.is_open())
    candidate.compression = compression_of(bytes_at(candidate.file.get(), 0, recognised_bytes));
  return candidate;
}

std::string text_at(const Candidate& candidate, std::uint64_t offset, std::size_t length) {
  if (!candidate.file.is_open()) return {};
  return candidate.compression == Compression::none ? bytes_at(candidate.file.get(), offset, length)
                                                    : unpacked_bytes(candidate, offset, length);
}

bool has_text(const Candidate& candidate, const FilePlace& place) {
  if (!candidate.file.is_open()) return false;
  if (candidate.compression == Compression::none) return has_text_of(place, candidate.file.get(), candidate.status);
  const std::string head = head_in(candidate, place.file);
  return head.size() == place.file.head_length && fnv1a(head) == place.file.head_hash;
}

// gzip ends with the size of its text (of its last member, modulo 4 GiB).
bool has_text_up_to(const Candidate& candidate, const FilePlace& place) {
  // The head tells most apart; what lies behind it may have to be unpacked.
  const std::string head = head_in(candidate, place.file);
  const bool is_whole = head.size() == place.file.head_length;
  if (is_whole ? fnv1a(head) != place.file.head_hash : !head_begins_with(place.file, head)) return false;
  const std::string before = text_at(candidate, place.offset - place.before_length, place.before_length);
  if (before.size() != place.before_length || fnv1a(before) != place.before_hash) return false;
  return place.already_emitted == 0 || !text_at(candidate, place.reach() - 1, 1).empty();
}

bool has_more_than(std::uint64_t offset, const Candidate& candidate) {
  const std::uint64_t size = candidate.status.size;
  if (!candidate.file.is_open() || candidate.compression == Compression::none) return size > offset;
  if (candidate.compression != Compression::gzip || size < 4) return true;
  std::uint32_t text_size = 0;
  for (const char byte : bytes_at(candidate.file.get(), size - 4, 4)) {
    text_size = text_size >> 8 | static_cast<std::uint32_t>(static_cast<unsigned char>(byte)) << 24;
  }
  return text_size != static_cast<std::uint32_t>(offset);
}

bool is_start_of(const Candidate& candidate, int file) {
  if (!candidate.file.is_open()) return false;
  constexpr std::size_t enough = 64 * 1024;  // longer than any header that all generations could have in common
  std::error_code failure;
  const std::uint64_t size = status_of(candidate.file.get(), failure).size;
  const std::uint64_t nul = leading_nul_bytes_of(candidate);
  const std::uint64_t before = std::min<std::uint64_t>(nul, LineSplitter::longest_before);
  const std::string copied = std::string(before, '\0') + text_at(candidate, nul, enough);
  if (failure || bytes_at(file, nul - before, copied.size()) != copied) return false;
  if (candidate.compression != Compression::none || size <= nul - before + copied.size()) return true;
  const std::uint64_t end = size - LineSplitter::longest_before;
  return bytes_at(file, end, LineSplitter::longest_before) ==
         bytes_at(candidate.file.get(), end, LineSplitter::longest_before);
}

// All of this may change while it is looked at. A copy is written and then the file truncated (or removed), never the
// other way round: so when the file does not stand there any more, its copy, looked at after that, is complete.
bool is_copy(Candidate& candidate, const SeenFile& seen) {
  if (!candidate.file.is_open()) return false;
  const Descriptor file = opened_if_intact(seen);
  if (file.is_open()) {
    const std::string head = head_in(candidate, seen.place.file);
    const bool has_head = bytes_at(file.get(), seen.place.file.head_start, head.size()) == head;
    if (has_head && is_start_of(candidate, file.get())) return true;
    if (opened_if_intact(seen).is_open()) return false;
  }
  std::error_code failure;
  candidate.status = status_of(candidate.file.get(), failure);
  if (failure || seen.place.file.head_length == 0) return false;
  if (!has_text(candidate, seen.place)) return is_shorter_copy(candidate, seen.place);
  // Of a file that is gone and was read to its end there may be a copy; one with more text than that is another file
  // with the same header, unless too much is the same for a header.
  const std::uint64_t reach = seen.place.reach();
  return seen.descriptor >= 0 || reach > longest_head || text_at(candidate, reach, 1).empty();
}

bool is_copy_of(const SeenFile& seen, const std::string& path, int file, const FileStatus& status) {
  Candidate candidate{
      .path = path, .status = status, .file = Descriptor(::dup(file)), .compression = Compression::none};
  return is_copy(candidate, seen);
}

}  // namespace triaged::sources

// A file that rotation may have made of a followed one, and what its text shows: whether it has the text that was read
// from the followed file, is a copy of it, or begins as it does. Compressed files are compared by their unpacked text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/descriptor.hpp"
#include "sources/byte_stream.hpp"
#include "sources/file/file_identity.hpp"

namespace triaged::sources {

struct Candidate {
  std::string path;
  FileStatus status;
  Descriptor file;  // closed when it may not be read: then nothing is known of its text
  Compression compression = Compression::none;
  int failure = 0;  // why it is closed (errno)
};

/// nullopt when there is no regular file at `path`.
[[nodiscard]] std::optional<Candidate> open_candidate(const std::string& path);

/// Bytes of its text; fewer when it is shorter, damaged or may not be read.
[[nodiscard]] std::string text_at(const Candidate& candidate, std::uint64_t offset, std::size_t length);

/// Whether it has the text that was read up to `place`. Of a compressed file only the head is compared here; the bytes
/// before the place are, when reading comes to them.
[[nodiscard]] bool has_text(const Candidate& candidate, const FilePlace& place);

/// Whether it has the text that was read up to `place`, a compressed one, too; it may end before the marks do that were
/// taken of lines which were not read yet.
[[nodiscard]] bool has_text_up_to(const Candidate& candidate, const FilePlace& place);

/// Whether its text goes on behind `offset`; true also when only unpacking it would show that.
[[nodiscard]] bool has_more_than(std::uint64_t offset, const Candidate& candidate);

/// Whether all of its text is the beginning of that of `file`, as far as its own beginning and, of a plain file, its
/// end show. It is looked at first: `file` may be growing.
[[nodiscard]] bool is_start_of(const Candidate& candidate, int file);

/// A file of which marks are remembered.
struct SeenFile {
  FilePlace place;
  int descriptor = -1;  // when it is open
};

/// Whether it is a copy of `seen`, or is becoming one. As long as `seen` itself stands there with the text that was
/// read, a copy has no more than that: another file with the same header is recognised by having more.
[[nodiscard]] bool is_copy(Candidate& candidate, const SeenFile& seen);

/// The same of an open plain file.
[[nodiscard]] bool is_copy_of(const SeenFile& seen, const std::string& path, int file, const FileStatus& status);

}  // namespace triaged::sources

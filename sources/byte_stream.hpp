// The text of an open file from its start to its end, unpacked when it is compressed: gzip, zstd, xz and
// bzip2 are recognised from their first bytes, whatever the file is called. Used by FileScan, and by the file follower
// to finish a log that was compressed before it was read to its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/descriptor.hpp"
#include "base/result.hpp"

namespace triaged::sources {

enum class Compression { none, gzip, zstd, xz, bzip2 };

/// So many bytes of a file tell what it is compressed with.
inline constexpr std::size_t recognised_bytes = 10;

/// What a file that begins with `head` is compressed with.
[[nodiscard]] Compression compression_of(std::span<const char> head);

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Puts the next bytes of the text at the start of `into` (not empty) and says how many; 0 at the end. May give fewer
  /// than there is room for (a pipe gives what it has). Fails, for good, on a read error and on damaged compression;
  /// all text that came before the damage has been returned.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<char> into) = 0;

  /// Bytes of the file consumed so far, as they lie on disk.
  [[nodiscard]] virtual std::uint64_t bytes_done() const = 0;
};

/// Reads `file` from where it stands; `name` is what messages call it. Waits for the first bytes of a pipe.
[[nodiscard]] Result<std::unique_ptr<ByteStream>> open_byte_stream(Descriptor file, std::string name);

/// The same of a file that is known to be plain.
[[nodiscard]] std::unique_ptr<ByteStream> open_plain_stream(Descriptor file, std::string name);

}  // namespace triaged::sources

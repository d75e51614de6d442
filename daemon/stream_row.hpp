// Where one stream stands, as a Place keeps it: in one piece of memory, and packed. Cursors are JSON, half of which is
// names that all of them share and digits, and thousands of quiet logs have one each: packed, a row takes a third.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace triaged::daemon {

class StreamRow {
 public:
  /// Empty: has none.
  struct Parts {
    std::string cursor, reader;
  };

  StreamRow(std::string_view stream, const Parts& parts);

  [[nodiscard]] std::string_view stream() const;
  [[nodiscard]] Parts parts() const;
  /// Has none of them.
  [[nodiscard]] bool is_empty() const;

  /// Copies of a row are one piece of memory.
  [[nodiscard]] bool is_copy_of(const StreamRow& other) const { return bytes_ == other.bytes_; }
  friend bool operator==(const StreamRow& one, const StreamRow& other) { return one.whole() == other.whole(); }

 private:
  [[nodiscard]] std::string_view whole() const;

  std::shared_ptr<const char[]> bytes_;  // the sizes of what follows: the stream, and its parts, packed
};

}  // namespace triaged::daemon

// How the engine of the CRE format reads a log: which of some 30 ways of writing the time a file has, decided by its
// first 16 KiB, and which lines are one entry. Exactly as that engine does it, its mistakes included (a time of
// microseconds is cut to milliseconds, parts of a split container line stay apart), for `triaged scan --parity cre`.
// Everything else reads lines with LineReader.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace triaged::cre {

inline constexpr std::size_t cre_sample_bytes = 16 * 1024;
inline constexpr std::size_t cre_longest_line = 4 * 1024 * 1024;  // a file is read no further than one that is longer

struct CreEntry {
  std::int64_t at = 0;  // nanoseconds since 1970
  std::string text;     // what terms are looked for in
};

class CreLogFormat {
 public:
  /// By the first bytes of a file, at most cre_sample_bytes; nullopt: no line of them has a time. `reference` completes
  /// times without a year.
  [[nodiscard]] static std::optional<CreLogFormat> detect(std::string_view sample, TimePoint reference);
  ~CreLogFormat();
  CreLogFormat(CreLogFormat&&) noexcept;
  CreLogFormat& operator=(CreLogFormat&&) noexcept;

  /// nullopt: the line is not one of this format.
  [[nodiscard]] std::optional<CreEntry> read(std::string_view line) const;
  /// Lines that are not of this format belong to the entry before them.
  [[nodiscard]] bool folds() const;
  /// The time of the first line that has one: files are read in this order.
  [[nodiscard]] std::int64_t first_at() const;

 private:
  struct Way;
  explicit CreLogFormat(std::unique_ptr<Way> way);
  std::unique_ptr<Way> way_;
};

}  // namespace triaged::cre

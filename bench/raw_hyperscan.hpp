// The yardstick: the same patterns and the same bytes, already in memory, with nothing but one hs_scan a whole line. No
// reading, no formats, no fields, no diagnosis. No program that matches line by line with Hyperscan can be faster.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace triaged::bench {

class RawHyperscan {
 public:
  /// Throws when Hyperscan refuses a pattern.
  explicit RawHyperscan(const std::vector<std::string>& patterns);
  ~RawHyperscan();

  /// How many lines of `text` match at least one pattern.
  [[nodiscard]] std::uint64_t count_matching_lines(std::string_view text) const;

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace triaged::bench

// Counts the lines of signatures whose lines are many and only matter by their number ("more than 20 answers of 502 a
// minute"), requests that were answered as they should be, and requests for URLs that fail: one finding for all lines
// of a second in a batch, never one a line. Private to this room.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "values/finding.hpp"

namespace triaged::matcher {

class LineCounts {
 public:
  /// Lines that are counted together.
  struct Kind {
    unsigned signature = 0;
    std::chrono::sys_seconds second;
    std::string_view by;       // what they have in common; may be empty
    std::uint32_t stream = 0;  // of those that run through each other in the source
  };

  /// Counts the line at `offset`. True: it is the first of its kind that counts, and begin() must follow.
  [[nodiscard]] bool add(const Kind& kind, std::uint64_t offset);
  /// What stands in place of a term when the lines are of none.
  static constexpr std::uint32_t answers = 0, failed_requests = 0xffffffff, other_requests = 0xfffffffe;
  /// The line that stands for those of the kind that was just added, and the term that it is of.
  void begin(MatchedLine first_line, std::uint32_t term);
  /// The lines from `offset` on do not count, they were forged; except those of a kind whose first line is spared. How
  /// many those are.
  std::size_t take_back(std::uint64_t offset, const std::function<bool(const MatchedLine&)>& is_spared);
  /// Appends what each kind came to and forgets all.
  void finish(std::vector<Finding>& findings);

 private:
  struct Count {
    unsigned signature = 0;
    std::chrono::sys_seconds second;
    std::string by;
    std::uint32_t stream = 0;
    TermCount found;
  };
  struct Line {
    std::uint64_t offset = 0;
    std::size_t count = 0;  // in counts_
  };

  [[nodiscard]] static std::string key_of(const Kind& kind);

  std::vector<Count> counts_;
  std::size_t added_ = 0;  // in counts_
  std::unordered_map<std::string, std::size_t> by_key_;
  std::vector<std::size_t> latest_;  // by signature: its last count + 1, where the next line most likely belongs
  std::vector<Line> lines_;          // 16 bytes a counted line, for take_back(); a batch has at most 256 KiB
};

}  // namespace triaged::matcher

// When lines without a time were written: about when the nearest line of their stream was that has one, above or below.
// Who follows a log knows better, for a line is read when it is written; who reads a file knows nothing else. Private
// to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "matcher/matcher.hpp"

namespace triaged::matcher {

/// Of the lines of one batch, which come in their order.
class NearTimes {
 public:
  void begin_batch();
  /// A line of `stream` at `offset` has a time.
  void see_time(std::uint64_t offset, std::uint32_t stream, TimePoint at);
  /// Something was found in a line without one.
  void see_finding(std::uint64_t offset, std::uint32_t stream);

  /// By offset; of lines that have no such neighbour in the batch nothing is said.
  [[nodiscard]] const std::vector<NearTime>& found();
  /// Of the last line that has one.
  [[nodiscard]] std::optional<TimePoint> last() const;

 private:
  struct Dated {
    std::uint64_t offset = 0;
    std::uint32_t stream = 0;
    TimePoint at;
  };
  struct Waiting {
    std::uint64_t offset = 0;
    std::uint32_t stream = 0;
    std::optional<Dated> above, below;
  };

  std::optional<Dated> last_;
  std::vector<Waiting> waiting_;
  std::size_t first_open_ = 0;  // in waiting_: from here on the line below is still to come
  std::vector<NearTime> found_;
};

}  // namespace triaged::matcher

// What an operator says of a workaround that was tried: it worked, or it did not. The site's reports are all that it
// has learnt; every rate that differs from the rule's own comes of them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace triaged::inline values {

struct WorkaroundReport {
  std::string id;  // no two reports share it, on whatever site they were made
  TimePoint at;
  std::string incident;    // in which it was tried
  std::string rule;        // whose advice it is
  std::string cause;       // that it was to treat
  std::string workaround;  // RankedWorkaround::id
  bool has_worked = false;
  bool is_withdrawn = false;  // taken back: it counts no more

  friend bool operator==(const WorkaroundReport&, const WorkaroundReport&) = default;
};

/// A file of reports that another site, or this one after a loss, can take in: one JSON object, a report a line.
[[nodiscard]] std::string to_json(std::span<const WorkaroundReport> reports);

/// Reads what to_json wrote. Unknown fields are passed over; the message says which report is wrong, and how.
[[nodiscard]] Result<std::vector<WorkaroundReport>> reports_from_json(std::string_view json);

}  // namespace triaged::inline values

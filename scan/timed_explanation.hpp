// What becomes of conditions over several lines when the lines of one message are all there is: for `triaged explain`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/line_reader.hpp"
#include "matcher/matcher.hpp"

namespace triaged::scan {

struct TimedFinding {
  const knowledge::Rule* rule = nullptr;
  std::string why_not;  // the line that is missing, the line that forbids; empty: the rule fires

  [[nodiscard]] bool fires() const { return why_not.empty(); }
};

/// One finding for each rule of which `message` holds a line that is only one of several that it looks for; rules that
/// count lines are left out.
[[nodiscard]] std::vector<TimedFinding> explain_timed(
    std::string_view message, const std::shared_ptr<const matcher::SignatureSet>& signatures,
    std::optional<formats::Format> format,
    const std::shared_ptr<const formats::Redactor>& redactor = formats::usual_redactor());

}  // namespace triaged::scan

// An incident as the JSON body of a Slack incoming webhook. Pure: posting it is slack_sink's business.
#pragma once

#include <string>

#include "base/local_clock.hpp"
#include "values/incident.hpp"

namespace triaged::sinks {

/// Slack's own limits (docs.slack.dev, Block Kit): a header of 150 characters, sections of 3000, 50 blocks; and for all
/// text together a limit that is not documented, where 9.6 k was taken and 11.3 k refused. Ours are below them.
struct SlackLimits {
  static constexpr std::size_t header = 150;
  static constexpr std::size_t section = 3000;
  static constexpr std::size_t blocks = 40;
  static constexpr std::size_t all_text = 9000;
};

/// Never exceeds SlackLimits and is always valid JSON and UTF-8, whatever the incident holds. When not everything fits,
/// the evidence is cut first, then the chain, then the other workarounds; the message says what was cut.
/// Times are those of `clock`, whose zone is named once.
[[nodiscard]] std::string slack_message(const Incident& incident, const LocalClock& clock);

}  // namespace triaged::sinks

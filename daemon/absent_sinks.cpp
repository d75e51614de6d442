#include "daemon/absent_sinks.hpp"

#include <spdlog/spdlog.h>

namespace triaged::daemon {

void AbsentSinks::check(store::Ledger& ledger, Every::Clock::time_point now, TimePoint at) {
  if (!due_.is_due(now)) return;
  const auto absent = ledger.note_sinks(present_, at);
  if (!absent) return;  // next time; what fails now fails louder elsewhere
  for (const auto& sink : *absent) {
    if (sink.was_given_up) {
      spdlog::error("sink '{}' has not been configured since {}: its {} undelivered notifications are now dead letters",
                    sink.name, to_rfc3339(sink.since), sink.pending);
    } else {
      spdlog::warn(
          "sink '{}' is no longer configured: its {} undelivered notifications are kept until {}, and delivered when "
          "a sink of that name is back",
          sink.name, sink.pending, to_rfc3339(sink.since + store::absent_sink_time));
    }
  }
}

}  // namespace triaged::daemon

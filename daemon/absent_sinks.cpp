#include "daemon/absent_sinks.hpp"

#include <spdlog/spdlog.h>

namespace triaged::daemon {

void AbsentSinks::look(store::Ledger& ledger, Every::Clock::time_point now, TimePoint at) {
  if (!look_.is_due(now)) return;
  const auto absent = ledger.note_sinks(present_, at);
  if (!absent) return;  // next time; what fails now fails louder elsewhere
  for (const auto& sink : *absent) {
    if (sink.was_given_up) {
      spdlog::error("no sink '{}' was configured since {}: its {} undelivered notifications are dead letters now",
                    sink.name, to_rfc3339(sink.since), sink.pending);
    } else {
      spdlog::warn(
          "no sink '{}' is configured: its {} undelivered notifications are kept until {}, and delivered when "
          "one of that name is back",
          sink.name, sink.pending, to_rfc3339(sink.since + store::absent_sink_time));
    }
  }
}

}  // namespace triaged::daemon

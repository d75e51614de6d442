// What a browser shows of incidents: one file, no script, nothing loaded from anywhere, light and dark. All that comes
// from a log or a rule is escaped. Times are those of a LocalClock.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/local_clock.hpp"
#include "store/stored_incidents.hpp"

namespace triaged::admin {

/// What a list of incidents shows, newest first.
struct IncidentsShown {
  std::span<const store::StoredStory> stories;
  std::uint64_t in_all = 0;    // of which these are some
  bool with_resolved = false;  // or only those that are open
  std::string next;            // the query of the older ones; empty: there are none
};
[[nodiscard]] std::string incidents_page(const IncidentsShown& shown, const LocalClock& clock);

/// One incident with a form for what helped. `noted` is said above it; may be empty.
[[nodiscard]] std::string incident_page(const store::StoredStory& story, std::string_view noted,
                                        const LocalClock& clock);

}  // namespace triaged::admin

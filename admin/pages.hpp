// What a browser shows of incidents: one file, no script, nothing loaded from anywhere, light and dark. All that comes
// from a log or a rule is escaped.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "store/stored_incidents.hpp"

namespace triaged {

/// The incidents of `stories`, newest first as they come. `shows_all`: also those that are resolved.
[[nodiscard]] std::string incidents_page(std::span<const StoredStory> stories, bool shows_all);

/// One incident with a form for what helped. `noted` is said above it; may be empty.
[[nodiscard]] std::string incident_page(const StoredStory& story, std::string_view noted);

}  // namespace triaged

// An incident as Markdown, for a ticket or a post-mortem.
#pragma once

#include <string>

#include "base/time_zone.hpp"
#include "values/incident.hpp"

namespace triaged::inline values {

/// Headings, root cause, steps, dead ends, chain and evidence. Log lines stand in code blocks that their own text
/// cannot close. Elsewhere a client's text makes no link, mention or formatting: what a backslash cannot stop
/// (addresses, @names, ~) stands as code. Times are in `zone`, which is named once.
[[nodiscard]] std::string to_markdown(const Incident& incident, const TimeZone& zone = {});

}  // namespace triaged::inline values

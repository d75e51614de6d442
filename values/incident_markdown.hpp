// An incident as Markdown, for a ticket or a post-mortem.
#pragma once

#include <string>

#include "values/incident.hpp"

namespace triaged {

/// Headings, root cause, steps, dead ends, chain and evidence. Log lines stand in code blocks that their own text
/// cannot close.
[[nodiscard]] std::string to_markdown(const Incident& incident);

}  // namespace triaged

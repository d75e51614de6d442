// The names that the product has for root causes. A listed name is never changed, because alerts, dashboards and
// people rely on it; a rule may use one that is not listed, and the linter then asks whether it was meant.
#pragma once

#include <span>
#include <string_view>

namespace triaged::knowledge {

struct NamedCause {
  std::string_view slug;
  std::string_view meaning;  // one line, English
};

/// In the order of the road: upstream, nginx, HAProxy, Gunicorn, dependencies, client.
[[nodiscard]] std::span<const NamedCause> known_causes();

/// nullptr when the vocabulary does not have it.
[[nodiscard]] const NamedCause* cause_named(std::string_view slug);

}  // namespace triaged::knowledge

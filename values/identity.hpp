// Names of incidents. Both are computed from what the incident is, not drawn: the same lines read again after a crash
// give the same names, so a receiver can tell a repeat from a new failure.
#pragma once

#include <string>
#include <string_view>

#include "values/incident.hpp"
#include "values/symptom.hpp"

namespace triaged::inline values {

/// ULID of one occurrence: the time of its first symptom and a hash of which line of which stream that was.
[[nodiscard]] std::string incident_id(const MatchedLine& first);

/// Stable over restarts and machines for the same rule and entity: 32 hexadecimal digits.
[[nodiscard]] std::string incident_key(std::string_view rule, const Entity& entity);

/// 32 hexadecimal digits that differ when `text` does.
[[nodiscard]] std::string hash_text(std::string_view text);

}  // namespace triaged::inline values

// How bad something is, in the four steps that rules, incidents, routes and syslog share.
#pragma once

#include <optional>
#include <string_view>

namespace triaged::inline values {

enum class Severity { info, warning, error, critical };  // ordered: the later, the worse

[[nodiscard]] std::string_view name_of(Severity severity);
[[nodiscard]] std::optional<Severity> severity_named(std::string_view name);

enum class Language { english, chinese };

}  // namespace triaged::inline values

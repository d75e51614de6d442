#include "values/severity.hpp"

#include <array>

namespace triaged::inline values {

namespace {
constexpr std::array<std::string_view, 4> names = {"info", "warning", "error", "critical"};
}

std::string_view name_of(Severity severity) { return names[static_cast<std::size_t>(severity)]; }

std::optional<Severity> severity_named(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

}  // namespace triaged::inline values

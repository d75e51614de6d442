#include "formats/own_lines.hpp"

#include <algorithm>

namespace triaged::formats {

namespace {

constexpr std::string_view digits = "0123456789";

/// All that a layer and an envelope have in common.
template <class Wrapper>
bool is_named_own(const Wrapper& wrapper, const LineReaderOptions& options) {
  return is_own_program(wrapper.program, options) || is_own_unit(wrapper.unit) || is_own_container(wrapper.container);
}

}  // namespace

bool is_own_program(std::string_view program, const LineReaderOptions& options) {
  if (program == "triaged") return true;
  const auto* names = options.own_programs.get();
  return names != nullptr && std::ranges::find(*names, program) != names->end();
}

bool is_own_unit(std::string_view unit) {
  return unit == "triaged.service" || (unit.starts_with("triaged@") && unit.ends_with(".service"));
}

bool is_own_container(std::string_view container) {
  if (container == "triaged") return true;
  const auto end = container.find_last_not_of(digits);
  if (end == std::string_view::npos || end + 1 == container.size()) return false;  // no number at its end
  const char between = container[end];
  if (between != '-' && between != '_') return false;
  const auto service = container.substr(0, end);
  if (!service.ends_with("triaged")) return false;
  const auto project = service.substr(0, service.size() - std::string_view("triaged").size());
  return project.empty() || project.ends_with(between);
}

bool is_own(const Layer& layer, const LineReaderOptions& options) { return is_named_own(layer, options); }
bool is_own(const Envelope& envelope, const LineReaderOptions& options) {
  return envelope.is_own || is_named_own(envelope, options);
}

}  // namespace triaged::formats

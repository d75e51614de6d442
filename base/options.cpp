#include "base/options.hpp"

#include <fmt/format.h>

namespace triaged::inline base {

namespace {

std::string to_size_text(std::uint64_t bytes) {
  constexpr std::pair<std::uint64_t, const char*> units[] = {{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}};
  for (const auto& [unit, name] : units) {
    if (bytes > 0 && bytes % unit == 0) return fmt::format("{}{}", bytes / unit, name);
  }
  return std::to_string(bytes);
}

std::string limits_text(const DurationLimits& limits) {
  std::string text = limits.least ? "above 0" : "";
  if (limits.most) text += fmt::format("{}at most {}", text.empty() ? "" : " and ", to_text(*limits.most));
  return text;
}

std::string limits_text(const WholeLimits& limits) {
  if (limits.least && limits.most) return fmt::format("{} to {}", *limits.least, *limits.most);
  if (limits.least) return fmt::format("at least {}", *limits.least);
  return limits.most ? fmt::format("at most {}", *limits.most) : "";
}

/// " notification", " notifications": after a number, the last of the limits.
std::string unit_text(const WholeLimits& limits) {
  if (limits.unit.empty()) return "";
  return fmt::format(" {}{}", limits.unit, limits.most.value_or(limits.least.value_or(0)) == 1 ? "" : "s");
}

void report_limits(const YamlMapReader& reader, const OptionFacts& option, std::string_view message,
                   std::string_view unit = {}) {
  reader.report(ProblemLevel::error, option.name,
                message.empty()
                    ? fmt::format("'{}' of {} must be {}{}", option.name, reader.what(), option.limits, unit)
                    : std::string(message));
}

}  // namespace

std::optional<Microseconds> read_option(YamlMapReader& reader, const OptionFacts& option,
                                        const DurationLimits& limits) {
  const auto given = reader.duration(option.name);
  if (!given) return std::nullopt;
  const bool is_good = (!limits.least || *given >= *limits.least) && (!limits.most || *given <= *limits.most);
  if (is_good) return given;
  report_limits(reader, option, limits.message);
  return std::nullopt;
}

std::optional<long> read_option(YamlMapReader& reader, const OptionFacts& option, const WholeLimits& limits) {
  const auto given = reader.integer(option.name);
  if (!given) return std::nullopt;
  if ((!limits.least || *given >= *limits.least) && (!limits.most || *given <= *limits.most)) return given;
  report_limits(reader, option, limits.message, unit_text(limits));
  return std::nullopt;
}

std::optional<std::uint64_t> read_option(YamlMapReader& reader, const OptionFacts& option, const SizeLimits& limits) {
  const auto given = reader.size(option.name);
  if (!given || *given >= limits.least) return given;
  report_limits(reader, option, limits.message);
  return std::nullopt;
}

OptionFacts facts_of(const DurationLimits& limits, Microseconds value) {
  return {.shape = OptionFacts::Shape::duration, .value = to_text(value), .limits = limits_text(limits)};
}

OptionFacts facts_of(const WholeLimits& limits, long value) {
  return {.shape = OptionFacts::Shape::whole,
          .value = std::to_string(value),
          .limits = limits_text(limits),
          .unit = limits.unit,
          .least = limits.least,
          .most = limits.most};
}

OptionFacts facts_of(const SizeLimits& limits, std::uint64_t value) {
  return {.shape = OptionFacts::Shape::size,
          .value = to_size_text(value),
          .limits = limits.least > 0 ? "at least " + to_size_text(limits.least) : ""};
}

}  // namespace triaged::inline base

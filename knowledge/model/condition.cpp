#include "knowledge/model/condition.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include "knowledge/patterns/pattern.hpp"

namespace triaged::knowledge {

struct Condition::Pattern {
  explicit Pattern(const std::string& text) : expression(to_re2_syntax(text), options()) {}
  static re2::RE2::Options options() {
    re2::RE2::Options options;
    options.set_encoding(re2::RE2::Options::EncodingLatin1);  // lines are bytes
    options.set_log_errors(false);
    return options;
  }

  re2::RE2 expression;
};

namespace {

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Condition::Condition(const FieldCondition& condition)
    : field_(condition.field),
      below_(condition.below),
      above_(condition.above),
      from_(condition.from),
      to_(condition.to),
      present_(condition.present) {
  for (const auto& text : condition.any_of) any_of_.push_back({text, number_in(text)});
  for (const auto& text : condition.none_of) none_of_.push_back({text, number_in(text)});
  if (!condition.matches.empty()) {
    pattern_ = std::make_unique<Pattern>(condition.matches);
  }
}

Condition::~Condition() = default;
Condition::Condition(Condition&&) noexcept = default;
Condition& Condition::operator=(Condition&&) noexcept = default;

bool Condition::equals(const Wanted& wanted, std::string_view value) {
  if (value == wanted.text) return true;
  if (!wanted.number) return false;
  return number_in(value) == wanted.number;
}

bool Condition::in_range(std::string_view value) const {
  if (!below_ && !above_ && !from_ && !to_) return true;
  const auto number = number_in(value);
  if (!number) return false;
  return (!below_ || *number < *below_) && (!above_ || *number > *above_) && (!from_ || *number >= *from_) &&
         (!to_ || *number <= *to_);
}

bool Condition::holds(std::string_view value) const {
  if (present_) {
    if (*present_ == value.empty()) return false;
    if (value.empty()) return true;
  }
  if (value.empty()) return false;
  const auto is_value = [&](const Wanted& wanted) { return equals(wanted, value); };
  if (!any_of_.empty() && std::none_of(any_of_.begin(), any_of_.end(), is_value)) return false;
  if (std::any_of(none_of_.begin(), none_of_.end(), is_value)) return false;
  if (!in_range(value)) return false;
  return pattern_ == nullptr ||
         re2::RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), pattern_->expression);
}

std::string to_text(const FieldCondition& condition) {
  std::vector<std::string> parts;
  if (condition.present) parts.emplace_back(*condition.present ? "is there" : "is not there");
  if (!condition.any_of.empty()) parts.push_back(fmt::format("is {}", fmt::join(condition.any_of, " or ")));
  if (!condition.none_of.empty()) parts.push_back(fmt::format("is not {}", fmt::join(condition.none_of, " or ")));
  if (condition.below) parts.push_back(fmt::format("is below {}", *condition.below));
  if (condition.above) parts.push_back(fmt::format("is above {}", *condition.above));
  if (condition.from) parts.push_back(fmt::format("is at least {}", *condition.from));
  if (condition.to) parts.push_back(fmt::format("is at most {}", *condition.to));
  if (!condition.matches.empty()) parts.push_back(fmt::format("matches '{}'", condition.matches));
  return fmt::format("{} {}", condition.field, fmt::join(parts, " and "));
}

}  // namespace triaged::knowledge

// Tests one field of a line against a FieldCondition, on the hot path of access logs: numbers are parsed once at load,
// nothing is allocated per test.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "knowledge/model/rule.hpp"

namespace triaged::knowledge {

/// Immutable, so any number of threads may test at once.
class Condition {
 public:
  /// REQUIRES: condition.matches, when given, is a pattern that RE2 takes (the loader has checked it).
  explicit Condition(const FieldCondition& condition);
  ~Condition();
  Condition(Condition&&) noexcept;
  Condition& operator=(Condition&&) noexcept;

  [[nodiscard]] const std::string& field() const { return field_; }
  /// `value` is empty when the line has no such field (formats leave empty fields out).
  [[nodiscard]] bool holds(std::string_view value) const;

 private:
  struct Wanted {
    std::string text;
    std::optional<double> number;
  };
  struct Pattern;

  [[nodiscard]] static bool equals(const Wanted& wanted, std::string_view value);
  [[nodiscard]] bool in_range(std::string_view value) const;

  std::string field_;
  std::vector<Wanted> any_of_, none_of_;
  std::optional<double> below_, above_, from_, to_;
  std::optional<bool> present_;
  std::unique_ptr<Pattern> pattern_;
};

/// `status is 502 or 503`: the condition in words, for explain.
[[nodiscard]] std::string to_text(const FieldCondition& condition);

}  // namespace triaged::knowledge

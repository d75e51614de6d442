// One way to recognise a rule, ready to run. Private to this room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/line_reader.hpp"
#include "formats/redaction/redactor.hpp"
#include "knowledge/model/condition.hpp"
#include "knowledge/model/rule.hpp"
#include "knowledge/model/timed_match.hpp"
#include "values/symptom.hpp"

namespace triaged::matcher {

class Signature {
 public:
  /// REQUIRES: both engines take the pattern.
  Signature(const knowledge::Rule& rule, const knowledge::Match& match) : Signature(rule, match, 0) {}
  /// The line that `place`, the rule's term of that number, looks for.
  Signature(const knowledge::Rule& rule, const knowledge::TermPlace& place, std::uint32_t term);
  ~Signature();
  Signature(Signature&&) noexcept;
  Signature& operator=(Signature&&) noexcept;

  [[nodiscard]] const knowledge::Rule& rule() const { return *rule_; }
  [[nodiscard]] const knowledge::Match& match() const { return *match_; }
  /// 0: the rule fires on this line alone.
  [[nodiscard]] std::uint32_t term() const { return term_; }
  /// Its lines are many and only their number counts, for each value of counted_by() (empty: all together).
  [[nodiscard]] bool is_counted() const { return is_counted_; }
  [[nodiscard]] const std::string& counted_by() const { return counted_by_; }
  [[nodiscard]] bool has_pattern() const { return !match().regex.empty(); }
  /// Its pattern looks at the whole line and its conditions rule most lines out: they are tested first, and the pattern
  /// by RE2 where they hold.
  [[nodiscard]] bool is_gated() const {
    return has_pattern() && !conditions_.empty() && match().within == knowledge::Within::line;
  }
  /// REQUIRES: is_gated().
  [[nodiscard]] bool pattern_matches(std::string_view text) const;

  /// The field that its first condition tests; empty when there is no condition.
  [[nodiscard]] std::string_view gate() const;
  /// That first condition holds for a line without the field; true when there is no condition.
  [[nodiscard]] bool gate_accepts_absence() const;
  [[nodiscard]] bool conditions_hold(const formats::ReadLine& line) const;
  /// Do the conditions on reasons (formats/reasons/) hold, too? Asked last, for it reads the line's words once more.
  [[nodiscard]] bool reasons_hold(const formats::ReadLine& line) const;
  /// The first condition that does not hold, in words; empty when all do. `shown` is the line's text.
  [[nodiscard]] std::string failing_condition(const formats::ReadLine& line, const formats::RedactedText& shown) const;

  /// Puts what the named groups caught in `text` into `fields`, replacing fields of the same name. A group that is
  /// named after a reason gives the reason's name.
  void extract(std::string_view text, std::vector<Field>& fields) const;
  /// Puts the reasons that the rule asks for into `fields`, those of the line after what extract() put there.
  void add_reasons(const formats::ReadLine& line, std::vector<Field>& fields) const;

 private:
  Signature(const knowledge::Rule& rule, const knowledge::Match& match, std::uint32_t term);
  [[nodiscard]] std::string reason_of(std::string_view field, const formats::ReadLine& line) const;

  const knowledge::Rule* rule_;
  const knowledge::Match* match_;
  std::uint32_t term_;
  bool is_counted_ = false;
  std::string counted_by_;
  std::vector<knowledge::Condition> conditions_;  // on fields of the line
  std::vector<knowledge::Condition> reasons_;     // on reasons in its words
  std::vector<std::string_view> asked_reasons_;   // in conditions, evidence and texts; views into formats/reasons/
  struct Groups;
  std::unique_ptr<Groups> groups_;  // null when RE2 has nothing to do
};

}  // namespace triaged::matcher

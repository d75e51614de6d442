#include "matcher/signature.hpp"

#include <algorithm>
#include <mutex>

#include <re2/re2.h>

#include "formats/reasons/reasons.hpp"
#include "knowledge/patterns/pattern.hpp"
#include "matcher/asked_reasons.hpp"
#include "matcher/line_spans.hpp"

namespace triaged::matcher {

namespace {

re2::RE2::Options options_of(const knowledge::Match& match) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // lines are bytes
  options.set_case_sensitive(!match.caseless);
  return options;
}

// Named groups become fields and entities; what a client wrote has no end.
constexpr std::size_t longest_capture = 1024;

void set_field(std::vector<Field>& fields, std::string_view name, std::string_view value) {
  const auto known = std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
  if (known != fields.end()) {
    known->value = value;
  } else {
    fields.push_back({std::string(name), std::string(value)});
  }
}

/// What a group named after a reason caught, by its name where it has one.
std::string_view reason_caught(std::string_view field, std::string_view caught) {
  const auto named = formats::reason_named(field, caught);
  const auto in_words = named.empty() ? formats::reason_in(field, caught) : named;
  return in_words.empty() ? caught : in_words;
}

/// A status rules most lines out at once; testing it first saves the others.
void put_status_first(std::vector<knowledge::Condition>& conditions) {
  std::stable_partition(conditions.begin(), conditions.end(),
                        [](const knowledge::Condition& condition) { return condition.field() == "status"; });
}

}  // namespace

/// The pattern once more, for RE2. It is compiled when a line first asks for it: of thousands of rules few ever match,
/// and compiling all of them would be a fifth of a start. Any thread.
struct Signature::Groups {
  const re2::RE2& of(const knowledge::Match& match) {
    std::call_once(once, [&] {
      pattern = std::make_unique<re2::RE2>(knowledge::to_re2_syntax(match.regex), options_of(match));
      if (!pattern->ok()) return;
      names.resize(static_cast<std::size_t>(pattern->NumberOfCapturingGroups()) + 1);
      for (const auto& [number, name] : pattern->CapturingGroupNames()) names[static_cast<std::size_t>(number)] = name;
    });
    return *pattern;
  }

  std::once_flag once;
  std::unique_ptr<re2::RE2> pattern;
  std::vector<std::string> names;  // by group number; empty: not named
};

Signature::~Signature() = default;
Signature::Signature(Signature&&) noexcept = default;
Signature& Signature::operator=(Signature&&) noexcept = default;

Signature::Signature(const knowledge::Rule& rule, const knowledge::TermPlace& place, std::uint32_t term)
    : Signature(rule, *place.line, term) {
  is_counted_ = place.is_counted();
  if (is_counted_) counted_by_ = place.timed->by;
}

Signature::Signature(const knowledge::Rule& rule, const knowledge::Match& match_of_rule, std::uint32_t term)
    : rule_(&rule), match_(&match_of_rule), term_(term) {
  for (const auto& condition : match().where) {
    auto& conditions = formats::is_reason(condition.field) ? reasons_ : conditions_;
    conditions.emplace_back(condition);
  }
  put_status_first(conditions_);
  asked_reasons_ = asked_reasons(rule);
  const bool may_have_groups = match().regex.find("(?<") != std::string::npos ||
                               match().regex.find("(?P<") != std::string::npos ||
                               match().regex.find("(?'") != std::string::npos;
  if (is_gated() || may_have_groups) groups_ = std::make_unique<Groups>();
}

bool Signature::pattern_matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), groups_->of(match()));
}

std::string_view Signature::gate() const {
  return conditions_.empty() ? std::string_view() : conditions_.front().field();
}

bool Signature::gate_accepts_absence() const { return conditions_.empty() || conditions_.front().holds({}); }

bool Signature::conditions_hold(const formats::ReadLine& line) const {
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const knowledge::Condition& condition) {
    return condition.holds(line.field(condition.field()));
  });
}

bool Signature::reasons_hold(const formats::ReadLine& line) const {
  return std::all_of(reasons_.begin(), reasons_.end(), [&](const knowledge::Condition& condition) {
    return condition.holds(reason_of(condition.field(), line));
  });
}

std::string Signature::reason_of(std::string_view field, const formats::ReadLine& line) const {
  if (has_pattern()) {
    std::vector<Field> caught;
    extract(span_of(match(), line, line.text), caught);
    const auto found = std::ranges::find(caught, field, &Field::name);
    if (found != caught.end()) return found->value;
  }
  return std::string(formats::reason_in(field, line.message.substr(0, longest_symptom_line)));
}

std::string Signature::failing_condition(const formats::ReadLine& line, const formats::RedactedText& shown) const {
  for (const auto& condition : match().where) {
    const bool is_reason = formats::is_reason(condition.field);
    const auto reason = is_reason ? reason_of(condition.field, line) : std::string();
    const auto value = is_reason ? std::string_view(reason) : line.field(condition.field);
    if (knowledge::Condition(condition).holds(value)) continue;
    if (value.empty()) return to_text(condition) + " (the line has no such field)";
    return to_text(condition) + " (it is " + (is_reason ? reason : shown.part(value)) + ")";
  }
  return {};
}

void Signature::extract(std::string_view text, std::vector<Field>& fields) const {
  if (groups_ == nullptr) return;
  const re2::RE2& pattern = groups_->of(match());
  const auto& names = groups_->names;
  if (std::all_of(names.begin(), names.end(), [](const std::string& name) { return name.empty(); })) return;
  std::vector<re2::StringPiece> caught(names.size());
  const re2::StringPiece piece(text.data(), text.size());
  if (!pattern.Match(piece, 0, text.size(), re2::RE2::UNANCHORED, caught.data(), static_cast<int>(caught.size()))) {
    return;
  }
  for (std::size_t i = 1; i < caught.size(); ++i) {
    if (names[i].empty() || caught[i].data() == nullptr || caught[i].empty()) continue;
    const std::string_view value(caught[i].data(), std::min(caught[i].size(), longest_capture));
    set_field(fields, names[i], formats::is_reason(names[i]) ? reason_caught(names[i], value) : value);
  }
}

void Signature::add_reasons(const formats::ReadLine& line, std::vector<Field>& fields) const {
  for (const auto field : asked_reasons_) {
    if (const auto reason = reason_of(field, line); !reason.empty()) set_field(fields, field, reason);
  }
}

}  // namespace triaged::matcher

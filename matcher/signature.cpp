#include "matcher/signature.hpp"

#include <algorithm>
#include <mutex>

#include <re2/re2.h>

#include "knowledge/patterns/pattern.hpp"

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
  for (const auto& condition : match().where) conditions_.emplace_back(condition);
  put_status_first(conditions_);
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

std::string Signature::failing_condition(const formats::ReadLine& line, const formats::RedactedText& shown) const {
  for (const auto& condition : match().where) {
    const auto value = line.field(condition.field);
    if (knowledge::Condition(condition).holds(value)) continue;
    return to_text(condition) +
           (value.empty() ? " (the line has no such field)" : " (it is " + shown.part(value) + ")");
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
    set_field(fields, names[i], {caught[i].data(), std::min(caught[i].size(), longest_capture)});
  }
}

}  // namespace triaged::matcher

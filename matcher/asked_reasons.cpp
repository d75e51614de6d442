#include "matcher/asked_reasons.hpp"

#include <algorithm>
#include <string>

#include "formats/format.hpp"
#include "formats/reasons/reasons.hpp"
#include "knowledge/model/placeholders.hpp"
#include "knowledge/model/timed_match.hpp"

namespace triaged::matcher {

namespace {

/// All fields that the rule names: some are no reasons.
class NamedFields {
 public:
  explicit NamedFields(const knowledge::Rule& rule) {
    for (const auto* line : knowledge::lines_of(rule)) {
      for (const auto& condition : line->where) names_.push_back(condition.field);
    }
    for (const auto& timed : rule.timed_matches) names_.push_back(timed.by);
    names_.push_back(rule.entity);
    for (const auto* text : {&rule.title.english, &rule.says.english, &rule.root_cause.english}) add_text(*text);
    for (const auto& cause : rule.causes) add_cause(cause);
    for (const auto& workaround : rule.workarounds) {
      add_text(workaround.action.english);
      add_text(workaround.how);
    }
  }

  [[nodiscard]] bool has(std::string_view name) const { return std::ranges::find(names_, name) != names_.end(); }

 private:
  void add_text(std::string_view text) {
    for (auto& name : knowledge::placeholders_in(text)) names_.push_back(std::move(name));
  }
  void add_cause(const knowledge::Cause& cause) {
    add_text(cause.text.english);
    for (const auto* terms : {&cause.supported_by, &cause.refuted_by}) {
      for (const auto& term : *terms) {
        if (term.field) names_.push_back(term.field->field);
      }
    }
  }

  std::vector<std::string> names_;
};

}  // namespace

std::vector<std::string_view> asked_reasons(const knowledge::Rule& rule) {
  if (rule.is_public()) return {};  // its author knows nothing of them
  auto reasons = formats::words_in(formats::reason_fields);
  std::erase_if(reasons, [named = NamedFields(rule)](std::string_view field) { return !named.has(field); });
  return reasons;
}

}  // namespace triaged::matcher

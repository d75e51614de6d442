#include "diagnosis/saying.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace triaged::diagnosis {

namespace {

std::string said_by(const knowledge::Rule& rule, const std::string& words, const FieldLookup& lookup) {
  auto said = to_valid_utf8(fill_text(words, lookup));
  return rule.domain.empty() ? said : fmt::format("{}: {}", rule.domain, said);
}

}  // namespace

std::string saying_of(const knowledge::Rule& rule, Language language, const FieldLookup& lookup) {
  return said_by(rule, (rule.says.empty() ? rule.title : rule.says).in(language), lookup);
}

std::string title_of(const knowledge::Rule& rule, Language language) {
  return said_by(rule, rule.title.in(language), [](std::string_view) { return std::string_view(); });
}

std::string saying_of(const knowledge::Rule& rule, Language language, const Symptom& symptom) {
  return saying_of(rule, language, [&](std::string_view name) { return symptom.field(name); });
}

std::string saying_of(const knowledge::Rule& rule, Language language, const Observation& observation) {
  return saying_of(rule, language, [&](std::string_view name) -> std::string_view {
    for (const auto& sample : observation.samples) {
      if (const auto value = sample.field(name); !value.empty()) return value;
    }
    return observation.entity.kind == name ? std::string_view(observation.entity.value) : std::string_view();
  });
}

}  // namespace triaged::diagnosis

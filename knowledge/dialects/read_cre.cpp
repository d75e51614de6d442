// Reads CRE rule files: documents, ids, and what a rule knows. read_cre_condition.cpp reads how it is recognised.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "knowledge/dialects/cre_reading.hpp"

namespace triaged::knowledge {

namespace {

bool all_of(std::string_view text, bool (*is_good)(char)) { return std::all_of(text.begin(), text.end(), is_good); }

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

/// Ids of records are base 58: twelve letters or digits, and no zero.
bool is_record_id(std::string_view id) {
  return id.size() >= 12 && all_of(id, [](char c) { return c != '0' && is_letter_or_digit(c); });
}

bool is_cre_id(std::string_view id) {
  return id.size() >= 4 && all_of(id, [](char c) { return c == '-' || is_letter_or_digit(c); });
}

bool is_set(const YamlValue* value) { return value != nullptr && value->kind != YamlValue::Kind::null; }

void check_ids(const YamlValue& map, const YamlValue* metadata, const RuleFile& file, CreRule& rule) {
  if (metadata != nullptr) {
    rule.record_id = read_cre_text(*metadata, "id", file);
    rule.hash = read_cre_text(*metadata, "hash", file);
    (void)read_cre_number(*metadata, "generation", file);
  }
  for (const std::string_view key : {"id", "hash"}) {
    const auto& id = key == "id" ? rule.record_id : rule.hash;
    if (id.empty() || is_record_id(id)) continue;
    file.report(ProblemLevel::error, *metadata->find(key),
                fmt::format("invalid '{}' of metadata: at least twelve letters and digits without 0 (base 58)", key));
  }
  const auto* cre = map.find("cre");
  const auto* id = cre == nullptr ? nullptr : cre->find("id");
  if (rule.id.empty()) {
    file.report(ProblemLevel::error, cre == nullptr ? map : *cre, "missing cre id");
  } else if (!is_cre_id(rule.id)) {
    file.report(ProblemLevel::error, *id, "invalid cre id: at least four letters, digits and '-'");
  }
}

Severity severity_of(std::uint64_t number) {
  constexpr Severity by_number[] = {Severity::critical, Severity::error, Severity::warning, Severity::info};
  return by_number[std::min<std::uint64_t>(number, 3)];
}

std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::vector<std::string> texts_under(const YamlValue& map, std::string_view key) {
  std::vector<std::string> texts;
  const auto* list = map.find(key);
  if (list == nullptr) return texts;
  for (const auto& item : list->items) {
    if (item.kind == YamlValue::Kind::text) texts.push_back(item.text);
  }
  return texts;
}

/// "- Do this" and "1. Do this" begin an item of a list in Markdown.
bool begins_item(std::string_view line) {
  if (line.starts_with("- ") || line.starts_with("* ")) return true;
  const auto digits = std::min(line.find_first_not_of("0123456789"), line.size());
  return digits > 0 && (line.substr(digits).starts_with(". ") || line.substr(digits).starts_with(") "));
}

/// Mitigations are Markdown: each item of a list is a workaround of its own, and text without a list is one.
std::vector<Workaround> workarounds_of(const std::string& mitigation) {
  std::vector<Workaround> workarounds;
  std::string_view rest = mitigation;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (workarounds.empty() || begins_item(line)) {
      auto& workaround = workarounds.emplace_back();
      const auto text = begins_item(line) ? line.substr(line.find(' ') + 1) : line;
      workaround.action.english = text;
      workaround.success_rate = 0.5;
    } else {
      auto& workaround = workarounds.back();
      auto& into = workaround.action.english.empty() ? workaround.action.english : workaround.how;
      if (!into.empty()) into += '\n';
      into += line;
    }
  }
  for (auto& workaround : workarounds) workaround.how = without_line_end(std::move(workaround.how));
  std::erase_if(workarounds, [](const Workaround& workaround) { return workaround.action.english.empty(); });
  return workarounds;
}

void read_cre_knowledge(const YamlValue& cre, const RuleFile& file, CreRule& rule) {
  auto& known = rule.knowledge;
  rule.id = read_cre_text(cre, "id", file);
  known.severity = severity_of(read_cre_number(cre, "severity", file));
  known.title.english = without_line_end(read_cre_text(cre, "title", file));
  known.category = read_cre_text(cre, "category", file);
  known.root_cause.english = without_line_end(read_cre_text(cre, "cause", file));
  if (known.root_cause.english.empty()) {
    known.root_cause.english = without_line_end(read_cre_text(cre, "description", file));
  }
  known.workarounds = workarounds_of(without_line_end(read_cre_text(cre, "mitigation", file)));
  known.tags = texts_under(cre, "tags");
  const auto references = texts_under(cre, "references");
  if (!references.empty()) known.docs = references.front();
  known.evidence_count = read_cre_number(cre, "reports", file);
}

/// What every triaged rule has and CRE does not say.
void complete_cre(CreRule& rule) {
  auto& known = rule.knowledge;
  known.dialect = Dialect::cre_yaml;
  known.place = rule.place;
  known.id = "cre/" + rule.id;
  known.domain = "cre";
  if (known.title.empty()) known.title.english = rule.id;
  if (known.root_cause.empty()) known.root_cause = known.title;
  Cause cause;
  cause.place = rule.place;
  std::transform(rule.id.begin(), rule.id.end(), std::back_inserter(cause.id),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  cause.text = known.root_cause;
  cause.prior = 1;
  known.causes.push_back(std::move(cause));
}

/// Nothing when the rule has a mistake (reported) or needs what nobody can run (a warning).
std::optional<CreRule> read_cre_rule(const YamlValue& map, const CreTerms& terms, const RuleFile& file) {
  if (map.kind != YamlValue::Kind::map) {
    file.report(ProblemLevel::error, map, "each item of 'rules' must be a map");
    return std::nullopt;
  }
  const auto errors = [&] {
    return std::count_if(file.problems.begin(), file.problems.end(),
                         [](const Problem& problem) { return problem.level == ProblemLevel::error; });
  };
  const auto errors_before = errors();
  CreRule rule;
  rule.place = file.place_of(map);
  const auto* cre = map.find("cre");
  if (is_set(cre)) read_cre_knowledge(*cre, file, rule);
  const auto* metadata = map.find("metadata");
  check_ids(map, is_set(metadata) ? metadata : nullptr, file, rule);
  const auto* condition = map.find("rule");
  if (!is_set(condition)) {
    file.report(ProblemLevel::error, condition == nullptr ? map : *condition, "missing rule section ('rule')");
    return std::nullopt;
  }
  const bool can_run = read_cre_condition(*condition, terms, file, rule);
  if (!can_run || errors() != errors_before) return std::nullopt;
  complete_cre(rule);
  return rule;
}

CreTerms terms_in(const std::vector<YamlValue>& documents, const RuleFile& file) {
  CreTerms terms;
  for (const auto& document : documents) {
    const auto* map = document.find("terms");
    if (map == nullptr) continue;
    if (map->kind != YamlValue::Kind::map) file.report(ProblemLevel::error, *map, "'terms' must be a mapping");
    for (const auto& [name, term] : map->entries) {
      if (terms.emplace(name.text, &term).second) continue;
      file.report(ProblemLevel::error, name, fmt::format("duplicate term name '{}'", name.text));
    }
  }
  return terms;
}

bool is_version_section(const YamlValue& document) {
  const auto* section = document.find("section");
  return section != nullptr && section->text == "version";
}

}  // namespace

std::uint64_t read_cre_number(const YamlValue& map, std::string_view key, const RuleFile& file) {
  const auto* value = map.find(key);
  if (!is_set(value)) return 0;
  std::uint64_t number = 0;
  const char* end = value->text.data() + value->text.size();
  const auto [stop, failure] = std::from_chars(value->text.data(), end, number);
  if (value->kind == YamlValue::Kind::text && !value->quoted && failure == std::errc() && stop == end) return number;
  file.report(ProblemLevel::error, *value, fmt::format("'{}' must be a whole number of 0 or more", key));
  return 0;
}

std::string read_cre_text(const YamlValue& map, std::string_view key, const RuleFile& file) {
  const auto* value = map.find(key);
  if (!is_set(value)) return {};
  if (value->kind != YamlValue::Kind::text)
    file.report(ProblemLevel::error, *value, fmt::format("'{}' must be text", key));
  return value->text;
}

std::vector<CreRule> read_cre_documents(const std::vector<YamlValue>& documents, const std::string& name,
                                        Problems& problems) {
  const RuleFile file{name, problems};
  const auto terms = terms_in(documents, file);
  std::vector<CreRule> rules;
  for (const auto& document : documents) {
    if (document.kind == YamlValue::Kind::null || is_version_section(document)) continue;
    const auto* list = document.find("rules");
    if (list == nullptr) {
      file.report(ProblemLevel::error, document, "rules not found: a CRE document has a list 'rules'");
      continue;
    }
    if (list->kind != YamlValue::Kind::list && list->kind != YamlValue::Kind::null) {
      file.report(ProblemLevel::error, *list, "'rules' must be a list");
    }
    for (const auto& item : list->items) {
      if (auto rule = read_cre_rule(item, terms, file)) rules.push_back(std::move(*rule));
    }
  }
  return rules;
}

}  // namespace triaged::knowledge

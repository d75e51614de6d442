// Reads how a triaged rule recognises its failure on one line.
#include <algorithm>

#include <fmt/format.h>

#include "formats/format.hpp"
#include "formats/reasons/reasons.hpp"
#include "knowledge/dialects/rule_reading.hpp"
#include "knowledge/patterns/pattern.hpp"

namespace triaged::knowledge {

namespace {

std::vector<std::string> texts_of(const YamlValue& value, const std::string& what, const RuleFile& file) {
  if (value.kind == YamlValue::Kind::text) return {value.text};
  std::vector<std::string> texts;
  for (const auto& item : value.items) {
    if (item.kind == YamlValue::Kind::text) {
      texts.push_back(item.text);
    } else {
      file.report(ProblemLevel::error, item, fmt::format("{} must be compared with texts or numbers", what));
    }
  }
  if (texts.empty()) file.report(ProblemLevel::error, value, fmt::format("{} is compared with nothing", what));
  return texts;
}

/// `{below: 0.01}`, `{from: 500, to: 599}`, `{not: 200}`, `{matches: '^/api/'}`, `{present: false}`.
void read_condition_map(const YamlValue& map, const std::string& what, const RuleFile& file,
                        FieldCondition& condition) {
  YamlMapReader reader(map, "condition on " + what, file.name, file.problems);
  condition.below = reader.number("below");
  condition.above = reader.number("above");
  condition.from = reader.number("from");
  condition.to = reader.number("to");
  condition.present = reader.boolean("present");
  if (const auto* excluded = reader.any("not")) condition.none_of = texts_of(*excluded, what, file);
  if (const auto matches = reader.text("matches")) {
    condition.matches = *matches;
    const auto refusal = re2_refusal_of(*matches);
    if (refusal) file.report(ProblemLevel::error, *map.find("matches"), *refusal);
    if (matches->empty()) file.report(ProblemLevel::error, *map.find("matches"), "'matches' is empty");
  }
  reader.finish(ProblemLevel::error);
  if (map.entries.empty()) file.report(ProblemLevel::error, map, fmt::format("the condition on {} is empty", what));
}

/// A reason is compared by its name, whether its author wrote that, a number or a symbol. `value` is what `texts` are
/// of.
void use_names_of_reasons(std::string_view field, const YamlValue& value, const RuleFile& file,
                          std::vector<std::string>& texts) {
  const bool is_each = value.items.size() == texts.size();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto& text = texts[i];
    if (const auto name = formats::reason_named(field, text); !name.empty()) {
      text = name;
    } else {
      file.report(
          ProblemLevel::error, is_each ? value.items[i] : value,
          fmt::format("unknown {} '{}'{}", field, text, nearest_or_choices(text, formats::reason_names(field))));
    }
  }
}

FieldCondition read_condition(const YamlValue& name, const YamlValue& value, const RuleFile& file) {
  FieldCondition condition;
  condition.field = name.text;
  const auto what = fmt::format("field '{}'", name.text);
  switch (value.kind) {
    case YamlValue::Kind::null:
      file.report(ProblemLevel::error, name, fmt::format("{} is compared with nothing", what));
      break;
    case YamlValue::Kind::map:
      read_condition_map(value, what, file, condition);
      break;
    case YamlValue::Kind::text:
    case YamlValue::Kind::list:
      condition.any_of = texts_of(value, what, file);
      break;
  }
  if (formats::has_names(condition.field)) {
    if (condition.below || condition.above || condition.from || condition.to) {
      file.report(ProblemLevel::error, value, fmt::format("{} is a name, not a number in a range", what));
    }
    use_names_of_reasons(condition.field, value, file, condition.any_of);
    if (const auto* excluded = value.find("not")) {
      use_names_of_reasons(condition.field, *excluded, file, condition.none_of);
    }
  }
  return condition;
}

void read_formats(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Match& match) {
  std::vector<std::string_view> names = {"any"};
  for (const auto format : formats::all_formats()) names.push_back(name_of(format));
  const auto wanted = reader.texts("formats");
  const auto* list = map.find("formats");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto format = formats::format_named(wanted[i]);
    if (format) match.formats.push_back(*format);
    if (format || wanted[i] == "any") continue;
    const auto& at =
        list->kind == YamlValue::Kind::list && list->items.size() == wanted.size() ? list->items[i] : *list;
    file.report(ProblemLevel::error, at,
                fmt::format("unknown format '{}'{}", wanted[i], nearest_or_choices(wanted[i], names)));
  }
  for (const auto& name : wanted) {
    if (name == "any") match.formats.clear();
  }
}

void read_regex(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Match& match) {
  match.caseless = reader.boolean("caseless").value_or(false);
  const auto regex = reader.text("regex");
  if (!regex) return;
  const auto& at = *map.find("regex");
  match.place = file.place_of(at);
  match.regex = trimmed_pattern(*regex);
  if (regex->empty()) {
    file.report(ProblemLevel::error, at, "'regex' is empty");
  } else if (regex->find('\n') != std::string::npos) {
    file.report(ProblemLevel::error, at,
                "'regex' holds a line end and could never match: write it in one line, in single quotes");
  } else if (const auto refusal = file.refusal_of_pattern(match.regex, match.caseless)) {
    file.report(ProblemLevel::error, at, *refusal);
  }
}

}  // namespace

std::vector<FieldCondition> read_conditions(const YamlValue& map, const RuleFile& file) {
  std::vector<FieldCondition> conditions;
  for (const auto& [name, value] : map.entries) conditions.push_back(read_condition(name, value, file));
  return conditions;
}

void read_line(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Match& match) {
  match.place = file.place_of(map);
  read_formats(map, reader, file, match);
  read_regex(map, reader, file, match);
  const auto* where = reader.map("where");
  if (where == nullptr) return;
  match.where = read_conditions(*where, file);
  const bool asks_every_line = match.regex.empty() && !match.where.empty() &&
                               std::ranges::all_of(match.where, [](const FieldCondition& condition) {
                                 return formats::is_reason(condition.field);
                               });
  if (asks_every_line) {
    file.report(
        ProblemLevel::error, *where,
        "'where' has only reasons, which are read in lines that match otherwise: give a 'regex' or a condition on "
        "another field beside them");
  }
}

void read_within(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Match& match) {
  if (const auto because = reader.text("line_because")) match.line_because = *because;
  const auto within = reader.text("within");
  if (!within || *within == "message") return;
  if (*within == "line") {
    match.within = Within::line;
  } else {
    file.report(ProblemLevel::error, *map.find("within"), "'within' must be message or line");
  }
}

void read_raised_by(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Match& match) {
  const auto who = reader.text("raised_by");
  if (!who) return;
  match.is_raised_by_client = *who == "client";
  if (!match.is_raised_by_client)
    file.report(ProblemLevel::error, *map.find("raised_by"), "'raised_by' must be client");
}

std::vector<std::string> read_lines(YamlMapReader& reader, std::string_view key) {
  auto lines = reader.texts(key);
  for (auto& line : lines) {
    while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
  }
  return lines;
}

Match read_match(const YamlValue& map, const RuleFile& file) {
  Match match;
  YamlMapReader reader(map, "match", file.name, file.problems);
  read_line(map, reader, file, match);
  read_within(map, reader, file, match);
  read_raised_by(map, reader, file, match);
  match.examples = read_lines(reader, "examples");
  match.near_misses = read_lines(reader, "near_misses");
  reader.finish(ProblemLevel::error);
  if (match.regex.empty() && match.where.empty()) {
    file.report(ProblemLevel::error, map, "match has neither 'regex' nor 'where'");
  }
  return match;
}

}  // namespace triaged::knowledge

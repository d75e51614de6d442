#include "knowledge/ranking/rule_phrases.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "knowledge/model/condition.hpp"
#include "knowledge/model/rule_labels.hpp"

namespace triaged::knowledge {

namespace {

std::string_view name_of(Weight weight) {
  return weight == Weight::weak ? "weak" : weight == Weight::strong ? "strong" : "medium";
}

template <typename Item, typename Rate>
std::vector<const Item*> ranked(const std::vector<Item>& items, Rate rate) {
  std::vector<const Item*> sorted;
  for (const auto& item : items) sorted.push_back(&item);
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Item* a, const Item* b) { return rate(*a) > rate(*b); });
  return sorted;
}

}  // namespace

std::string whole_percent(double share) { return fmt::format("{:.0f}%", share * 100); }

std::string formats_of(const Match& match, Language language) {
  std::string names;
  for (const auto format : match.formats) {
    if (!names.empty()) names += ", ";
    names += formats::name_of(format);
  }
  return names.empty() ? std::string(labels_in(language).any_format) : names;
}

namespace {

std::string line_phrase(const Match& line, Language language) {
  std::string phrase = formats_of(line, language);
  std::string_view separator = ": ";
  const auto add = [&](std::string_view part) {
    if (part.empty()) return;
    phrase += separator;
    phrase += part;
    separator = ", ";
  };
  add(line.regex);
  add(line.jq);
  for (const auto& condition : line.where) add(to_text(condition));
  return phrase;
}

}  // namespace

std::vector<std::string> line_phrases_of(const TimedMatch& timed, Language language) {
  std::vector<std::string> phrases;
  for (const auto& term : timed.of) {
    phrases.push_back((term.count > 1 ? fmt::format("{} × ", term.count) : "") + line_phrase(term.line, language));
  }
  for (const auto& term : timed.unless) phrases.push_back("unless " + line_phrase(term.line, language));
  if (timed.share_of)
    phrases.push_back((timed.kind == TimedKind::saturation ? "among " : "share of ") +
                      line_phrase(*timed.share_of, language));
  return phrases;
}

std::string phrase_of(const EvidenceTerm& term) {
  std::string phrase = term.absent ? "no " : "";
  if (!term.symptom.empty()) phrase += "symptom " + term.symptom;
  if (!term.pattern.empty()) phrase += "pattern " + term.pattern;
  if (!term.probe.empty()) phrase += "probe " + term.probe;
  if (term.field) phrase += "field " + to_text(*term.field);
  if (term.within) phrase += " within " + base::to_text(*term.within);
  return fmt::format("{} ({})", phrase, name_of(term.weight));
}

std::vector<std::string> related_of(const Rule& rule, Language language) {
  const auto& labels = labels_in(language);
  std::vector<std::string> related;
  const auto add = [&](std::string_view label, const std::vector<Transition>& transitions) {
    for (const auto& transition : transitions) {
      auto phrase = fmt::format("{} {}", label, transition.rule);
      if (transition.distinction.empty()) phrase += " within " + base::to_text(transition.within);
      if (!transition.condition.empty()) phrase += ", " + transition.condition;
      if (!transition.typical_delay.empty()) phrase += ", after " + transition.typical_delay;
      if (transition.probability) phrase += fmt::format(" ({})", whole_percent(*transition.probability));
      if (!transition.distinction.empty()) phrase += ": " + transition.distinction;
      related.push_back(std::move(phrase));
    }
  };
  add(labels.leads_to, rule.leads_to);
  add(labels.preceded_by, rule.preceded_by);
  add(labels.confused_with, rule.confused_with);
  for (const auto& id : rule.see_also) related.push_back(id);
  return related;
}

std::vector<std::string> tags_of(const Rule& rule) {
  std::vector<std::string> words = {rule.domain, rule.category, rule.verification};
  if (rule.record) words.push_back(rule.record->resolvable);
  if (rule.dialect == Dialect::triaged_yaml) words.emplace_back(name_of(rule.severity));
  words.insert(words.end(), rule.tags.begin(), rule.tags.end());
  words.erase(std::remove(words.begin(), words.end(), ""), words.end());
  return words;
}

std::vector<const Cause*> ranked_causes(const Rule& rule) {
  return ranked(rule.causes, [](const Cause& cause) { return cause.prior; });
}

std::vector<const Workaround*> ranked_workarounds(const Rule& rule) {
  return ranked(rule.workarounds, [](const Workaround& workaround) { return workaround.success_rate; });
}

std::vector<const RuleDeadEnd*> ranked_dead_ends(const Rule& rule) {
  return ranked(rule.dead_ends, [](const RuleDeadEnd& dead_end) { return dead_end.fail_rate; });
}

}  // namespace triaged::knowledge

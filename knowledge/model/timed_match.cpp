#include "knowledge/model/timed_match.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "knowledge/model/condition.hpp"

namespace triaged::knowledge {

namespace {

std::string_view name_of_kind(TimedKind kind) {
  switch (kind) {
    case TimedKind::set:
      return "set";
    case TimedKind::sequence:
      return "sequence";
    case TimedKind::rate:
      return "rate";
    case TimedKind::saturation:
      return "saturation";
    case TimedKind::absence:
      return "absence";
  }
  return "";
}

/// Every field, also those that to_text leaves out of a sentence.
std::string meaning_of_field(const FieldCondition& condition) {
  return fmt::format("{}\x1f{}\x1f{}", to_text(condition), fmt::join(condition.any_of, "\x1e"),
                     fmt::join(condition.none_of, "\x1e"));
}

std::string meaning_of_line(const Match& line) {
  std::string meaning;
  for (const auto format : line.formats) meaning += fmt::format("{},", name_of(format));
  meaning += fmt::format("\x1f{}\x1f{}\x1f{}\x1f{}", line.regex, line.jq, line.caseless, static_cast<int>(line.within));
  for (const auto& condition : line.where) meaning += "\x1d" + meaning_of_field(condition);
  return meaning;
}

std::string meaning_of_term(const TimedTerm& term) {
  return fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1c", meaning_of_line(term.line), term.count,
                     term.window.count(), term.slide.count(), term.anchor, term.absolute);
}

}  // namespace

std::vector<TermPlace> terms_of(const Rule& rule) {
  std::vector<TermPlace> terms;
  for (std::size_t i = 0; i < rule.timed_matches.size(); ++i) {
    const auto& timed = rule.timed_matches[i];
    for (std::size_t k = 0; k < timed.of.size(); ++k) terms.push_back({&timed, &timed.of[k].line, TermRole::of, i, k});
    for (std::size_t k = 0; k < timed.unless.size(); ++k) {
      terms.push_back({&timed, &timed.unless[k].line, TermRole::unless, i, k});
    }
    if (timed.share_of) terms.push_back({&timed, &*timed.share_of, TermRole::share_of, i, 0});
  }
  return terms;
}

std::vector<const Match*> lines_of(const Rule& rule) {
  std::vector<const Match*> lines;
  for (const auto& match : rule.matches) lines.push_back(&match);
  for (const auto& term : terms_of(rule)) lines.push_back(term.line);
  return lines;
}

bool is_same_line(const Match& a, const Match& b) { return meaning_of_line(a) == meaning_of_line(b); }

std::string meaning_of(const TimedMatch& timed) {
  std::string meaning = fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}\x1c", name_of_kind(timed.kind), timed.window.count(),
                                    timed.above, timed.at_least, timed.by);
  if (timed.kind == TimedKind::saturation) {
    meaning += fmt::format("{}\x1f{}\x1c", timed.duration_field, timed.duration_unit.count());
  }
  for (const auto& term : timed.of) meaning += meaning_of_term(term);
  meaning += '\x1b';
  for (const auto& term : timed.unless) meaning += meaning_of_term(term);
  if (timed.share_of) meaning += '\x1b' + meaning_of_line(*timed.share_of);
  return meaning;
}

std::string phrase_of(const TimedMatch& timed) {
  std::string phrase;
  if (timed.kind == TimedKind::saturation) {
    phrase = fmt::format("a saturation within {}, judged by {}", base::to_text(timed.window), timed.duration_field);
  } else if (timed.kind == TimedKind::absence) {
    phrase = fmt::format("an absence of {} or more after at least {} lines in half an hour",
                         base::to_text(timed.window), timed.at_least);
  } else if (timed.kind != TimedKind::rate) {
    phrase = fmt::format("a {}", name_of_kind(timed.kind));
    if (timed.window.count() > 0) phrase += " within " + base::to_text(timed.window);
  } else if (timed.share_of) {
    phrase = fmt::format("a share above {:.4g}% per {}", timed.above * 100, base::to_text(timed.window));
    if (timed.at_least > 0) phrase += fmt::format(" of at least {} lines", timed.at_least);
  } else {
    phrase = fmt::format("a rate above {:.4g} per {}", timed.above, base::to_text(timed.window));
  }
  if (!timed.by.empty()) phrase += " by " + timed.by;
  return phrase;
}

std::string phrase_of(const TermPlace& term) {
  if (term.role == TermRole::share_of) {
    return term.timed->kind == TimedKind::saturation ? "what is usual is counted of " : "what the share is of ";
  }
  if (term.role == TermRole::unless) return "must not come ";
  const auto count = term.timed->of[term.index].count;
  return count > 1 ? fmt::format("one of {} ", count) : "";
}

}  // namespace triaged::knowledge

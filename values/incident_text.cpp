#include "values/incident_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "values/text_page.hpp"

namespace triaged::inline values {

namespace {

/// About one screen of an incident.
struct Limits {
  std::size_t workarounds = 5, dead_ends = 5, reasons = 6, other_causes = 3, evidence = 3;
};
constexpr Limits no_limits = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};

constexpr double least_probability = 0.02;  // of another cause that is worth a row

Ink ink_of(const Incident& incident) {
  if (incident.state == IncidentState::resolved) return Ink::green;
  switch (incident.severity) {
    case Severity::info:
      return Ink::blue;
    case Severity::warning:
      return Ink::yellow;
    case Severity::error:
      return Ink::red;
    case Severity::critical:
      return Ink::bold_red;
  }
  return Ink::plain;
}

std::string upper_case(std::string_view word) {
  std::string upper(word);
  for (auto& letter : upper) letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  return upper;
}

std::string label_of(const Incident& incident) {
  return upper_case(incident.state == IncidentState::resolved ? "resolved" : name_of(incident.severity));
}

std::string times_of(const Incident& incident, const LocalClock& clock) {
  const auto count = (incident.count == 1 ? "once" : fmt::format("{} times", incident.count)) + recurrence_of(incident);
  if (incident.written_before != TimePoint{}) return fmt::format("{}, {}", when_unknown(incident, clock), count);
  if (incident.first_seen == TimePoint{}) return count;
  const auto first =
      fmt::format("{} {}", clock.date_and_time_of(incident.first_seen), clock.zone_at(incident.first_seen));
  if (incident.count == 1 || incident.last_seen <= incident.first_seen)
    return fmt::format("seen {} at {}", count, first);
  return fmt::format("first seen {}, last seen {} ({} later), {}", first, clock.time_of(incident.last_seen),
                     span_of(incident), count);
}

void write_heading(TextPage& page, const Incident& incident, const LocalClock& clock) {
  const auto mark = label_of(incident) + "  ";
  auto title = incident.title;
  if (incident.change == Change::updated) title += fmt::format(" (update {})", incident.change_number - 1);
  page.paragraph({.indent = 0, .mark = mark, .mark_ink = ink_of(incident), .text = title, .ink = Ink::bold});
  page.paragraph({.indent = mark.size(), .text = subject_of(incident)});
  page.paragraph({.indent = mark.size(), .text = times_of(incident, clock), .ink = Ink::dim});
  if (const auto harm = harm_of(incident); !harm.empty()) page.paragraph({.indent = mark.size(), .text = harm});
  if (incident.acknowledged == TimePoint{}) return;
  page.paragraph({.indent = mark.size(),
                  .text = fmt::format("acknowledged at {}", clock.time_of(incident.acknowledged)),
                  .ink = Ink::dim});
}

void write_reasons(TextPage& page, const RankedCause& cause, const Limits& most) {
  auto reasons = telling_reasons(cause);
  if (reasons.size() > most.reasons) reasons.resize(most.reasons);
  for (const auto& reason : reasons) {
    const bool supports = reason.log_odds >= 0;
    page.paragraph({.indent = 4,
                    .mark = supports ? "+ " : "- ",
                    .mark_ink = supports ? Ink::green : Ink::red,
                    .text = reason.text});
  }
}

void write_root_cause(TextPage& page, const Incident& incident) {
  if (incident.causes.empty()) return;
  const auto& cause = incident.causes.front();
  page.heading("Root cause", fmt::format("{}, {}", percent(cause.probability), cause.cause));
  page.paragraph({.text = cause.text});
}

void write_other_causes(TextPage& page, const Incident& incident, const Limits& most) {
  for (std::size_t i = 1; i < incident.causes.size() && i <= most.other_causes; ++i) {
    const auto& cause = incident.causes[i];
    if (cause.probability < least_probability) break;
    page.paragraph({.mark = fmt::format("or {:>3}  ", percent(cause.probability)),
                    .mark_ink = Ink::dim,
                    .text = cause.text.empty() ? cause.cause : cause.text,
                    .ink = Ink::dim,
                    .most_rows = 2});
  }
}

void write_open_questions(TextPage& page, const Incident& incident) {
  if (incident.open_questions.empty()) return;
  page.heading("Still open");
  for (const auto& question : incident.open_questions) page.paragraph({.mark = "? ", .text = question.text});
}

/// "fails in 85% of cases"; empty when the rate is not known.
std::string failure_note(double rate) {
  return rate > 0 ? fmt::format("fails in {} of cases", percent(rate)) : std::string();
}

std::string with_note(std::string_view sentence, const std::string& note) {
  if (note.empty()) return std::string(sentence);
  if (sentence.ends_with('.')) sentence.remove_suffix(1);
  return fmt::format("{} ({})", sentence, note);
}

void write_omission(TextPage& page, std::size_t count) {
  if (count > 0) page.paragraph({.text = fmt::format("and {} more", count), .ink = Ink::dim});
}

/// Commands must be copied whole, but a rule may also write sentences there: those are wrapped.
void write_commands(TextPage& page, std::size_t indent, std::string_view commands) {
  while (!commands.empty()) {
    const auto end = std::min(commands.find('\n'), commands.size());
    const auto line = commands.substr(0, end);
    const bool is_sentence =
        line.size() > 60 && line[0] >= 'A' && line[0] <= 'Z' && (line.ends_with('.') || line.ends_with(':'));
    if (is_sentence) {
      page.paragraph({.indent = indent, .text = line});
    } else if (!line.empty()) {
      page.verbatim(indent, line, Ink::cyan);
    } else {
      page.blank_row();
    }
    commands.remove_prefix(std::min(end + 1, commands.size()));
  }
}

void write_workarounds(TextPage& page, const std::vector<RankedWorkaround>& workarounds, const Limits& most) {
  if (workarounds.empty()) return;
  page.heading("Do this first", success_of(workarounds[0]));
  const auto first = advice_of(workarounds[0]);
  page.paragraph({.text = first.sentence});
  write_commands(page, 6, first.commands);
  if (workarounds.size() == 1) return;
  page.heading("Otherwise");
  const std::size_t end = std::min(workarounds.size(), most.workarounds);
  for (std::size_t i = 1; i < end; ++i) {
    const auto advice = advice_of(workarounds[i]);
    page.paragraph(
        {.mark = fmt::format("{}. ", i + 1), .text = with_note(advice.sentence, success_of(workarounds[i]))});
    write_commands(page, 9, advice.commands);
  }
  write_omission(page, workarounds.size() - end);
}

void write_dead_ends(TextPage& page, const std::vector<DeadEnd>& dead_ends, const Limits& most) {
  if (dead_ends.empty()) return;
  page.heading("Do not bother");
  const std::size_t end = std::min(dead_ends.size(), most.dead_ends);
  for (std::size_t i = 0; i < end; ++i) {
    const auto& dead_end = dead_ends[i];
    const bool has_action = !dead_end.action.empty();
    page.paragraph(
        {.mark = "x ",
         .mark_ink = Ink::red,
         .text = with_note(has_action ? dead_end.action : dead_end.why_fails, failure_note(dead_end.fail_rate))});
    if (has_action) page.paragraph({.indent = 4, .text = dead_end.why_fails, .ink = Ink::dim});
  }
  write_omission(page, dead_ends.size() - end);
}

/// A chain of one link says nothing that the root cause did not.
bool has_story(const Incident& incident) { return incident.chain.size() > 1; }

std::string with_source(std::string_view meaning, std::string_view source) {
  if (source.empty()) return std::string(meaning);
  return meaning.empty() ? std::string(source) : fmt::format("{} ({})", meaning, source);
}

void write_chain(TextPage& page, const Incident& incident, const LocalClock& clock) {
  if (!has_story(incident)) return;
  page.heading("Chain", "what led to what");
  for (const auto& link : incident.chain) {
    const auto when = link.at == TimePoint{} ? std::string("        ") : clock.time_of(link.at);
    const std::string_view role = link.role == ChainRole::root      ? "root"
                                  : link.role == ChainRole::symptom ? "symptom"
                                                                    : "then";
    page.paragraph({.mark = fmt::format("{}  {:<7}  ", when, role),
                    .mark_ink = link.role == ChainRole::root ? Ink::bold : Ink::dim,
                    .text = with_source(meaning_of(link), link.source)});
    page.paragraph({.indent = 2 + when.size() + 11, .text = link.line, .ink = Ink::dim, .most_rows = 2});
  }
}

/// The lines that the chain has not shown already: the oldest, and the two newest.
std::vector<Evidence> evidence_to_show(const Incident& incident, const Limits& most) {
  std::vector<Evidence> unseen;
  for (const auto& piece : incident.evidence) {
    const bool is_in_chain =
        has_story(incident) && std::any_of(incident.chain.begin(), incident.chain.end(),
                                           [&](const ChainLink& link) { return link.line == piece.line; });
    if (!is_in_chain) unseen.push_back(piece);
  }
  if (unseen.size() > most.evidence) {
    unseen.erase(unseen.begin() + 1, unseen.end() - static_cast<std::ptrdiff_t>(most.evidence - 1));
  }
  return unseen;
}

void write_evidence(TextPage& page, const Incident& incident, const LocalClock& clock, const Limits& most) {
  const auto evidence = evidence_to_show(incident, most);
  if (evidence.empty()) return;
  page.heading("Evidence");
  for (const auto& piece : evidence) {
    page.paragraph({.text = with_source(moment_of(piece, clock), piece.source)});
    page.paragraph({.indent = 4, .text = piece.line, .ink = Ink::dim, .most_rows = 4});
  }
}

void write_footer(TextPage& page, const Incident& incident) {
  page.blank_row();
  if (!incident.docs.empty()) page.verbatim(0, "Docs      " + incident.docs, Ink::dim);
  if (!incident.rules.empty())
    page.paragraph({.indent = 0,
                    .mark = "Rules     ",
                    .mark_ink = Ink::dim,
                    .text = fmt::format("{}", fmt::join(incident.rules, ", ")),
                    .ink = Ink::dim});
  if (!incident.id.empty()) page.verbatim(0, "Incident  " + incident.id, Ink::dim);
}

}  // namespace

std::string to_text(const Incident& told, const TextStyle& style) {
  TextPage page(style);
  const LocalClock clock{.zone = style.zone, .today = told.first_seen};
  const auto incident = in_local_time(told, clock);
  write_heading(page, incident, clock);
  write_root_cause(page, incident);
  if (style.brief) return page.text();
  const auto most = style.shows_all ? no_limits : Limits();
  if (!incident.causes.empty()) write_reasons(page, incident.causes.front(), most);
  write_other_causes(page, incident, most);
  write_open_questions(page, incident);
  write_workarounds(page, incident.workarounds, most);
  write_dead_ends(page, incident.dead_ends, most);
  write_chain(page, incident, clock);
  write_evidence(page, incident, clock, most);
  write_footer(page, incident);
  return page.text();
}

}  // namespace triaged::inline values

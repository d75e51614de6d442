// How the budget is spent. The texts are made in the order of their worth (heading, root cause, first workaround, dead
// ends, other workarounds, chain, evidence), each with what those before it left, and shown in the order in which they
// are read. The footer's share is set aside first, because it says what is missing.
#include "sinks/slack_message.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sinks/mrkdwn.hpp"
#include "values/incident_text.hpp"
#include "values/json_writer.hpp"

namespace triaged::sinks {

namespace {

// Bytes that each text may have at most. Those of the first five and the footer stay below the budget together.
constexpr std::size_t longest_fallback = 400, longest_subject = 600, longest_root_cause = 1500, longest_first = 2900;
constexpr std::size_t longest_dead_ends = 2000, longest_others = 2000, longest_chain = 1500, longest_evidence = 2000;
constexpr std::size_t longest_footer = 500;
static_assert(longest_fallback + SlackLimits::header + longest_subject + longest_root_cause + longest_first +
                  longest_dead_ends + longest_footer <
              SlackLimits::all_text);
constexpr std::size_t least_text = 200;  // less room than that is not worth a heading
constexpr std::size_t longest_row = 500;
constexpr std::size_t least_code = 80;

struct Piece {
  std::string text;
  bool is_cut = false;
};

std::string_view emoji_of(const Incident& incident) {
  if (incident.state == IncidentState::resolved) return "✅";
  switch (incident.severity) {
    case Severity::critical:
      return "🔴";
    case Severity::error:
      return "🟠";
    case Severity::warning:
      return "🟡";
    case Severity::info:
      return "🔵";
  }
  return "🔵";
}

std::string header_text(const Incident& incident) {
  const auto title = slack_plain_line(incident.title, SlackLimits::header - 24);
  const bool is_resolved = incident.state == IncidentState::resolved;
  return fmt::format("{} {}{}", emoji_of(incident), is_resolved ? "Resolved: " : "",
                     title.empty() ? "Incident" : title);
}

std::string subject_text(const Incident& incident, const LocalClock& clock) {
  const auto subject = mrkdwn_line(subject_of(incident), 300);
  auto text = subject.empty() ? std::string() : subject + "\n";
  if (incident.state == IncidentState::open) text += fmt::format("{}, ", name_of(incident.severity));
  text += incident.count == 1 ? "seen once" : fmt::format("seen {} times", incident.count);
  text += recurrence_of(incident);
  if (incident.first_seen == TimePoint{}) return text;
  text += fmt::format(", first {}", clock.time_and_zone_of(incident.first_seen));
  if (incident.last_seen > incident.first_seen) {
    text += fmt::format(", last {} ({} later)", clock.time_of(incident.last_seen), span_of(incident));
  }
  return text;
}

/// percent() may say "<1%".
std::string escaped_percent(double share) { return mrkdwn_line(percent(share), 16); }

std::string failure_note(double rate) {
  return rate > 0 ? fmt::format(" (fails in {} of cases)", escaped_percent(rate)) : std::string();
}

std::string success_note(const RankedWorkaround& workaround) {
  const auto note = success_of(workaround);
  return note.empty() ? note : fmt::format(" ({})", mrkdwn_line(note, 100));
}

Piece root_cause_piece(const Incident& incident, const LocalClock& /*clock*/, std::size_t longest) {
  if (incident.causes.empty()) return {};
  const auto& cause = incident.causes.front();
  MrkdwnRows rows(longest);
  rows.add(fmt::format("*Root cause* ({}) {}", escaped_percent(cause.probability), mrkdwn_span(cause.cause, 100)));
  rows.add(mrkdwn_line(cause.text, longest_row));
  for (const auto& reason : telling_reasons(cause)) {
    const auto line = mrkdwn_line(reason.text, 200);
    if (!line.empty()) rows.add(fmt::format("• {}{}", reason.log_odds < 0 ? "against it: " : "", line));
  }
  if (const auto harm = mrkdwn_line(harm_of(incident), 200); !harm.empty()) rows.add(fmt::format("• {}", harm));
  for (const auto& question : incident.open_questions) rows.add("? " + mrkdwn_line(question.text, longest_row));
  return {rows.text(), rows.has_omitted()};
}

/// A sentence and, as far as they fit, its commands in a block of code.
std::string advice_row(std::string_view mark, const RankedWorkaround& workaround, std::size_t longest) {
  const auto advice = advice_of(workaround);
  auto row = fmt::format("{}{}{}", mark, mrkdwn_line(advice.sentence, std::min(longest_row, longest / 2)),
                         success_note(workaround));
  if (advice.commands.empty() || row.size() + 1 + least_code > longest) return row;
  return row + "\n" + mrkdwn_code(advice.commands, longest - row.size() - 1);
}

Piece first_workaround_piece(const Incident& incident, const LocalClock& /*clock*/, std::size_t longest) {
  if (incident.workarounds.empty()) return {};
  constexpr std::string_view heading = "*Do this first*\n";
  return {std::string(heading) + advice_row("", incident.workarounds.front(), longest - heading.size())};
}

Piece other_workarounds_piece(const Incident& incident, const LocalClock& /*clock*/, std::size_t longest) {
  if (incident.workarounds.size() < 2) return {};
  MrkdwnRows rows(longest);
  rows.add("*Otherwise*");
  for (std::size_t i = 1; i < incident.workarounds.size(); ++i) {
    rows.add(advice_row(fmt::format("{}. ", i + 1), incident.workarounds[i],
                        std::clamp(rows.room(), least_text, longest_row)));
  }
  return {rows.text(), rows.has_omitted()};
}

Piece dead_ends_piece(const Incident& incident, const LocalClock& /*clock*/, std::size_t longest) {
  if (incident.dead_ends.empty()) return {};
  MrkdwnRows rows(longest);
  for (const auto& dead_end : incident.dead_ends) {
    const auto action = mrkdwn_line(dead_end.action, 250), why = mrkdwn_line(dead_end.why_fails, longest_row);
    const auto rate = failure_note(dead_end.fail_rate);
    if (action.empty() && why.empty()) continue;
    rows.add(action.empty() || why.empty() ? fmt::format("*Do not bother:* {}{}{}", action, why, rate)
                                           : fmt::format("*Do not bother:* {}{} – {}", action, rate, why));
  }
  return {rows.text(), rows.has_omitted()};
}

Piece chain_piece(const Incident& incident, const LocalClock& clock, std::size_t longest) {
  if (incident.chain.size() < 2) return {};
  MrkdwnRows rows(longest);
  rows.add("*Chain*");
  for (const auto& link : incident.chain) {
    rows.add(fmt::format("{} {} {} {}", link.at == TimePoint{} ? "" : mrkdwn_span(clock.time_of(link.at), 20),
                         link.role == ChainRole::intermediate ? "then" : name_of(link.role),
                         mrkdwn_line(meaning_of(link), 200), mrkdwn_line(link.source, 100)));
  }
  return {rows.text(), rows.has_omitted()};
}

Piece evidence_piece(const Incident& incident, const LocalClock& clock, std::size_t longest) {
  if (incident.evidence.empty()) return {};
  MrkdwnRows rows(longest);
  rows.add("*Evidence*");
  for (const auto& piece : incident.evidence) {
    const auto moment = mrkdwn_line(moment_of(piece, clock), 200), source = mrkdwn_line(piece.source, 100);
    rows.add(
        fmt::format("{}{}{}\n{}", moment, moment.empty() ? "" : ", ", source, mrkdwn_code(piece.line, longest_row)));
  }
  return {rows.text(), rows.has_omitted()};
}

/// A link only where the address can neither end it early nor run something.
std::string docs_link(const std::string& docs) {
  const bool is_web = docs.starts_with("https://") || docs.starts_with("http://");
  const bool is_plain =
      std::all_of(docs.begin(), docs.end(), [](char byte) { return byte > 32 && byte < 127 && byte != '|'; });
  if (!is_web || !is_plain || docs.size() > 200 || docs.find_first_of("<>\"`") != std::string::npos) return {};
  const auto link = fmt::format("<{}|Documentation>", slack_plain_line(docs, 1100));
  return link.size() <= 300 ? link : std::string();
}

void write_text(JsonWriter& json, std::string_view type, std::string_view text) {
  json.begin_object();
  json.key("type").text(type);
  json.key("text").text(text);
  // verbatim: Slack makes no links of addresses and names that stand in log lines.
  if (type == "mrkdwn") json.key("verbatim").boolean(true);
  if (type == "plain_text") json.key("emoji").boolean(false);  // ":smile:" of a log line stays what it is
  json.end_object();
}

class Composer {
 public:
  Composer(Incident incident, const LocalClock& clock) : incident_(std::move(incident)), clock_(clock) {}

  std::string compose() {
    const auto fallback = spend(slack_plain_line(to_summary(incident_), longest_fallback));
    const auto header = spend(header_text(incident_));
    const auto subject = spend(subject_text(incident_, clock_));
    left_ -= longest_footer;
    json_.begin_object();
    json_.key("text").text(fallback);
    json_.key("mrkdwn").boolean(false);
    json_.key("parse").text("none");
    for (const auto* link : {"link_names", "unfurl_links", "unfurl_media"}) json_.key(link).boolean(false);
    json_.key("blocks").begin_array();
    add_block("header", "plain_text", header);
    add_section(subject);
    incident_.state == IncidentState::resolved ? add_short_story() : add_story();
    add_footer();
    json_.end_array();
    json_.end_object();
    return std::move(json_).json();
  }

 private:
  std::string spend(std::string text) {
    left_ -= text.size();
    return text;
  }

  /// What `write` makes of at most `longest` bytes and what is left.
  template <typename Write>
  std::string piece(std::string_view name, std::size_t longest, Write write) {
    const auto room = std::min(longest, left_);
    if (room < least_text) {
      if (!write(incident_, clock_, longest).text.empty()) cut_.push_back(name);
      return {};
    }
    const Piece written = write(incident_, clock_, room);
    if (written.is_cut) cut_.push_back(name);
    return spend(written.text);
  }

  void add_story() {
    const auto root_cause = piece("reasons", longest_root_cause, root_cause_piece);
    const auto first = piece("first workaround", longest_first, first_workaround_piece);
    const auto dead_ends = piece("dead ends", longest_dead_ends, dead_ends_piece);
    const auto others = piece("other workarounds", longest_others, other_workarounds_piece);
    const auto chain = piece("chain", longest_chain, chain_piece);
    const auto evidence = piece("evidence", longest_evidence, evidence_piece);
    for (const auto& text : {root_cause, first, others, dead_ends, chain, evidence}) add_section(text);
  }

  void add_short_story() {
    if (incident_.causes.empty()) return;
    const auto& cause = incident_.causes.front();
    add_section(fmt::format("*It was* ({}) {}", escaped_percent(cause.probability),
                            mrkdwn_line(cause.text.empty() ? cause.cause : cause.text, longest_row)));
  }

  void add_block(std::string_view kind, std::string_view type, const std::string& text) {
    json_.begin_object();
    json_.key("type").text(kind);
    write_text(json_.key("text"), type, text);
    json_.end_object();
  }

  void add_section(const std::string& text) {
    if (!text.empty()) add_block("section", "mrkdwn", text);
  }

  void add_footer() {
    std::string footer;
    if (!cut_.empty()) footer = fmt::format("Shortened for Slack: {}. ", fmt::join(cut_, ", "));
    const auto id = mrkdwn_span(incident_.id, 60);
    if (!id.empty()) footer += "Incident " + id;
    const auto link = docs_link(incident_.docs);
    if (!link.empty()) footer += (footer.empty() ? "" : " · ") + link;
    if (footer.empty()) return;
    json_.begin_object();
    json_.key("type").text("context");
    json_.key("elements").begin_array();
    write_text(json_, "mrkdwn", footer);
    json_.end_array();
    json_.end_object();
  }

  const Incident incident_;
  const LocalClock& clock_;
  std::size_t left_ = SlackLimits::all_text;
  std::vector<std::string_view> cut_;  // names of the texts that are not whole
  JsonWriter json_;
};

}  // namespace

std::string slack_message(const Incident& incident, const LocalClock& clock) {
  return Composer(in_local_time(incident, clock), clock).compose();
}

}  // namespace triaged::sinks

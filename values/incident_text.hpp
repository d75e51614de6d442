// An incident as a person reads it: on a terminal (`triaged scan`, the stdout sink) and in one line (syslog, a chat's
// preview). Nothing that a log line holds can act on the terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/local_clock.hpp"
#include "values/incident.hpp"

namespace triaged::inline values {

struct TextStyle {
  bool colour = false;
  unsigned width = 100;    // columns; 0: rows are never broken
  bool brief = false;      // heading and root cause only
  bool shows_all = false;  // not about one screen, but all reasons, workarounds and lines
  TimeZone zone = {};      // of all times; it is named once, after the first one
};

/// Several rows, each with its line end: heading, root cause with its reasons, what to do first, what not to bother
/// with, the chain, evidence.
[[nodiscard]] std::string to_text(const Incident& incident, const TextStyle& style);

/// One line without a line end: "critical: Upstream refused the connection (upstream 127.0.0.1:8003 on web-1). …".
[[nodiscard]] std::string to_summary(const Incident& incident);

/// "93%"; "<1%" and "99%" where rounding would claim 0% or 100% that are not.
[[nodiscard]] std::string percent(double share);

/// How long the incident has been seen, in its two largest units: "2m5s", "1d3h", "0s".
[[nodiscard]] std::string span_of(const Incident& incident);
/// ", recurred 4 times"; empty when it never did.
[[nodiscard]] std::string recurrence_of(const Incident& incident);
/// Why the severity is not that of the rules, or else how many requests fail; empty: nobody knows.
[[nodiscard]] std::string harm_of(const Incident& incident);

/// "time unknown: no line has one; written before 2026-11-21 03:12:45 CET", of such an incident.
[[nodiscard]] std::string when_unknown(const Incident& incident, const LocalClock& clock);

/// "upstream 127.0.0.1:8003 on web-1"; empty when neither entity nor host is known.
[[nodiscard]] std::string subject_of(const Incident& incident);

/// The incident with the times in its own texts (title, causes and reasons, what lines say) as `clock` has them; log
/// lines and commands stay as they are. For whatever people read; JSON has UTC.
[[nodiscard]] Incident in_local_time(Incident incident, const LocalClock& clock);

/// What the line says in words, "nginx: the upstream refuses connections"; the rule's id where no words were kept.
[[nodiscard]] const std::string& meaning_of(const ChainLink& link);
[[nodiscard]] const std::string& meaning_of(const Evidence& evidence);

/// "03:12:07 nginx: the upstream refuses connections": when a line was written and what it says. Without what is not
/// known; may be empty.
[[nodiscard]] std::string moment_of(const Evidence& evidence, const LocalClock& clock);

/// Why a cause is likely or not, strongest first, without what hardly moves it (the JSON holds all of it).
[[nodiscard]] std::vector<Contribution> telling_reasons(const RankedCause& cause);

/// "works in 85% of cases, worked 7 of 9 times here", as far as it is known; may be empty.
[[nodiscard]] std::string success_of(const RankedWorkaround& workaround);

/// A piece of advice as rules write it: `action` says what, `how` holds commands. Rules that give one text for both
/// (the canon dialects do) are told apart here: `sentence` is what to say, `commands` what to show as it is.
struct AdviceText {
  std::string sentence;
  std::string commands;
};
[[nodiscard]] AdviceText advice_of(const RankedWorkaround& workaround);

}  // namespace triaged::inline values

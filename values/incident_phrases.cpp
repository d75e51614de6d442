// The short phrases of incident_text.hpp that terminals, syslog and chats share.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "values/incident_text.hpp"

namespace triaged::inline values {

namespace {

/// Blanks and line ends at both ends are dropped; the others become one blank each.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char byte : text) {
    const bool is_blank = byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
    if (!is_blank) line += byte;
    if (is_blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string without_full_stop(std::string text) {
  while (text.ends_with('.')) text.pop_back();
  return text;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// The part of `text` after its first line.
std::string_view after_first_line(std::string_view text) {
  const auto end = text.find('\n');
  return end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
}

}  // namespace

std::string percent(double share) {
  if (!std::isfinite(share)) return "?";
  const auto rounded = std::lround(std::clamp(share, 0.0, 1.0) * 100);
  if (rounded == 0 && share > 0) return "<1%";
  if (rounded == 100 && share < 1) return "99%";
  return fmt::format("{}%", rounded);
}

std::string success_of(const RankedWorkaround& workaround) {
  const auto& here = workaround.here;
  std::string text;
  if (workaround.success_rate > 0) text = fmt::format("works in {} of cases", percent(workaround.success_rate));
  if (here.is_empty()) return text;
  if (!text.empty()) text += ", ";
  const auto times = here.worked + here.failed;
  return text + fmt::format("worked {} of {} time{} here", here.worked, times, times == 1 ? "" : "s");
}

std::string span_of(const Incident& incident) {
  using namespace std::chrono;
  auto left = std::max(duration_cast<seconds>(incident.last_seen - incident.first_seen), seconds(0));
  constexpr std::pair<const char*, seconds> units[] = {
      {"d", days(1)}, {"h", hours(1)}, {"m", minutes(1)}, {"s", seconds(1)}};
  std::string text;
  int told = 0;
  for (const auto& [name, unit] : units) {
    const auto count = left / unit;
    left -= count * unit;
    if (count > 0) text += fmt::format("{}{}", count, name);
    if ((count > 0 || told > 0) && ++told == 2) break;
  }
  return text.empty() ? "0s" : text;
}

std::string when_unknown(const Incident& incident, const LocalClock& clock) {
  return fmt::format("time unknown: no line has one; written before {} {}",
                     clock.date_and_time_of(incident.written_before), clock.zone_at(incident.written_before));
}

std::string recurrence_of(const Incident& incident) {
  if (incident.recurred == 0) return {};
  return incident.recurred == 1 ? ", recurred once" : fmt::format(", recurred {} times", incident.recurred);
}

std::string subject_of(const Incident& incident) {
  const bool is_unnamed_host = incident.entity.kind == "host" && incident.entity.value.empty();
  if (is_unnamed_host) return "host " + (incident.host.empty() ? "(its name is in no line)" : incident.host);
  std::string subject = incident.entity.kind;
  if (!subject.empty() && !incident.entity.value.empty()) subject += ' ';
  subject += incident.entity.value;
  if (incident.host.empty() || (incident.entity.kind == "host" && incident.entity.value == incident.host))
    return subject;
  return subject.empty() ? "on " + incident.host : fmt::format("{} on {}", subject, incident.host);
}

Incident in_local_time(Incident incident, const LocalClock& clock) {
  const auto set = [&](std::string& text) { text = clock.with_local_times(text); };
  set(incident.title);
  for (auto& cause : incident.causes) {
    set(cause.text);
    for (auto& reason : cause.because) set(reason.text);
  }
  for (auto& link : incident.chain) set(link.says);
  for (auto& piece : incident.evidence) set(piece.says);
  return incident;
}

std::string harm_of(const Incident& incident) {
  if (!incident.severity_because.empty() || !incident.impact) return incident.severity_because;
  const auto& [failing, of, users_see] = *incident.impact;
  return users_see ? fmt::format("{} of {} requests failed", failing, of)
                   : fmt::format("no request failed: other servers answered {} after a retry", of);
}

const std::string& meaning_of(const ChainLink& link) { return link.says.empty() ? link.rule : link.says; }

const std::string& meaning_of(const Evidence& evidence) {
  return evidence.says.empty() ? evidence.rule : evidence.says;
}

std::string moment_of(const Evidence& evidence, const LocalClock& clock) {
  const auto& meaning = meaning_of(evidence);
  if (evidence.at == TimePoint{}) return meaning;
  return meaning.empty() ? clock.time_of(evidence.at) : fmt::format("{} {}", clock.time_of(evidence.at), meaning);
}

std::vector<Contribution> telling_reasons(const RankedCause& cause) {
  constexpr double least = 0.2;
  auto reasons = cause.because;
  std::erase_if(reasons, [](const Contribution& reason) { return std::abs(reason.log_odds) < least; });
  std::stable_sort(reasons.begin(), reasons.end(), [](const Contribution& a, const Contribution& b) {
    return std::abs(a.log_odds) > std::abs(b.log_odds);
  });
  return reasons;
}

AdviceText advice_of(const RankedWorkaround& workaround) {
  const auto action = trimmed(workaround.action), how = trimmed(workaround.how);
  const auto first_line = trimmed(action.substr(0, action.find('\n')));
  const auto more = after_first_line(action);
  if (how.empty() || how == action) return {std::string(first_line), std::string(more)};
  if (first_line.empty()) return {std::string(how.substr(0, how.find('\n'))), std::string(after_first_line(how))};
  return {std::string(first_line), more.empty() ? std::string(how) : fmt::format("{}\n{}", more, how)};
}

std::string to_summary(const Incident& incident) {
  const bool is_resolved = incident.state == IncidentState::resolved;
  std::string line = fmt::format("{}: {}", is_resolved ? "resolved" : name_of(incident.severity), incident.title);
  if (const auto subject = subject_of(incident); !subject.empty()) line += fmt::format(" ({})", subject);
  if (is_resolved) {
    line += fmt::format(" after {}, seen {} times", span_of(incident), incident.count);
  } else if (incident.count > 1) {
    line += fmt::format(", {} times in {}", incident.count, span_of(incident));
  }
  line += recurrence_of(incident);
  line += '.';
  if (!incident.causes.empty()) {
    const auto& cause = incident.causes.front();
    line += fmt::format(" Cause ({}): {}.", percent(cause.probability),
                        without_full_stop(one_line(cause.text.empty() ? cause.cause : cause.text)));
  }
  if (!is_resolved && !incident.workarounds.empty()) {
    line +=
        fmt::format(" Do first: {}.", without_full_stop(one_line(advice_of(incident.workarounds.front()).sentence)));
  }
  return to_printable(one_line(line));
}

}  // namespace triaged::inline values

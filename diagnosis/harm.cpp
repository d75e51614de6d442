#include "diagnosis/harm.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace triaged::diagnosis {

namespace {

constexpr std::uint64_t enough_hidden = 3;       // failures that no client saw
constexpr std::uint64_t enough_answers = 20;     // that nothing else fails
constexpr std::uint64_t enough_failing = 10;     // to call the share of a handful of requests one
constexpr std::uint64_t enough_for_outage = 50;  // requests
constexpr double few = 0.05, most = 0.5, all = 0.9;
constexpr Microseconds long_outage = std::chrono::minutes(1);

double share_of(const Impact& impact) {
  return impact.of == 0 ? 0 : static_cast<double>(impact.failing) / static_cast<double>(impact.of);
}

std::string seconds_text(Microseconds length) {
  return fmt::format("{:.0f} s", std::chrono::duration<double>(length).count());
}

std::string failing_text(const Impact& impact, Microseconds lasted) {
  return fmt::format("{} of {} requests failed in {}", impact.failing, impact.of, seconds_text(lasted));
}

/// A step down, and not below a warning: it happened all the same.
Severity milder(Severity severity) { return severity == Severity::critical ? Severity::error : Severity::warning; }

/// Why it is milder than its rules say; empty: it is not.
std::string why_milder(const Impact& impact, std::uint64_t hidden, const GoodAnswers& answers, Severity by_rules,
                       Microseconds lasted) {
  if (impact.failing == 0 && hidden >= enough_hidden) {
    return fmt::format("other servers answered all {} requests that failed at first", hidden);
  }
  if (impact.failing == 0 && answers.since >= enough_answers && answers.stays_away && !answers.may_be_of_others) {
    return fmt::format("{} requests were answered as they should be since, and none failed", answers.since);
  }
  const bool is_small = impact.of >= 2 * enough_for_outage && share_of(impact) <= few;
  return is_small && by_rules == Severity::critical ? failing_text(impact, lasted) : std::string();
}

/// What so many failing requests are at least.
Severity at_least(const Impact& impact, Microseconds lasted) {
  const auto share = share_of(impact);
  if (impact.failing >= enough_for_outage && share >= all && lasted >= long_outage) return Severity::critical;
  return impact.failing >= enough_failing && share >= most ? Severity::error : Severity::warning;
}

/// A view that nearly always fails is broken for all who need it, however few they are among all requests.
bool is_view_broken(const std::optional<FailingRequests>& of_url) {
  return of_url && of_url->failed >= enough_failing &&
         static_cast<double>(of_url->failed) >= all * static_cast<double>(of_url->of);
}

std::string view_text(const FailingRequests& of_url) {
  return fmt::format("{} of {} requests {} {} failed", of_url.failed, of_url.of, of_url.method, of_url.path);
}

}  // namespace

Harm harm_of(const OpenIncident& incident, const GoodAnswers& answers, const std::optional<FailingRequests>& of_url,
             Severity by_rules) {
  const auto& statistics = incident.statistics;
  const auto lasted = incident.rhythm.last - incident.rhythm.first;
  const Impact impact{.failing = statistics.failing_requests(),
                      .of = statistics.failing_requests() + statistics.hidden + answers.meanwhile,
                      .users_see = statistics.failing_requests() > 0};
  Harm harm{.severity = by_rules, .because = {}, .impact = {}};
  if (answers.is_partial) {  // what was reported stays
    harm.severity = std::max(by_rules, incident.reported_severity);
    return harm;
  }
  if (impact.failing + statistics.hidden > 0) harm.impact = impact;
  if (by_rules == Severity::info) return harm;
  auto because = why_milder(impact, statistics.hidden, answers, by_rules, lasted);
  if (!because.empty()) {
    harm.severity = milder(by_rules);
  } else if (const auto worse = at_least(impact, lasted); worse > by_rules) {
    harm.severity = worse;
    because = failing_text(impact, lasted);
  } else if (is_view_broken(of_url) && by_rules < Severity::error) {
    harm.severity = Severity::error;
    because = view_text(*of_url);
  }
  if (harm.severity == by_rules) return harm;
  harm.because = fmt::format("{}, not {}: {}", name_of(harm.severity), name_of(by_rules), because);
  return harm;
}

}  // namespace triaged::diagnosis

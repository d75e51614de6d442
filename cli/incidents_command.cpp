// `triaged incidents list|show|ack|resolve|feedback`: what operators see of incidents and say of them. The daemon may
// be running or not.
#include <chrono>
#include <cstdio>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/local_clock.hpp"
#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/report_problems.hpp"
#include "diagnosis/learnt.hpp"
#include "store/stored_incidents.hpp"
#include "values/identity.hpp"
#include "values/incident_text.hpp"

namespace triaged::cli {

namespace {

// A running daemon looks at the ledger once a second; on a busy machine it may take a little longer.
constexpr auto longest_wait = std::chrono::seconds(5);
constexpr auto look_every = std::chrono::milliseconds(50);

int fail_with(int status, const std::string& why) {
  fmt::print(stderr, "triaged incidents: {}\n", why);
  return status;
}

std::string titled(const Incident& incident) {
  const auto subject = subject_of(incident);
  const auto title = LocalClock{.zone = {}, .today = incident.last_seen}.with_local_times(incident.title);
  return to_printable(subject.empty() ? title : fmt::format("{} ({})", title, subject));
}

bool is_listed(const store::StoredStory& story, const IncidentsOptions& options) {
  const auto& incident = story.incident;
  if (incident.state == IncidentState::resolved && !options.all) return false;
  if (options.min_severity && incident.severity < *options.min_severity) return false;
  return !options.since || incident.last_seen >= *options.since;
}

void print_row(const store::StoredStory& story, const LocalClock& clock) {
  const auto& incident = story.incident;
  fmt::print("{:<26}  {:<8}  {:<13}  {}  {:>7}  {}\n", to_printable(incident.id), name_of(incident.severity),
             story.state(), clock.date_and_time_of(incident.last_seen), incident.count, titled(incident));
}

/// The one incident that is meant, or the exit status and why it is not clear.
struct Found {
  std::optional<store::StoredStory> story;
  int status = exit_done;
};

Found find_one(const store::StoredIncidents& incidents, const std::string& prefix) {
  auto found = incidents.all({.prefix = prefix});
  if (!found) return {{}, fail_with(exit_could_not_run, found.error().message)};
  if (prefix.empty() || found->empty()) {
    return {{},
            fail_with(exit_found, fmt::format("no incident's id begins with '{}'; `triaged incidents list --all` shows "
                                              "those that are kept",
                                              to_printable(prefix)))};
  }
  if (found->size() == 1) return {std::move(found->front()), exit_done};
  auto why = fmt::format("{} incidents' ids begin with '{}'; give more of it:", found->size(), to_printable(prefix));
  for (std::size_t i = 0; i < std::min<std::size_t>(found->size(), 10); ++i) {
    why += fmt::format("\n  {}  {}", to_printable((*found)[i].incident.id), titled((*found)[i].incident));
  }
  return {{}, fail_with(exit_found, why)};
}

/// Whether the daemon took up what was asked of `incident`.
bool was_taken_up(const store::StoredIncidents& incidents, const std::string& incident) {
  const auto end = std::chrono::steady_clock::now() + longest_wait;
  while (std::chrono::steady_clock::now() < end) {
    const auto story = incidents.all({.prefix = incident});
    if (story && !story->empty() && !story->front().requested) return true;
    std::this_thread::sleep_for(look_every);
  }
  return false;
}

/// Leaves a request and says what came of it.
int ask_for(const IncidentsOptions& options, IncidentAction action, std::string_view done) {
  const auto incidents = options.state.open<store::StoredIncidents>(store::StoredFor::changing);
  if (!incidents) return fail_with(exit_could_not_run, incidents.error().message);
  const auto found = find_one(*incidents, options.incident);
  if (!found.story) return found.status;
  const auto& incident = found.story->incident;
  if (incident.state == IncidentState::resolved) {
    const auto merged = incident.merged_into.empty() ? "" : fmt::format(" (it is part of {})", incident.merged_into);
    return fail_with(exit_found, fmt::format("incident {} is resolved already{}", incident.id, merged));
  }
  const auto at = now();
  const auto asked = incidents->ask(
      {.id = hash_text(fmt::format("{}\n{}\n{}", incident.id, static_cast<int>(action), at.time_since_epoch().count())),
       .incident = incident.id,
       .action = action,
       .at = at});
  if (!asked) return fail_with(exit_could_not_run, asked.error().message);
  if (was_taken_up(*incidents, incident.id)) {
    fmt::print("{}: {}  {}\n", done, incident.id, titled(incident));
  } else {
    fmt::print("noted: {}  {}\nno daemon has answered yet: the incident will be {} as soon as one runs\n", incident.id,
               titled(incident), done);
  }
  return exit_done;
}

void print_report(const Incident& incident, const WorkaroundReport& report, const std::vector<WorkaroundReport>& all) {
  std::uint64_t worked = 0, failed = 0;
  for (const auto& other : all) {
    const bool is_same =
        other.rule == report.rule && other.cause == report.cause && other.workaround == report.workaround;
    if (is_same && !other.is_withdrawn) ++(other.has_worked ? worked : failed);
  }
  std::string action = report.workaround;
  for (const auto& workaround : incident.workarounds) {
    const bool is_it = workaround.rule == report.rule && workaround.id == report.workaround;
    if (is_it) action = advice_of(workaround).sentence;
  }
  fmt::print("{}{}: {}\n  of rule {} against {}, worked {} of {} time{} here\n",
             report.is_withdrawn ? "taken back: " : "", report.has_worked ? "worked" : "failed", to_printable(action),
             to_printable(report.rule), to_printable(report.cause), worked, worked + failed,
             worked + failed == 1 ? "" : "s");
}

int print_reports(const store::StoredIncidents& incidents, const Incident& incident,
                  const std::vector<WorkaroundReport>& reports) {
  const auto all = incidents.reports();
  if (!all) return fail_with(exit_could_not_run, all.error().message);
  for (const auto& report : reports) print_report(incident, report, *all);
  return exit_done;
}

int undo_feedback(const store::StoredIncidents& incidents, const Incident& incident) {
  auto withdrawn = incidents.withdraw_last(incident.id);
  if (!withdrawn) return fail_with(exit_could_not_run, withdrawn.error().message);
  if (!*withdrawn) return fail_with(exit_found, fmt::format("there is no feedback on incident {}", incident.id));
  (*withdrawn)->is_withdrawn = true;
  return print_reports(incidents, incident, {**withdrawn});
}

void print_story(const store::StoredStory& story) {
  const auto& incident = story.incident;
  fmt::print("{}", to_text(incident, {.colour = shows_colour(STDOUT_FILENO)}));
  if (story.requested) fmt::print("State     {}: the daemon has not taken it up yet\n", story.state());
  if (incident.workarounds.empty()) return;
  fmt::print("Feedback  triaged incidents feedback {} --worked N, or --failed N: 1 is what to do first\n",
             to_printable(incident.id));
}

}  // namespace

int incidents_list_command(const IncidentsOptions& options) {
  const auto incidents = options.state.open<store::StoredIncidents>(store::StoredFor::reading);
  if (!incidents) return fail_with(exit_could_not_run, incidents.error().message);
  auto stories = incidents->all();
  if (!stories) return fail_with(exit_could_not_run, stories.error().message);
  std::erase_if(*stories, [&](const store::StoredStory& story) { return !is_listed(story, options); });
  if (options.json) {
    for (const auto& story : *stories) fmt::print("{}\n", to_json(story.incident));
    return exit_done;
  }
  if (stories->empty()) {
    fmt::print(stderr, "no {}incidents{}\n", options.all ? "" : "open ",
               options.all ? "" : "; --all shows resolved incidents");
    return exit_done;
  }
  const LocalClock clock{.zone = {}, .today = now()};
  fmt::print("{:<26}  {:<8}  {:<13}  {:<19}  {:>7}  TITLE\n", "INCIDENT", "SEVERITY", "STATE",
             fmt::format("LAST SEEN ({})", clock.zone_at(clock.today)), "COUNT");
  for (const auto& story : *stories) print_row(story, clock);
  return exit_done;
}

int incidents_show_command(const IncidentsOptions& options) {
  const auto incidents = options.state.open<store::StoredIncidents>(store::StoredFor::reading);
  if (!incidents) return fail_with(exit_could_not_run, incidents.error().message);
  const auto found = find_one(*incidents, options.incident);
  if (!found.story) return found.status;
  if (options.json) {
    fmt::print("{}\n", to_json(found.story->incident));
  } else {
    print_story(*found.story);
  }
  return exit_done;
}

int incidents_ack_command(const IncidentsOptions& options) {
  return ask_for(options, IncidentAction::acknowledge, "acknowledged");
}

int incidents_resolve_command(const IncidentsOptions& options) {
  return ask_for(options, IncidentAction::resolve, "resolved");
}

int incidents_feedback_command(const IncidentsOptions& options) {
  std::vector<diagnosis::TriedWorkaround> tried;
  for (const auto& name : options.failed) tried.push_back({name, false});
  for (const auto& name : options.worked) tried.push_back({name, true});
  if (tried.empty() && !options.undo) {
    return fail_with(exit_could_not_run, "say what helped: --worked N, or what did not: --failed N");
  }
  const auto incidents = options.state.open<store::StoredIncidents>(store::StoredFor::changing);
  if (!incidents) return fail_with(exit_could_not_run, incidents.error().message);
  const auto found = find_one(*incidents, options.incident);
  if (!found.story) return found.status;
  const auto& incident = found.story->incident;
  if (options.undo) return undo_feedback(*incidents, incident);
  const auto reports = diagnosis::reports_on(incident, tried, now());
  if (!reports) return fail_with(exit_found, reports.error().message);
  const auto added = incidents->add(*reports);
  if (!added) return fail_with(exit_could_not_run, added.error().message);
  return print_reports(*incidents, incident, *reports);
}

}  // namespace triaged::cli

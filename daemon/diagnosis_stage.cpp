#include "daemon/diagnosis_stage.hpp"

#include <chrono>
#include <map>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "daemon/clock.hpp"

namespace triaged {

namespace {

// A group is committed after this long or this many symptoms, whichever comes first: the price of one transaction is
// shared, and a diagnosis waits no longer than a person would notice.
constexpr auto longest_group = std::chrono::milliseconds(100);
constexpr std::size_t most_symptoms = 4096;

constexpr auto idle_look = std::chrono::milliseconds(250);
constexpr auto warn_every = std::chrono::minutes(1);
constexpr auto store_retry = std::chrono::seconds(1);
constexpr int last_store_tries = 5;  // while stopping

}  // namespace

std::optional<Notification> notification_for(const Route& route, const Incident& incident) {
  const bool was_told = incident.told_severity && *incident.told_severity >= route.min_severity;
  if (!was_told && (incident.severity < route.min_severity || incident.change == Change::resolved)) return std::nullopt;
  Notification notification{.sink = route.sink,
                            .idempotency_key = fmt::format("{}/{}", incident.id, incident.change_number),
                            .incident = incident};
  if (!was_told) notification.incident.change = Change::opened;
  return notification;
}

DiagnosisStage::DiagnosisStage(Diagnoser diagnoser, std::vector<Route> routes, Ledger& ledger,
                               BoundedQueue<MatchedBatch>& matched, std::function<void()> committed)
    : diagnoser_(std::move(diagnoser)),
      routes_(std::move(routes)),
      ledger_(ledger),
      matched_(matched),
      committed_(std::move(committed)),
      thread_([this] { run(); }) {}

DiagnosisStage::~DiagnosisStage() { thread_.join(); }

void DiagnosisStage::run() {
  bool more = true;
  while (more) {
    Commit commit;
    more = collect(commit);
    diagnoser_.advance_to(clock_.now());
    add_changes(commit);
    ++heartbeat_;
    if (commit.cursors.empty() && commit.open_incidents.empty() && commit.closed_incidents.empty() &&
        commit.notifications.empty()) {
      continue;
    }
    if (!store(commit)) return;
    ++commits_;
    notifications_ += commit.notifications.size();
    if (!commit.notifications.empty()) committed_();
  }
}

/// Waits for matched batches and feeds them until the group is complete. False: there will be no more.
bool DiagnosisStage::collect(Commit& commit) {
  std::map<std::string, std::string> cursors;  // the last one of each stream counts
  auto deadline = std::chrono::steady_clock::now() + idle_look;
  std::size_t symptoms = 0;
  while (symptoms < most_symptoms) {
    auto batch = matched_.pop_until(deadline);
    if (!batch) break;
    if (cursors.empty()) deadline = std::chrono::steady_clock::now() + longest_group;
    diagnoser_.on_symptoms(batch->symptoms);
    symptoms += batch->symptoms.size();
    for (auto& cursor : batch->cursors) cursors[std::move(cursor.stream)] = std::move(cursor.state);
  }
  symptoms_ += symptoms;
  for (auto& [stream, state] : cursors) commit.cursors.push_back({stream, state});
  return !matched_.is_finished();
}

void DiagnosisStage::add_changes(Commit& commit) {
  auto changes = diagnoser_.take_state_changes();
  for (auto& saved : changes.changed) commit.open_incidents.push_back({std::move(saved.id), std::move(saved.state)});
  commit.closed_incidents = std::move(changes.ended);
  for (const auto& incident : diagnoser_.take_changes()) {
    spdlog::info("incident {} {}: {} ({}, {} symptoms)", incident.id, name_of(incident.change), incident.title,
                 incident.causes.front().cause, incident.count);
    for (const auto& route : routes_) {
      if (auto notification = notification_for(route, incident)) {
        commit.notifications.push_back(std::move(*notification));
      }
    }
  }
  open_incidents_ = diagnoser_.open_count();
  warn_of_pushed_out();
}

/// A client that invents entities must not be able to hide that it does.
void DiagnosisStage::warn_of_pushed_out() {
  const auto moment = std::chrono::steady_clock::now();
  if (diagnoser_.pushed_out() == said_pushed_out_ || moment < warned_at_ + warn_every) return;
  spdlog::warn("too many open incidents: {} of the mildest and oldest were given up",
               diagnoser_.pushed_out() - said_pushed_out_);
  said_pushed_out_ = diagnoser_.pushed_out();
  warned_at_ = moment;
}

/// Commits, trying again for as long as it takes: meanwhile the queue fills and the files wait. While stopping, gives
/// up after a few tries; nothing is lost then, the next run reads those lines again.
bool DiagnosisStage::store(const Commit& commit) {
  for (int tries = 1;; ++tries) {
    const auto stored = ledger_.commit(commit);
    if (stored) {
      if (!is_storing_.exchange(true)) spdlog::warn("the ledger can be written again");
      return true;
    }
    if (is_storing_.exchange(false)) {
      spdlog::error("{}; no diagnosis leaves and files wait until this is mended", stored.error().message);
    }
    if (matched_.is_finished() && tries >= last_store_tries) return false;
    ++heartbeat_;
    std::this_thread::sleep_for(store_retry);
  }
}

DiagnosisCounts DiagnosisStage::counts() const {
  return {.symptoms = symptoms_,
          .notifications = notifications_,
          .open_incidents = open_incidents_,
          .commits = commits_,
          .is_storing = is_storing_};
}

}  // namespace triaged

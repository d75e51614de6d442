#include "daemon/diagnosis_stage.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <malloc.h>
#include <spdlog/spdlog.h>

namespace triaged::daemon {

namespace {

// A group is committed after this long or this many findings, whichever comes first: the price of one transaction is
// shared, and a diagnosis waits no longer than a person would notice. The time counts whether it was spent on waiting
// for findings or on working with them, so that a process that is killed again and again gets on nevertheless.
constexpr auto longest_group = std::chrono::milliseconds(100);
constexpr std::size_t most_findings = 4096;
constexpr auto first_group = std::chrono::milliseconds(10);  // of a run: it may not live for much longer
// Of what is due at the same time, some thousand incidents after a start, so much is judged for one group. To write it
// takes about twice as long.
constexpr auto longest_judging = std::chrono::milliseconds(25);

constexpr auto idle_look = std::chrono::milliseconds(250);
constexpr auto room_look = std::chrono::milliseconds(50);
constexpr int last_store_tries = 5;  // while stopping

std::vector<std::string> names_of(const std::vector<notify::Route>& routes) {
  std::vector<std::string> names;
  for (const auto& route : routes) names.push_back(route.sink);
  return names;
}

}  // namespace

DiagnosisStage::DiagnosisStage(diagnosis::Diagnoser diagnoser, DiagnosisStageOptions options, store::Ledger& ledger,
                               BoundedQueue<MatchedBatch>& matched)
    : diagnoser_(std::move(diagnoser)),
      notifier_(options.policy),
      options_(std::move(options)),
      ledger_(ledger),
      matched_(matched),
      committer_(ledger, options_.checkpoint, options_.state, std::move(options_.safe_place)),
      outage_(options_.host),
      gate_(names_of(options_.policy.routes), options_.outbox),
      topology_(options_.topology),
      absent_sinks_(names_of(options_.policy.routes)) {
  for (const auto& id : notifier_.restore(options_.state, now_)) {
    spdlog::warn("cannot read which sinks were notified of incident {}: assuming those whose min_severity it reaches",
                 id);
  }
  options_.state = {};
  options_.checkpoint = {};
  store::Commit unreadable;
  for (const auto& [kind, id] : options_.unreadable) {
    if (kind == StateKind::incident) notifier_.forget(id);
    unreadable.state.push_back({kind, id, ""});
  }
  committer_.add(std::move(unreadable));
  publish();
  thread_ = std::thread([this] { run(); });
}

DiagnosisStage::~DiagnosisStage() {
  matched_.close();
  thread_.join();
}

void DiagnosisStage::run() {
  while (true) {
    ++heartbeat_;
    look_around();
    const bool can_go_on = gate_.is_open(committer_.backlog().bytes(),
                                         [this](const std::string& sink) { return ledger_.outbox_load(sink); });
    if (can_go_on) {
      collect();
      advance();
      add_changes();
    } else if (!is_stopping_) {
      std::this_thread::sleep_for(room_look);
    }
    if (committer_.has_reading_gone_back()) return begin_again();
    if (!committer_.backlog().is_empty() && outage_.may_try(Clock::now())) commit();
    publish();
    announce_committed();
    give_back_memory();
    if (is_at_its_end(can_go_on)) return matched_.close();
  }
}

/// Others write to the ledger too: `triaged outbox retry` gives sinks something to deliver, `triaged incidents` leaves
/// requests and reports.
void DiagnosisStage::look_around() {
  const auto moment = Clock::now();
  absent_sinks_.check(ledger_, moment, now());
  if (auto topology = topology_.check(moment)) diagnoser_.use_topology(std::move(*topology));
  if (!look_at_ledger_.is_due(moment)) return;
  const auto changed = ledger_.was_changed_by_others();
  if (!changed || *changed) requests_.expect();  // when nobody knows, there may be some
  if (changed && *changed) options_.committed();
  auto asked = requests_.take_up(ledger_, committer_.backlog(), diagnoser_, notifier_);
  if (!asked.done_requests.empty()) {
    committer_.add(std::move(asked));
    add_changes();
  }
  if (committer_.backlog().is_empty()) committer_.look_for_safe_place(moment);
}

/// Waits for matched batches and feeds them until the group is complete.
void DiagnosisStage::collect() {
  store::Commit group;
  auto deadline = is_behind_ ? Clock::now() : Clock::now() + idle_look;
  bool is_first = true;
  std::size_t findings = 0;
  while (findings < most_findings && (is_first || Clock::now() < deadline)) {
    auto batch = matched_.pop_until(deadline);
    if (!batch) break;
    if (std::exchange(is_first, false)) deadline = Clock::now() + (counted_.commits == 0 ? first_group : longest_group);
    diagnoser_.on_findings(batch->findings);
    if (batch->is_past) notifier_.on_past_read(now_);
    findings += batch->findings.size();
    count(batch->findings);
    group.cursors.push_back(std::move(batch->cursor));
    group.state.push_back(std::move(batch->reader));
  }
  committer_.add(std::move(group));
}

void DiagnosisStage::count(const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    if (std::holds_alternative<Symptom>(finding)) {
      ++counted_.symptoms;
    } else if (const auto* several = std::get_if<TermCount>(&finding)) {
      counted_.term_lines += several->lines;
    } else if (std::holds_alternative<TermLine>(finding)) {
      ++counted_.term_lines;
    }
  }
}

/// Answers are taken before the next group is judged; what comes too late for an incident's first telling may change
/// it.
void DiagnosisStage::advance() {
  const diagnosis::Diagnoser::WantsUpdate wants_update = [this](const std::string& incident, TimePoint at) {
    return notifier_.wants_update(incident, at);
  };
  if (options_.take_answers) diagnoser_.take_answers(options_.take_answers());
  const auto until = Clock::now() + longest_judging;
  now_ = clock_.now();
  is_behind_ = !diagnoser_.advance_to(now_, wants_update, [until] { return Clock::now() >= until; });
  if (!options_.ask) return;
  auto questions = diagnoser_.take_questions(now(), diagnosis::Diagnoser::Asking::what_is_told_next, wants_update);
  if (!questions.empty()) options_.ask(std::move(questions));
}

/// What the diagnosis has found and whoever is told of it, in one group.
void DiagnosisStage::add_changes() {
  store::Commit group;
  group.state = diagnoser_.take_state_changes();
  auto told = notifier_.on_reports(diagnoser_.take_changes(), now_);
  for (const auto& incident : told.incidents) {
    spdlog::info("incident {} {}: {} ({}, {} symptoms){}", incident.id, name_of(incident.change), incident.title,
                 incident.causes.front().cause, incident.count,
                 incident.is_history ? "; it is history, so nobody is notified" : "");
  }
  group.reported = std::move(told.incidents);
  group.notifications = std::move(told.notifications);
  auto due = notifier_.advance_to(now_);
  for (const auto& message : due.incidents) {
    spdlog::info("{}; `triaged incidents list --all` lists them", message.title);
  }
  std::ranges::move(due.notifications, std::back_inserter(group.notifications));
  for (auto& notified : notifier_.take_state_changes()) group.state.push_back(std::move(notified));
  committer_.add(std::move(group));
  warn_of_pushed_out();
}

/// A client that invents entities must not be able to hide that it does.
void DiagnosisStage::warn_of_pushed_out() {
  const auto pushed_out = diagnoser_.pushed_out();
  if (pushed_out == said_pushed_out_ || !warn_of_pushed_out_.is_due(Clock::now())) return;
  spdlog::warn("too many open incidents: closed {} of the least severe and oldest early",
               pushed_out - std::exchange(said_pushed_out_, pushed_out));
}

void DiagnosisStage::commit() {
  if (committer_.needs_everything()) {
    committer_.add_everything(saved_state());
    requests_.expect();
  }
  const auto notifications = committer_.backlog().notifications();
  auto cursors = options_.cursors_committed ? committer_.backlog().cursors() : std::vector<Cursor>();
  const auto stored = committer_.commit();
  const auto to_be_told =
      stored ? outage_.on_stored(now())
             : outage_.on_failed(stored.error().message, {committer_.backlog().bytes(), gate_.is_backlog_full()},
                                 Clock::now(), now());
  if (to_be_told) options_.tell_directly(*to_be_told);
  if (!stored) return;
  committed_ = std::move(cursors);
  ++counted_.commits;
  counted_.notifications += notifications;
  if (notifications > 0) options_.committed();
}

std::vector<SavedState> DiagnosisStage::saved_state() const {
  auto state = diagnoser_.saved_state();
  for (auto& notified : notifier_.saved_state()) state.push_back(std::move(notified));
  return state;
}

/// All is done, or what is left is for the next run: there is no time for it, or it cannot be committed.
bool DiagnosisStage::is_at_its_end(bool could_go_on) {
  const bool is_stored = committer_.backlog().is_empty();
  if (matched_.is_finished() && is_stored && !(is_behind_ && !is_stopping_)) return true;
  const bool is_last = is_stopping_ || matched_.is_finished();
  const bool has_time = !is_stopping_ || Clock::now() < stop_by_.load();
  const auto failures = outage_.failures_in_a_row();
  if (!is_last || (has_time && could_go_on && failures < last_store_tries)) return false;
  if (has_time && !could_go_on && failures == 0 && !is_stored) return false;
  spdlog::warn("stopping before everything that was read could be saved; the next run reads it again{}",
               options_.cursors_committed ? ", but what came through pipes or by syslog is lost" : "");
  return true;
}

void DiagnosisStage::begin_again() {
  // A sink may have come upon the damage in the moment before a commit, which was then about what is not there.
  const auto gone = ledger_.go_back();
  if (!gone) spdlog::error("{}", gone.error().message);
  say_messages_of(ledger_);
  must_begin_again_ = true;
  matched_.close();
}

void DiagnosisStage::publish() {
  counted_.open_incidents = diagnoser_.open_count();
  counted_.pushed_out = diagnoser_.pushed_out();
  counted_.given_up_lines = diagnoser_.given_up();
  counted_.is_settled = options_.cursors_committed && committer_.backlog().is_empty() && !diagnoser_.is_settling();
  counted_.trouble = outage_.trouble().empty() ? gate_.trouble() : outage_.trouble();
  const Lock lock(mutex_);
  counts_ = counted_;
}

/// After publish(): whoever hears of a commit finds in counts() what it still leads to.
void DiagnosisStage::announce_committed() {
  if (!committed_.empty()) options_.cursors_committed(std::exchange(committed_, {}));
}

/// What a burst needed, such as the cursors of thousands of logs at once, goes back to the system. The allocator alone
/// would keep it.
void DiagnosisStage::give_back_memory() {
  if (counted_.commits == gave_back_at_commit_ || !committer_.backlog().is_empty()) return;
  if (!give_back_memory_.is_due(Clock::now())) return;
  gave_back_at_commit_ = counted_.commits;
  ::malloc_trim(0);
}

DiagnosisCounts DiagnosisStage::counts() const {
  const Lock lock(mutex_);
  return counts_;
}

}  // namespace triaged::daemon

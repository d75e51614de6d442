#include "daemon/diagnosis_stage.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/clock.hpp"
#include "base/utf8.hpp"
#include "daemon/ledger_trouble.hpp"

namespace triaged::daemon {

namespace {

// A group is committed after this long or this many symptoms, whichever comes first: the price of one transaction is
// shared, and a diagnosis waits no longer than a person would notice. The time counts whether it was spent on waiting
// for symptoms or on working with them, so that a process that is killed again and again gets on nevertheless.
constexpr auto longest_group = std::chrono::milliseconds(100);
constexpr std::size_t most_symptoms = 4096;
constexpr auto first_group = std::chrono::milliseconds(10);  // of a run: it may not live for much longer
// Of what is due at the same time, some thousand incidents after a start, so much is judged for one group. To write it
// takes about twice as long.
constexpr auto longest_judging = std::chrono::milliseconds(25);

constexpr auto idle_look = std::chrono::milliseconds(250);
constexpr auto warn_every = std::chrono::minutes(1);
constexpr auto room_look = std::chrono::milliseconds(50);
constexpr auto store_retry = std::chrono::seconds(1);
constexpr int last_store_tries = 5;                    // while stopping
constexpr auto told_after = std::chrono::seconds(10);  // of failing; a shorter one needs nobody
constexpr auto look_at_sinks_every = std::chrono::hours(1);
constexpr auto look_at_ledger_every = std::chrono::seconds(1);
constexpr auto look_at_topology_every = std::chrono::minutes(1);

/// The cursor of an incident's id: which sinks have been told of it, each name with a line end behind it.
std::string told_stream(const std::string& incident) { return std::string(store::told_prefix) + incident; }

std::string text_of(const std::set<std::string>& names) {
  std::string text = "\n";  // never empty: that would be no cursor
  for (const auto& name : names) text += name + '\n';
  return text;
}

std::set<std::string> names_in(const std::string& text) {
  std::set<std::string> names;
  std::istringstream lines(text);
  for (std::string name; std::getline(lines, name);) {
    if (!name.empty()) names.insert(name);
  }
  return names;
}

/// Full at the bound, and until a tenth of it is free again: not full and free in turns.
bool is_full(const store::OutboxLoad& load, const store::OutboxBound& bound, bool was_full) {
  const auto limit = [&](std::uint64_t most) { return was_full ? most - std::max<std::uint64_t>(most / 10, 1) : most; };
  return was_full ? load.rows > limit(bound.rows) || load.bytes > limit(bound.bytes)
                  : load.rows >= bound.rows || load.bytes >= bound.bytes;
}

}  // namespace

DiagnosisStage::DiagnosisStage(diagnosis::Diagnoser diagnoser, DiagnosisStageOptions options, store::Ledger& ledger,
                               BoundedQueue<MatchedBatch>& matched)
    : diagnoser_(std::move(diagnoser)),
      options_(std::move(options)),
      ledger_(ledger),
      matched_(matched),
      safe_place_(std::move(options_.safe_place)),
      times_set_aside_(ledger.times_set_aside()),
      times_gone_back_(ledger.times_gone_back()) {
  for (const auto& cursor : options_.checkpoint) {
    cursors_[cursor.stream] = cursor.state;
    if (cursor.stream.starts_with(store::told_prefix)) {
      told_[cursor.stream.substr(store::told_prefix.size())] = names_in(cursor.state);
    }
  }
  store::Commit forgotten{.closed_incidents = options_.unreadable};
  for (const auto& id : options_.unreadable) {
    told_.erase(id);
    remember({told_stream(id), ""}, forgotten);
  }
  backlog_.add(std::move(forgotten));
  open_incidents_ = diagnoser_.open_count();
  thread_ = std::thread([this] { run(); });
}

DiagnosisStage::~DiagnosisStage() {
  matched_.close();
  thread_.join();
}

void DiagnosisStage::run() {
  while (true) {
    ++heartbeat_;
    if (Clock::now() >= next_look_at_sinks_) note_sinks();
    if (Clock::now() >= next_look_at_ledger_) look_at_ledger();
    if (Clock::now() >= next_look_at_topology_) look_at_topology();
    const bool can_go_on = has_room();
    if (can_go_on) {
      collect();
      if (options_.take_answers) diagnoser_.take_answers(options_.take_answers());
      const auto until = Clock::now() + longest_judging;
      is_behind_ = !diagnoser_.advance_to(clock_.now(), [until] { return Clock::now() >= until; });
      ask_host();
      add_changes();
    } else if (!is_stopping_) {
      std::this_thread::sleep_for(room_look);
    }
    if (ledger_.times_gone_back() != times_gone_back_) return begin_again();
    if (!backlog_.is_empty() && Clock::now() >= next_try_) store();
    if (matched_.is_finished() && backlog_.is_empty() && !(is_behind_ && !is_stopping_)) return;
    const bool is_last = is_stopping_ || matched_.is_finished();
    const bool has_time = !is_stopping_ || Clock::now() < stop_by_.load();
    if (!is_last || (has_time && can_go_on && failures_in_a_row_ < last_store_tries)) continue;
    if (has_time && !can_go_on && failures_in_a_row_ == 0 && !backlog_.is_empty()) continue;
    spdlog::warn("stopping before everything that was read could be kept; the next run reads it again");
    matched_.close();
    return;
  }
}

void DiagnosisStage::begin_again() {
  // A sink may have come upon the damage in the moment before a commit, which was then about what is not there.
  const auto gone = ledger_.go_back();
  if (!gone) spdlog::error("{}", gone.error().message);
  for (const auto& message : ledger_.take_messages()) spdlog::error("{}", message);
  must_begin_again_ = true;
  matched_.close();
}

void DiagnosisStage::look_at_topology() {
  next_look_at_topology_ = Clock::now() + look_at_topology_every;
  if (options_.topology.is_empty()) return;
  std::vector<std::string> troubles;
  diagnoser_.use_topology(topology::read_topology(options_.topology, troubles));
  if (troubles == topology_troubles_) return;
  for (const auto& trouble : troubles) spdlog::warn("topology: {} (will try again)", trouble);
  topology_troubles_ = std::move(troubles);
}

/// Waits for matched batches and feeds them until the group is complete.
void DiagnosisStage::collect() {
  store::Commit group;
  auto deadline = is_behind_ ? Clock::now() : Clock::now() + idle_look;
  bool is_first = true;
  std::size_t symptoms = 0;
  while (symptoms < most_symptoms && (is_first || Clock::now() < deadline)) {
    auto batch = matched_.pop_until(deadline);
    if (!batch) break;
    if (std::exchange(is_first, false)) deadline = Clock::now() + (commits_ == 0 ? first_group : longest_group);
    diagnoser_.on_symptoms(batch->symptoms);
    symptoms += batch->symptoms.size();
    for (auto& cursor : batch->cursors) remember(std::move(cursor), group);
  }
  symptoms_ += symptoms;
  backlog_.add(std::move(group));
}

/// Answers are taken before the next group is judged; what comes too late for an incident's first telling may change
/// it.
void DiagnosisStage::ask_host() {
  if (!options_.ask) return;
  auto questions = diagnoser_.take_questions(now());
  if (!questions.empty()) options_.ask(std::move(questions));
}

void DiagnosisStage::add_changes() {
  store::Commit group;
  auto changes = diagnoser_.take_state_changes();
  for (auto& saved : changes.changed) group.open_incidents.push_back({std::move(saved.id), std::move(saved.state)});
  group.closed_incidents = std::move(changes.ended);
  for (const auto& incident : diagnoser_.take_changes()) {
    spdlog::info("incident {} {}: {} ({}, {} symptoms)", incident.id, name_of(incident.change), incident.title,
                 incident.causes.front().cause, incident.count);
    route_one(incident, group);
    group.told.push_back(incident);
  }
  for (const auto& id : group.closed_incidents) {
    told_.erase(id);
    remember({told_stream(id), ""}, group);
  }
  open_incidents_ = diagnoser_.open_count();
  pushed_out_ = diagnoser_.pushed_out();
  given_up_lines_ = diagnoser_.given_up();
  backlog_.add(std::move(group));
  warn_of_pushed_out();
}

/// Which sinks heard of the incident is known by their names, not by what they are told now: a reload may add a sink,
/// or make one more or less curious, in the middle of an incident.
void DiagnosisStage::route_one(const Incident& incident, store::Commit& group) {
  const auto [known, is_new] = told_.try_emplace(incident.id);
  auto& told = known->second;
  const auto before = told.size();
  for (const auto& route : options_.routes) {
    // Without a record (it stood in a damaged ledger) the severity that was told is the best guess.
    if (is_new && incident.told_severity && *incident.told_severity >= route.min_severity) told.insert(route.sink);
    auto notification = notify::notification_for(route, incident, told.contains(route.sink));
    if (!notification) continue;
    told.insert(route.sink);
    group.notifications.push_back(std::move(*notification));
  }
  if (is_new || told.size() != before) remember({told_stream(incident.id), text_of(told)}, group);
}

/// For the ledger, in the same commit as what it comes from.
void DiagnosisStage::remember(Cursor cursor, store::Commit& group) {
  if (cursor.state.empty()) {
    cursors_.erase(cursor.stream);
  } else {
    cursors_[cursor.stream] = cursor.state;
  }
  group.cursors.push_back(std::move(cursor));
}

/// A client that invents entities must not be able to hide that it does.
void DiagnosisStage::warn_of_pushed_out() {
  const auto moment = Clock::now();
  if (diagnoser_.pushed_out() == said_pushed_out_ || moment < warned_at_ + warn_every) return;
  spdlog::warn("too many open incidents: {} of the mildest and oldest were closed early",
               diagnoser_.pushed_out() - said_pushed_out_);
  said_pushed_out_ = diagnoser_.pushed_out();
  warned_at_ = moment;
}

/// The ledger's file was set aside, and of what it held only a part may be in the new one.
void DiagnosisStage::add_everything() {
  store::Commit all;
  for (const auto& [stream, state] : cursors_) all.cursors.push_back({stream, state});
  for (auto& saved : diagnoser_.saved_state()) {
    all.open_incidents.push_back({std::move(saved.id), std::move(saved.state)});
  }
  all.safe_cursors = safe_place_.all();
  backlog_.add(std::move(all));
  times_set_aside_ = ledger_.times_set_aside();
  has_requests_ = true;
}

void DiagnosisStage::store() {
  if (ledger_.times_set_aside() != times_set_aside_) add_everything();
  const auto commit = backlog_.commit();
  const auto stored = ledger_.commit(commit);
  for (const auto& message : ledger_.take_messages()) spdlog::error("{}", message);
  if (!stored) return on_failed(stored.error().message);
  safe_place_.on_commit(commit);
  on_stored();
}

void DiagnosisStage::on_stored() {
  ++commits_;
  notifications_ += backlog_.notifications();
  const bool is_to_be_told = backlog_.notifications() > 0;
  backlog_.clear();
  if (std::exchange(failures_in_a_row_, 0) > 0) {
    spdlog::warn("the ledger can be written again; nothing was lost");
    set_trouble("");
    if (std::exchange(is_trouble_told_, false)) {
      options_.tell_directly(ledger_trouble(Change::resolved, "the ledger can be written again; nothing was lost",
                                            options_.host, failing_since_, now()));
    }
  }
  if (is_to_be_told) options_.committed();
}

void DiagnosisStage::on_failed(const std::string& why) {
  next_try_ = Clock::now() + store_retry;
  if (failures_in_a_row_++ == 0) {
    failing_since_ = now();
    spdlog::error("{}; triaged goes on in memory and no diagnosis leaves until this is mended", why);
  }
  set_trouble(fmt::format("{}: {} KiB wait in memory{}", why, backlog_.bytes() / 1024,
                          is_backlog_full_ ? ", and the files wait" : ""));
  if (!is_trouble_told_ && now() - failing_since_ >= told_after) {
    is_trouble_told_ = true;
    options_.tell_directly(ledger_trouble(Change::opened, why, options_.host, failing_since_, now()));
  }
}

/// Whether more may be read: the commit that waits is not too large, and no sink has too much to deliver.
bool DiagnosisStage::has_room() {
  const bool is_backlog_full = backlog_.bytes() >= most_backlog_bytes;
  if (is_backlog_full && !is_backlog_full_) {
    spdlog::error("{} MiB wait in memory for the ledger: files wait now, and keep the data",
                  backlog_.bytes() / (1024 * 1024));
  }
  is_backlog_full_ = is_backlog_full;
  if (is_backlog_full) return false;
  for (const auto& route : options_.routes) {
    const auto load = ledger_.outbox_load(route.sink);
    if (!is_full(load, options_.outbox, route.sink == full_)) continue;
    if (full_ != route.sink) {
      full_ = route.sink;
      const auto what = fmt::format(
          "the outbox of sink {} is full ({} notifications, {} KiB): files wait until it "
          "delivers again",
          full_, load.rows, load.bytes / 1024);
      spdlog::error("{}; 'state.outbox' and 'state.outbox_size' bound it", what);
      set_trouble(what);
    }
    return false;
  }
  if (!full_.empty()) {
    spdlog::warn("the outbox of sink {} has room again; files are read on", std::exchange(full_, ""));
    set_trouble("");
  }
  return true;
}

void DiagnosisStage::note_sinks() {
  next_look_at_sinks_ = Clock::now() + look_at_sinks_every;
  std::vector<std::string> names;
  for (const auto& route : options_.routes) names.push_back(route.sink);
  const auto absent = ledger_.note_sinks(names, now());
  if (!absent) return;  // next time; what fails now fails louder elsewhere
  for (const auto& sink : *absent) {
    if (sink.was_given_up) {
      spdlog::error("no sink '{}' was configured since {}: its {} undelivered notifications are dead letters now",
                    sink.name, to_rfc3339(sink.since), sink.pending);
    } else {
      spdlog::warn(
          "no sink '{}' is configured: its {} undelivered notifications are kept until {}, and delivered when "
          "one of that name is back",
          sink.name, sink.pending, to_rfc3339(sink.since + store::absent_sink_time));
    }
  }
}

/// Others write to the ledger too: `triaged outbox retry` gives sinks something to deliver, `triaged incidents` leaves
/// requests and reports.
void DiagnosisStage::look_at_ledger() {
  next_look_at_ledger_ = Clock::now() + look_at_ledger_every;
  const auto changed = ledger_.was_changed_by_others();
  if (!changed || *changed) has_requests_ = true;  // when nobody knows, there may be some
  if (changed && *changed) options_.committed();
  if (has_requests_) take_up_requests();
  if (backlog_.is_empty()) look_for_safe_place();
}

/// What cannot be read of the outbox counts as undelivered: then the place is not safe yet.
void DiagnosisStage::look_for_safe_place() {
  const auto has_pending = [&](std::int64_t row) {
    const auto pending = ledger_.has_pending(row);
    return !pending || *pending;
  };
  store::Commit group;
  group.safe_cursors = safe_place_.advance(cursors_, ledger_.highest_row(), has_pending, Clock::now());
  backlog_.add(std::move(group));
}

/// What a request changes goes into the backlog with the request's end, so that both become true together.
void DiagnosisStage::take_up_requests() {
  const auto reports = ledger_.reports();
  const auto requests = ledger_.requests();
  if (!reports || !requests) return;  // next time; what fails now fails louder elsewhere
  has_requests_ = false;
  diagnoser_.use_learnt(diagnosis::Learnt(*reports));
  store::Commit group;
  for (const auto& request : *requests) {
    if (backlog_.has_done(request.id)) continue;
    const bool is_resolution = request.wish == Wish::resolve;
    const bool is_done =
        is_resolution ? diagnoser_.resolve(request.incident) : diagnoser_.acknowledge(request.incident, request.at);
    if (is_done && !is_resolution) group.acknowledged.push_back({request.incident, request.at});
    spdlog::info("incident {} {} an operator{}", to_printable(request.incident),
                 is_resolution ? "resolved by" : "acknowledged by", is_done ? "" : ": it was over already");
    group.done_requests.push_back(request.id);
  }
  if (group.done_requests.empty()) return;
  backlog_.add(std::move(group));
  add_changes();
}

void DiagnosisStage::set_trouble(std::string trouble) {
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(trouble);
}

DiagnosisCounts DiagnosisStage::counts() const {
  const std::lock_guard lock(mutex_);
  return {.symptoms = symptoms_,
          .notifications = notifications_,
          .open_incidents = open_incidents_,
          .commits = commits_,
          .pushed_out = pushed_out_,
          .given_up_lines = given_up_lines_,
          .trouble = trouble_};
}

}  // namespace triaged::daemon

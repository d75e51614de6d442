// The diagnosis thread of the daemon: takes matched batches, feeds the Diagnoser, and commits cursors, incidents and
// notifications in one transaction a group. Only then do the sinks hear of them.
//
// While the ledger cannot be written it goes on in memory, and the commit grows; at most_backlog_bytes it stops taking
// batches, the queues fill and the files wait. It stops likewise when a sink has too much to deliver. Nothing is lost
// in either case: what is not committed is read again after a restart.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.hpp"
#include "base/clock.hpp"
#include "daemon/backlog.hpp"
#include "daemon/matcher_stage.hpp"
#include "daemon/safe_place.hpp"
#include "diagnosis/diagnoser.hpp"
#include "notify/route.hpp"
#include "store/ledger.hpp"
#include "store/outbox_bound.hpp"
#include "topology/read_topology.hpp"

namespace triaged::daemon {

struct DiagnosisStageOptions {
  std::vector<notify::Route> routes;
  store::OutboxBound outbox;
  std::string host;                     // for what is told about triaged itself
  std::vector<Cursor> checkpoint;       // of the ledger
  SafePlace safe_place;                 // of the ledger likewise
  topology::TopologyFiles topology;     // read now and then: a proxy is reloaded without a word to us
  std::vector<std::string> unreadable;  // ids in the ledger that are to be forgotten
  std::function<void()> committed;      // called on the stage's thread after a commit that put something in the outbox
  std::function<void(const Incident&)> tell_directly;  // past the outbox; on the stage's thread
  // What incidents ask of this host, and what became of it; both on the stage's thread and without waiting. None: the
  // diagnosis asks nothing.
  std::function<void(std::vector<ProbeQuestion>)> ask = {};
  std::function<std::vector<ProbeAnswer>()> take_answers = {};
};

inline constexpr std::size_t most_backlog_bytes = 32 * 1024 * 1024;

struct DiagnosisCounts {
  std::uint64_t symptoms = 0, notifications = 0, open_incidents = 0, commits = 0;
  std::uint64_t pushed_out = 0;      // incidents given up because too many were open
  std::uint64_t given_up_lines = 0;  // windows and lines of conditions over time, given up for the same reason
  std::string trouble;               // why something waits now; empty: nothing does
};

class DiagnosisStage {
 public:
  /// Starts the thread. `matched` and `ledger` must outlive the stage.
  DiagnosisStage(diagnosis::Diagnoser diagnoser, DiagnosisStageOptions options, store::Ledger& ledger,
                 BoundedQueue<MatchedBatch>& matched);
  /// Closes `matched`, commits what is left in it and joins the thread.
  ~DiagnosisStage();
  DiagnosisStage(const DiagnosisStage&) = delete;
  DiagnosisStage& operator=(const DiagnosisStage&) = delete;

  /// The end is near. What cannot be committed, and what is not diagnosed within `longest`, is left for the next run,
  /// and `matched` is closed then, so that nobody waits to push into it. Any thread.
  void stop_within(std::chrono::steady_clock::duration longest) {
    if (is_stopping_) return;  // the first call says how long
    stop_by_ = Clock::now() + longest;
    is_stopping_ = true;
  }

  /// True: reading went back in the ledger (it was damaged), and what is in memory here is not true any more. Nothing
  /// is committed from then on; begin again with what the ledger holds. Any thread.
  [[nodiscard]] bool must_begin_again() const { return must_begin_again_; }

  [[nodiscard]] DiagnosisCounts counts() const;
  /// Grows as long as the thread makes progress: the watchdog looks at it.
  [[nodiscard]] std::uint64_t heartbeat() const { return heartbeat_; }

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void collect();
  void ask_host();
  void add_changes();
  void route_one(const Incident& incident, store::Commit& group);
  void remember(Cursor cursor, store::Commit& group);
  void warn_of_pushed_out();
  void add_everything();
  void begin_again();
  void store();
  void on_stored();
  void on_failed(const std::string& why);
  [[nodiscard]] bool has_room();
  void note_sinks();
  void look_at_ledger();
  void look_for_safe_place();
  void look_at_topology();
  void take_up_requests();
  void set_trouble(std::string trouble);

  // The stage's thread only.
  diagnosis::Diagnoser diagnoser_;
  ForwardClock clock_;
  std::uint64_t said_pushed_out_ = 0;
  Clock::time_point warned_at_{};
  const DiagnosisStageOptions options_;
  store::Ledger& ledger_;
  BoundedQueue<MatchedBatch>& matched_;
  std::map<std::string, std::string> cursors_;         // of every stream, for a ledger that must be written anew
  std::map<std::string, std::set<std::string>> told_;  // open incident -> sinks that have heard of it
  Backlog backlog_;
  SafePlace safe_place_;
  std::uint64_t times_set_aside_, times_gone_back_;
  int failures_in_a_row_ = 0;
  Clock::time_point next_try_, next_look_at_sinks_, next_look_at_ledger_, next_look_at_topology_;
  std::vector<std::string> topology_troubles_;  // that were said
  TimePoint failing_since_;
  bool has_requests_ = true;      // operators may have left some, or reports, that were not looked at
  bool is_trouble_told_ = false;  // to the sinks
  std::string full_;              // the sink whose outbox is full, or "" for none
  bool is_backlog_full_ = false;
  bool is_behind_ = false;  // incidents are due that were not judged yet

  std::atomic<Clock::time_point> stop_by_{};  // when is_stopping_
  std::atomic<bool> is_stopping_{false}, must_begin_again_{false};
  std::atomic<std::uint64_t> heartbeat_{0}, symptoms_{0}, notifications_{0}, open_incidents_{0}, commits_{0};
  std::atomic<std::uint64_t> pushed_out_{0}, given_up_lines_{0};
  mutable std::mutex mutex_;
  std::string trouble_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace triaged::daemon

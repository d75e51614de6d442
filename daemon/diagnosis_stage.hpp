// The diagnosis thread of the daemon: takes matched batches, feeds the Diagnoser, asks the Notifier who is told, and
// commits cursors, state and notifications in one transaction a group. Only then do the sinks hear of them.
//
// While the ledger cannot be written it goes on in memory, and the commit grows; at most_backlog_bytes it stops taking
// batches, the queues fill and the files wait. It stops likewise when a sink has too much to deliver. Nothing is lost
// in either case: what is not committed is read again after a restart.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.hpp"
#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "daemon/absent_sinks.hpp"
#include "daemon/committer.hpp"
#include "daemon/every.hpp"
#include "daemon/ledger_outage.hpp"
#include "daemon/matcher_stage.hpp"
#include "daemon/operator_requests.hpp"
#include "daemon/reading_gate.hpp"
#include "daemon/topology_watch.hpp"
#include "diagnosis/diagnoser.hpp"
#include "notify/notifier.hpp"
#include "store/ledger.hpp"

namespace triaged::daemon {

struct DiagnosisStageOptions {
  notify::NotifyPolicy policy;
  store::OutboxBound outbox;
  std::string host;                // for what is told about triaged itself
  std::vector<Cursor> checkpoint;  // of the ledger
  std::vector<SavedState> state;   // of the ledger likewise; only looked at in the beginning
  SafePlace safe_place;            // of the ledger likewise
  topology::TopologyFiles topology;
  std::vector<StateKey> unreadable;  // rows of the state that are to be forgotten
  std::function<void()> committed;   // called on the stage's thread after a commit that put something in the outbox
  std::function<void(const Incident&)> tell_directly;  // past the outbox; on the stage's thread
  // What incidents ask of this host, and what became of it; both on the stage's thread and without waiting. None: the
  // diagnosis asks nothing.
  std::function<void(std::vector<ProbeQuestion>)> ask = {};
  std::function<std::vector<ProbeAnswer>()> take_answers = {};
  // Called on the stage's thread with the cursors of a commit, when counts() shows what came of it. None: nobody asks.
  std::function<void(std::vector<Cursor>)> cursors_committed = {};
};

struct DiagnosisCounts {
  std::uint64_t symptoms = 0;    // lines that are a failure by themselves
  std::uint64_t term_lines = 0;  // lines that conditions over time wait for, or count
  std::uint64_t notifications = 0, open_incidents = 0, commits = 0;
  std::uint64_t pushed_out = 0;      // incidents given up because too many were open
  std::uint64_t given_up_lines = 0;  // windows and lines of conditions over time, given up for the same reason
  bool is_settled = false;           // nothing waits to be decided or committed; known when cursors_committed is set
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
  void look_around();
  void advance();
  void collect();
  void count(const std::vector<Finding>& findings);
  void add_changes();
  void warn_of_pushed_out();
  void commit();
  [[nodiscard]] std::vector<SavedState> saved_state() const;
  [[nodiscard]] bool is_at_its_end(bool could_go_on);
  void begin_again();
  void publish();
  void announce_committed();
  void give_back_memory();

  // The stage's thread only.
  diagnosis::Diagnoser diagnoser_;
  notify::Notifier notifier_;
  ForwardClock clock_;
  TimePoint now_ = triaged::now();  // to which the diagnosis has come
  DiagnosisStageOptions options_;
  store::Ledger& ledger_;
  BoundedQueue<MatchedBatch>& matched_;
  Committer committer_;
  LedgerOutage outage_;
  ReadingGate gate_;
  TopologyWatch topology_;
  OperatorRequests requests_;
  AbsentSinks absent_sinks_;
  Every look_at_ledger_ = Every(std::chrono::seconds(1));
  Every give_back_memory_ = Every(std::chrono::seconds(10));
  std::uint64_t gave_back_at_commit_ = 0;
  Every warn_of_pushed_out_ = Every(std::chrono::minutes(1));
  std::uint64_t said_pushed_out_ = 0;
  std::vector<Cursor> committed_;  // and not announced yet
  bool is_behind_ = false;         // incidents are due that were not judged yet
  DiagnosisCounts counted_;

  std::atomic<Clock::time_point> stop_by_{};  // when is_stopping_
  std::atomic<bool> is_stopping_{false}, must_begin_again_{false};
  std::atomic<std::uint64_t> heartbeat_{0};
  mutable Mutex mutex_;
  DiagnosisCounts counts_ TRIAGED_GUARDED_BY(mutex_);  // as others see them
  std::thread thread_;
};

}  // namespace triaged::daemon

// The diagnosis thread of the daemon: takes matched batches, feeds the Diagnoser, and commits cursors, incidents and
// notifications in one transaction a group. Only then do the sinks hear of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.hpp"
#include "daemon/clock.hpp"
#include "daemon/matcher_stage.hpp"
#include "diagnosis/diagnoser.hpp"
#include "store/ledger.hpp"

namespace triaged {

/// Which notifications a sink gets.
struct Route {
  std::string sink;
  Severity min_severity = Severity::info;
};

/// What `route` is told of a change; nullopt: nothing. An incident that was too mild for it until now is opened to it,
/// and one that it never heard of is not resolved to it.
[[nodiscard]] std::optional<Notification> notification_for(const Route& route, const Incident& incident);

struct DiagnosisCounts {
  std::uint64_t symptoms = 0, notifications = 0, open_incidents = 0, commits = 0;
  bool is_storing = true;  // false while the ledger cannot be written
};

class DiagnosisStage {
 public:
  /// Takes back the open incidents of the ledger and starts the thread. `matched` and `ledger` must outlive the stage;
  /// `committed` is called on its thread after a commit that put something in the outbox.
  DiagnosisStage(Diagnoser diagnoser, std::vector<Route> routes, Ledger& ledger, BoundedQueue<MatchedBatch>& matched,
                 std::function<void()> committed);
  /// REQUIRES: `matched` is closed. Commits what is left and joins the thread.
  ~DiagnosisStage();
  DiagnosisStage(const DiagnosisStage&) = delete;
  DiagnosisStage& operator=(const DiagnosisStage&) = delete;

  [[nodiscard]] DiagnosisCounts counts() const;
  /// Grows as long as the thread makes progress: the watchdog looks at it.
  [[nodiscard]] std::uint64_t heartbeat() const { return heartbeat_; }

 private:
  void run();
  [[nodiscard]] bool collect(Commit& commit);
  void add_changes(Commit& commit);
  void warn_of_pushed_out();
  [[nodiscard]] bool store(const Commit& commit);

  Diagnoser diagnoser_;
  ForwardClock clock_;
  std::uint64_t said_pushed_out_ = 0;
  std::chrono::steady_clock::time_point warned_at_{};
  std::vector<Route> routes_;
  Ledger& ledger_;
  BoundedQueue<MatchedBatch>& matched_;
  std::function<void()> committed_;
  std::atomic<std::uint64_t> heartbeat_{0}, symptoms_{0}, notifications_{0}, open_incidents_{0}, commits_{0};
  std::atomic<bool> is_storing_{true};
  std::thread thread_;
};

}  // namespace triaged

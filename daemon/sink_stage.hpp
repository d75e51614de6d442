// The sink threads of the daemon and the outbox that they read. They outlive a reload: a sink that keeps its name keeps
// its thread and its place in the outbox, so neither a slow receiver nor one that is down holds a reload up.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "sinks/make_sink.hpp"
#include "sinks/sink_runner.hpp"
#include "store/ledger.hpp"

namespace triaged::daemon {

/// Any thread, except where a member says otherwise.
class SinkStage {
 public:
  /// No sink yet. `ledger` must outlive it.
  explicit SinkStage(store::Ledger& ledger);
  /// Lets deliveries under way end; the rest stays in the outbox.
  ~SinkStage();
  SinkStage(const SinkStage&) = delete;
  SinkStage& operator=(const SinkStage&) = delete;

  /// These and no others are the sinks from now on; what is in the outbox for them is delivered. One that is not among
  /// them any more stops after the delivery under way. Takes SinkEntry::sink out of the entries; one that is empty
  /// already (the entry was used before) leaves the sink of that name as it is. Throws when no thread can be started;
  /// nothing has changed then.
  void use(std::vector<sinks::SinkEntry>& sinks);

  void wake();
  /// The end: gives all sinks until `deadline` to deliver what is pending, and deliveries under way half a second more.
  /// Returns the names of sinks that are in the middle of one even then; whoever destroys the stage waits for them.
  [[nodiscard]] std::vector<std::string> finish(std::chrono::steady_clock::time_point deadline);
  /// Past the outbox, to every sink; see SinkRunner::tell_directly.
  void tell_directly(const Incident& incident);
  [[nodiscard]] std::vector<std::string> names() const;
  /// Nothing is in the outbox for any sink.
  [[nodiscard]] bool has_delivered() const;
  /// "webhook: HTTP 503 …" for each sink whose last try failed.
  [[nodiscard]] std::vector<std::string> failures() const;

 private:
  class LedgerOutbox;
  std::unique_ptr<LedgerOutbox> outbox_;
  mutable Mutex mutex_;
  std::vector<std::unique_ptr<sinks::SinkRunner>> runners_ TRIAGED_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<sinks::SinkRunner>> retiring_ TRIAGED_GUARDED_BY(mutex_);  // asked to stop
};

}  // namespace triaged::daemon

// The sink threads of the daemon and the outbox that they read.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "sinks/make_sink.hpp"
#include "sinks/sink_runner.hpp"
#include "store/ledger.hpp"

namespace triaged {

/// Any thread, except where a member says otherwise.
class SinkStage {
 public:
  /// Starts a thread for each sink; what the last run left in the outbox is delivered at once. `ledger` must outlive
  /// it.
  SinkStage(std::vector<SinkEntry> sinks, Ledger& ledger);
  /// Lets deliveries under way end; the rest stays in the outbox.
  ~SinkStage();

  void wake();
  /// Gives all sinks until `deadline` to deliver what is pending.
  void drain(std::chrono::steady_clock::time_point deadline);
  /// "webhook: HTTP 503 …" for each sink whose last try failed.
  [[nodiscard]] std::vector<std::string> failures() const;

 private:
  class LedgerOutbox;
  std::unique_ptr<LedgerOutbox> outbox_;
  std::vector<std::unique_ptr<SinkRunner>> runners_;
};

}  // namespace triaged

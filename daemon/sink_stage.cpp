#include "daemon/sink_stage.hpp"

#include <memory>
#include <mutex>
#include <random>

#include <spdlog/spdlog.h>

#include "daemon/clock.hpp"

namespace triaged {

/// The ledger's outbox as the runners see it.
class SinkStage::LedgerOutbox : public Outbox {
 public:
  explicit LedgerOutbox(Ledger& ledger) : ledger_(ledger) {}

  Result<std::vector<Notification>> pending(std::string_view sink, std::size_t limit) override {
    return ledger_.pending(sink, limit);
  }
  Result<void> mark_delivered(std::int64_t row) override { return ledger_.mark_delivered(row, now()); }
  Result<void> mark_rejected(std::int64_t row, std::string_view why) override {
    spdlog::error("a notification was refused for good and is kept as a dead letter: {}", why);
    return ledger_.mark_rejected(row, now(), why);
  }

 private:
  Ledger& ledger_;
};

namespace {

/// Each runner draws from its own generator, on its own thread.
std::function<double()> random_jitter() {
  auto engine = std::make_shared<std::mt19937>(std::random_device{}());
  return [engine] { return std::uniform_real_distribution<double>(0.0, 1.0)(*engine); };
}

}  // namespace

SinkStage::SinkStage(std::vector<SinkEntry> sinks, Ledger& ledger) : outbox_(std::make_unique<LedgerOutbox>(ledger)) {
  for (auto& entry : sinks) {
    RetryPolicy policy;
    policy.jitter = random_jitter();
    runners_.push_back(std::make_unique<SinkRunner>(entry.name, std::move(entry.sink), *outbox_, std::move(policy)));
    runners_.back()->wake();
  }
}

SinkStage::~SinkStage() = default;

void SinkStage::wake() {
  for (const auto& runner : runners_) runner->wake();
}

void SinkStage::drain(std::chrono::steady_clock::time_point deadline) {
  for (const auto& runner : runners_) runner->drain(deadline);
}

std::vector<std::string> SinkStage::failures() const {
  std::vector<std::string> failures;
  for (const auto& runner : runners_) {
    const auto failure = runner->counts().last_failure;
    if (!failure.empty()) failures.push_back(runner->name() + ": " + failure);
  }
  return failures;
}

}  // namespace triaged

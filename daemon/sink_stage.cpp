#include "daemon/sink_stage.hpp"

#include <algorithm>
#include <memory>
#include <random>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "daemon/clock.hpp"

namespace triaged {

/// The ledger's outbox as the runners see it.
class SinkStage::LedgerOutbox : public Outbox {
 public:
  explicit LedgerOutbox(Ledger& ledger) : ledger_(ledger) {}

  Result<std::vector<Notification>> pending(std::string_view sink, std::size_t limit) override {
    auto rows = ledger_.pending(sink, limit, now());
    for (const auto& message : ledger_.take_messages()) spdlog::error("{}", message);
    return rows;
  }
  Result<void> mark_delivered(std::int64_t row) override { return settled(ledger_.mark_delivered(row, now())); }
  Result<void> mark_rejected(std::int64_t row, std::string_view why) override {
    return settled(ledger_.mark_rejected(row, now(), why));
  }

 private:
  /// A row that is not there any more stood in a damaged ledger: it is as settled as it can be.
  static Result<void> settled(const Result<bool>& done) {
    if (!done) return done.error();
    return {};
  }

  Ledger& ledger_;
};

namespace {

/// Each runner draws from its own generator, on its own thread.
std::function<double()> random_jitter() {
  auto engine = std::make_shared<std::mt19937>(std::random_device{}());
  return [engine] { return std::uniform_real_distribution<double>(0.0, 1.0)(*engine); };
}

}  // namespace

SinkStage::SinkStage(Ledger& ledger) : outbox_(std::make_unique<LedgerOutbox>(ledger)) {}

SinkStage::~SinkStage() {
  // All at once: each waits for a delivery under way.
  for (const auto& runner : runners_) runner->stop();
}

void SinkStage::use(std::vector<SinkEntry>& sinks) {
  const std::lock_guard lock(mutex_);
  std::vector<std::unique_ptr<SinkRunner>> next;
  for (auto& entry : sinks) {
    const auto is_it = [&](const std::unique_ptr<SinkRunner>& runner) {
      return runner != nullptr && runner->name() == entry.name;
    };
    // Two threads must never deliver the rows of one name.
    std::erase_if(retiring_, is_it);
    const auto known = std::find_if(runners_.begin(), runners_.end(), is_it);
    if (known != runners_.end()) {
      if (entry.sink) (*known)->use(std::move(entry.sink));
      next.push_back(std::move(*known));
      continue;
    }
    if (!entry.sink) continue;
    RetryPolicy policy;
    policy.jitter = random_jitter();
    next.push_back(std::make_unique<SinkRunner>(entry.name, std::move(entry.sink), *outbox_, std::move(policy)));
    next.back()->wake();
  }
  for (auto& runner : runners_) {
    if (runner == nullptr) continue;
    runner->stop();
    retiring_.push_back(std::move(runner));
  }
  runners_ = std::move(next);
}

void SinkStage::wake() {
  const std::lock_guard lock(mutex_);
  for (const auto& runner : runners_) runner->wake();
}

void SinkStage::drain(std::chrono::steady_clock::time_point deadline) {
  for (const auto& runner : runners_) runner->drain(deadline);
}

void SinkStage::tell_directly(const Incident& incident) {
  const std::lock_guard lock(mutex_);
  for (const auto& runner : runners_) {
    runner->tell_directly({0, runner->name(), fmt::format("{}/{}", incident.id, incident.change_number), incident});
  }
}

std::vector<std::string> SinkStage::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& runner : runners_) names.push_back(runner->name());
  return names;
}

std::vector<std::string> SinkStage::failures() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> failures;
  for (const auto& runner : runners_) {
    const auto failure = runner->counts().last_failure;
    if (!failure.empty()) failures.push_back(runner->name() + ": " + failure);
  }
  return failures;
}

}  // namespace triaged

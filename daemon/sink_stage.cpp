#include "daemon/sink_stage.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/clock.hpp"

namespace triaged::daemon {

/// The ledger's outbox as the runners see it.
class SinkStage::LedgerOutbox : public sinks::Outbox {
 public:
  explicit LedgerOutbox(store::Ledger& ledger) : ledger_(ledger) {}

  Result<std::vector<Notification>> pending(std::string_view sink, std::size_t limit) override {
    auto rows = ledger_.pending(sink, limit, now());
    for (const auto& message : ledger_.take_messages()) spdlog::error("{}", message);
    return rows;
  }
  Result<void> mark_delivered(std::int64_t row) override { return settled(ledger_.mark_delivered(row, now())); }
  Result<void> mark_rejected(std::int64_t row, std::string_view why) override {
    return settled(ledger_.mark_rejected(row, now(), why));
  }
  [[nodiscard]] bool is_empty(std::string_view sink) const { return ledger_.outbox_load(sink).rows == 0; }

 private:
  /// A row that is not there any more stood in a damaged ledger: it is as settled as it can be.
  static Result<void> settled(const Result<bool>& done) {
    if (!done) return done.error();
    return {};
  }

  store::Ledger& ledger_;
};

namespace {

constexpr auto last_delivery_time = std::chrono::milliseconds(500);

}  // namespace

SinkStage::SinkStage(store::Ledger& ledger) : outbox_(std::make_unique<LedgerOutbox>(ledger)) {}

SinkStage::~SinkStage() {
  // All at once: each waits for a delivery under way.
  const Lock lock(mutex_);
  for (const auto& runner : runners_) runner->stop();
}

void SinkStage::use(std::vector<sinks::SinkEntry>& sinks) {
  const Lock lock(mutex_);
  const auto runner_of = [](auto& runners, const std::string& name) {
    return std::ranges::find_if(runners,
                                [&](const auto& runner) { return runner != nullptr && runner->name() == name; });
  };
  // Two threads must never deliver the rows of one name.
  for (const auto& entry : sinks) {
    if (const auto old = runner_of(retiring_, entry.name); old != retiring_.end()) retiring_.erase(old);
  }
  // What may fail comes first: the threads of new sinks. They find nothing to do before they are woken.
  std::vector<std::unique_ptr<sinks::SinkRunner>> next(sinks.size());
  for (std::size_t i = 0; i < sinks.size(); ++i) {
    if (!sinks[i].sink || runner_of(runners_, sinks[i].name) != runners_.end()) continue;
    next[i] = std::make_unique<sinks::SinkRunner>(sinks[i].name, nullptr, *outbox_, sinks::RetryPolicy());
  }
  retiring_.reserve(retiring_.size() + runners_.size());
  for (std::size_t i = 0; i < sinks.size(); ++i) {
    if (const auto known = runner_of(runners_, sinks[i].name); known != runners_.end()) next[i] = std::move(*known);
    if (next[i] != nullptr && sinks[i].sink) next[i]->use(std::move(sinks[i].sink));
  }
  std::erase(next, nullptr);
  for (auto& runner : runners_) {
    if (runner == nullptr) continue;
    runner->stop();
    retiring_.push_back(std::move(runner));
  }
  runners_ = std::move(next);
}

void SinkStage::wake() {
  const Lock lock(mutex_);
  for (const auto& runner : runners_) runner->wake();
}

std::vector<std::string> SinkStage::finish(std::chrono::steady_clock::time_point deadline) {
  const Lock lock(mutex_);
  for (const auto& runner : runners_) runner->drain(deadline);
  for (const auto& runner : runners_) runner->stop();
  std::vector<std::string> late;
  const auto end = std::max(deadline, std::chrono::steady_clock::now()) + last_delivery_time;
  for (const auto* runners : {&runners_, &retiring_}) {
    for (const auto& runner : *runners) {
      if (!runner->has_ended_by(end)) late.push_back(runner->name());
    }
  }
  return late;
}

void SinkStage::tell_directly(const Incident& incident) {
  const Lock lock(mutex_);
  for (const auto& runner : runners_) {
    runner->tell_directly({0, runner->name(), fmt::format("{}/{}", incident.id, incident.change_number), incident});
  }
}

std::vector<std::string> SinkStage::names() const {
  const Lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& runner : runners_) names.push_back(runner->name());
  return names;
}

bool SinkStage::has_delivered() const {
  const Lock lock(mutex_);
  return std::ranges::all_of(runners_, [&](const auto& runner) { return outbox_->is_empty(runner->name()); });
}

std::vector<std::string> SinkStage::failures() const {
  const Lock lock(mutex_);
  std::vector<std::string> failures;
  for (const auto& runner : runners_) {
    const auto failure = runner->counts().last_failure;
    if (!failure.empty()) failures.push_back(runner->name() + ": " + failure);
  }
  return failures;
}

}  // namespace triaged::daemon

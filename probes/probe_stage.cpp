#include "probes/probe_stage.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <exception>
#include <iterator>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "base/utf8.hpp"
#include "probes/oom_watch.hpp"

namespace triaged::probes {

namespace {

using Steady = std::chrono::steady_clock;

Finding safely(const ProbeStage::ProbeFunction& probe, const ProbeQuestion& question) {
  try {
    return probe(question);
  } catch (const std::exception& failure) {
    return unknown_because(failure.what());
  }
}

}  // namespace

/// What the stage and its threads share; it lives as long as the last of them.
struct ProbeStage::Shared {
  struct Kind {
    std::deque<ProbeQuestion> waiting;
    std::optional<Steady::time_point> running_since;
    bool is_given_up = false;  // the probe under way
    bool has_ended = true;     // its thread
    std::thread thread;        // the stage's: only its constructor, ask() and destructor touch it
  };

  explicit Shared(ProbeFunction function) : probe(std::move(function)) {}

  const ProbeFunction probe;
  mutable Mutex mutex;
  std::condition_variable has_work, has_ended;
  std::array<Kind, probe_kind_count> kinds TRIAGED_GUARDED_BY(mutex);
  std::vector<ProbeAnswer> answers TRIAGED_GUARDED_BY(mutex);
  Microseconds timeout TRIAGED_GUARDED_BY(mutex) = std::chrono::milliseconds(500);
  ProbeCounts counts TRIAGED_GUARDED_BY(mutex);
  bool is_stopping TRIAGED_GUARDED_BY(mutex) = false;

  static void work(const std::shared_ptr<Shared>& shared, std::size_t index);
  void give_up_late_ones() TRIAGED_REQUIRES(mutex);
  void settle(Kind& kind, const ProbeQuestion& question, Finding&& finding, TimePoint at) TRIAGED_REQUIRES(mutex);
};

void ProbeStage::Shared::work(const std::shared_ptr<Shared>& shared, std::size_t index) {
  Lock lock(shared->mutex);
  auto& kind = shared->kinds.at(index);
  while (true) {
    lock.wait(shared->has_work,
              [&]() TRIAGED_REQUIRES(shared->mutex) { return shared->is_stopping || !kind.waiting.empty(); });
    if (shared->is_stopping) break;
    const auto question = std::move(kind.waiting.front());
    kind.waiting.pop_front();
    kind.running_since = Steady::now();
    lock.unlock();
    const auto at = now();
    auto finding = safely(shared->probe, question);
    lock.lock();
    shared->settle(kind, question, std::move(finding), at);
  }
  kind.has_ended = true;
  shared->has_ended.notify_all();
}

/// A probe has ended.
void ProbeStage::Shared::settle(Kind& kind, const ProbeQuestion& question, Finding&& finding, TimePoint at) {
  const bool is_late = Steady::now() - *kind.running_since > timeout;
  kind.running_since.reset();
  const bool was_given_up = std::exchange(kind.is_given_up, false);
  if (is_stopping) return;
  if (was_given_up || is_late) {
    counts.given_up += was_given_up ? 0 : 1;
    return;
  }
  if (finding.probe.empty()) {
    ++counts.unknown;
    spdlog::debug("probe {} of {}: {}", name_of(question.kind), to_printable(question.subject), finding.text);
    return;
  }
  ++counts.answered;
  if (answers.size() >= most_answers_kept) return;
  answers.push_back({.incident = question.incident,
                     .kind = question.kind,
                     .subject = question.subject,
                     .finding = std::move(finding.probe),
                     .text = std::move(finding.text),
                     .at = at});
}

void ProbeStage::Shared::give_up_late_ones() {
  for (std::size_t index = 0; index < kinds.size(); ++index) {
    auto& kind = kinds.at(index);
    if (!kind.running_since || kind.is_given_up || Steady::now() - *kind.running_since <= timeout) continue;
    kind.is_given_up = true;
    ++counts.given_up;
    counts.refused += kind.waiting.size();
    kind.waiting.clear();
    spdlog::warn("the probe '{}' takes longer than {}: no probe of this kind is made until it ends",
                 name_of(static_cast<ProbeKind>(index)), to_text(timeout));
  }
}

ProbeStage::ProbeStage(ProbeFunction probe, std::function<void()> watch)
    : watch_(std::move(watch)), shared_(std::make_shared<Shared>(std::move(probe))) {}

ProbeStage::~ProbeStage() {
  Lock lock(shared_->mutex);
  shared_->is_stopping = true;
  shared_->has_work.notify_all();
  const auto all_ended = [&]() TRIAGED_REQUIRES(shared_->mutex) {
    return std::all_of(shared_->kinds.begin(), shared_->kinds.end(), [](const auto& kind) { return kind.has_ended; });
  };
  lock.wait_for(shared_->has_ended, shared_->timeout, all_ended);
  for (auto& kind : shared_->kinds) {
    auto thread = std::move(kind.thread);
    if (!thread.joinable()) continue;
    if (!kind.has_ended) {
      thread.detach();
      continue;
    }
    lock.unlock();
    thread.join();
    lock.lock();
  }
}

void ProbeStage::keep_watch() const {
  if (watch_) watch_();
}

void ProbeStage::set_timeout(Microseconds timeout) {
  const Lock lock(shared_->mutex);
  shared_->timeout = timeout;
}

void ProbeStage::ask(std::vector<ProbeQuestion> questions) {
  const Lock lock(shared_->mutex);
  shared_->give_up_late_ones();
  for (auto& question : questions) {
    const auto index = static_cast<std::size_t>(question.kind);
    auto& kind = shared_->kinds.at(index);
    if (kind.is_given_up || kind.waiting.size() >= most_waiting) {
      ++shared_->counts.refused;
      continue;
    }
    kind.waiting.push_back(std::move(question));
    if (kind.thread.joinable()) continue;
    kind.has_ended = false;
    kind.thread = std::thread([shared = shared_, index] { Shared::work(shared, index); });
  }
  shared_->has_work.notify_all();
}

std::vector<ProbeAnswer> ProbeStage::take_answers() {
  const Lock lock(shared_->mutex);
  shared_->give_up_late_ones();
  return std::exchange(shared_->answers, {});
}

ProbeCounts ProbeStage::counts() const {
  const Lock lock(shared_->mutex);
  auto counts = shared_->counts;
  for (std::size_t index = 0; index < probe_kind_count; ++index) {
    if (shared_->kinds.at(index).is_given_up) counts.hanging.push_back(static_cast<ProbeKind>(index));
  }
  return counts;
}

std::vector<ProbeAnswer> answers_of_host(std::vector<ProbeQuestion> questions) {
  constexpr auto ask_again = std::chrono::milliseconds(2);
  const auto wanted = questions.size();
  ProbeStage stage([](const ProbeQuestion& question) { return probe_host(question, "/"); });
  stage.ask(std::move(questions));
  std::vector<ProbeAnswer> answers;
  while (true) {
    const auto counts = stage.counts();
    std::ranges::move(stage.take_answers(), std::back_inserter(answers));
    if (counts.answered + counts.unknown + counts.given_up + counts.refused >= wanted) return answers;
    std::this_thread::sleep_for(ask_again);
  }
}

std::unique_ptr<ProbeStage> probe_this_host() {
  auto kills = std::make_shared<OomWatch>("/");
  const auto watch = [kills] { kills->check(now()); };
  const auto probe = [kills, watch](const ProbeQuestion& question) {
    if (question.kind != ProbeKind::memory) return probe_host(question, "/");
    watch();  // what happened in this second, too
    return kills->answer(question);
  };
  return std::make_unique<ProbeStage>(probe, watch);
}

std::string status_of(const ProbeCounts& counts) {
  if (counts.answered + counts.unknown + counts.given_up + counts.refused == 0) return "";
  auto text = fmt::format("probes: {} answered, {} unknown", counts.answered, counts.unknown);
  if (counts.given_up > 0) text += fmt::format(", {} given up", counts.given_up);
  if (counts.refused > 0) text += fmt::format(", {} not asked", counts.refused);
  for (const auto kind : counts.hanging) text += fmt::format("; {} hangs", name_of(kind));
  return text;
}

}  // namespace triaged::probes

// One thread goes round: read some pending rows, deliver them in order, settle each, until nothing is pending or
// something must wait. The order is strict: a notification that must be tried again holds back those behind it, because
// "resolved" must not arrive before "opened".
//
// What was delivered but could not be settled (the ledger's disk is full) is remembered and settled before anything
// else is sent: reading the outbox again would send it twice.
#include "sinks/sink_runner.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <random>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include "base/crash_point.hpp"
#include "base/mutex.hpp"

namespace triaged::sinks {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t rows_at_a_time = 16;

/// A closed pipe or connection is an answer to a write, not the end of the daemon.
void block_pipe_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

std::function<double()> own_jitter() {
  return [engine = std::minstd_rand(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<>(0, 1)(engine);
  };
}

}  // namespace

milliseconds wait_before(unsigned attempt, const RetryPolicy& policy, std::optional<milliseconds> asked) {
  auto bound = policy.first;
  for (unsigned i = 1; i < attempt && bound < policy.longest; ++i) bound *= 2;
  bound = std::min(bound, policy.longest);
  const double share = policy.jitter ? policy.jitter() : 1.0;
  const milliseconds wait(static_cast<milliseconds::rep>(share * static_cast<double>(bound.count())));
  return std::max(wait, asked.value_or(milliseconds(0)));
}

struct SinkRunner::State {
  State(std::string sink_name, std::unique_ptr<Sink> target, Outbox& rows, RetryPolicy retry)
      : name(std::move(sink_name)), sink(std::move(target)), outbox(rows), policy(std::move(retry)) {
    if (!policy.jitter) policy.jitter = own_jitter();
  }

  enum class Pass { nothing_left, more, must_wait };
  /// A notification whose delivery is decided and not yet in the ledger.
  struct Verdict {
    std::int64_t row = 0;
    std::string idempotency_key;
    Outcome outcome = Outcome::delivered;
    std::string why;
  };

  void run();
  Pass deliver_some();
  bool tell_what_is_direct();
  bool deliver_one(const Notification& notification);
  bool settle();
  void wait_after(const std::string& failure, std::optional<milliseconds> asked);
  void count(Outcome outcome, const std::string& why);
  [[nodiscard]] bool is_stopping() const;

  const std::string name;
  std::unique_ptr<Sink> sink;        // the runner's thread only
  Outbox& outbox;                    // the runner's thread only
  RetryPolicy policy;                // the runner's thread only
  unsigned tries = 0;                // of what stands first; the runner's thread only
  std::optional<Verdict> unsettled;  // the runner's thread only

  mutable Mutex mutex;
  std::condition_variable changed, idle;
  std::unique_ptr<Sink> next_sink TRIAGED_GUARDED_BY(mutex);  // takes the place of sink
  std::deque<Notification> direct TRIAGED_GUARDED_BY(mutex);
  bool has_news TRIAGED_GUARDED_BY(mutex) = false;  // something that no backoff holds up
  bool stopping TRIAGED_GUARDED_BY(mutex) = false;
  bool has_ended TRIAGED_GUARDED_BY(mutex) = false;  // the thread
  bool woken TRIAGED_GUARDED_BY(mutex) = false;
  std::uint64_t drain_asked TRIAGED_GUARDED_BY(mutex) = 0;
  std::uint64_t drained TRIAGED_GUARDED_BY(mutex) = 0;
  std::optional<Clock::time_point> wait_until TRIAGED_GUARDED_BY(mutex);
  SinkCounts counts TRIAGED_GUARDED_BY(mutex);

  std::thread thread;  // last: everything else exists when it starts
};

void SinkRunner::State::run() {
  block_pipe_signal();
  pthread_setname_np(pthread_self(), ("sink " + name).substr(0, 15).c_str());
  Lock lock(mutex);
  while (!stopping) {
    if (next_sink) {
      sink = std::move(next_sink);
      has_news = true;
    }
    if (!sink) {
      drained = drain_asked;
      idle.notify_all();
      lock.wait(changed,
                [&]() TRIAGED_REQUIRES(mutex) { return stopping || drain_asked != drained || next_sink != nullptr; });
      continue;
    }
    if (std::exchange(has_news, false)) wait_until.reset();
    if (wait_until && Clock::now() < *wait_until) {
      drained = drain_asked;
      idle.notify_all();
      const auto until = *wait_until;
      lock.wait_until(changed, until, [&]() TRIAGED_REQUIRES(mutex) {
        return stopping || drain_asked != drained || next_sink != nullptr || has_news;
      });
      continue;
    }
    wait_until.reset();
    woken = false;
    const auto asked = drain_asked;
    lock.unlock();
    const auto pass = deliver_some();
    lock.lock();
    if (pass == Pass::more) continue;
    drained = asked;
    idle.notify_all();
    if (pass == Pass::must_wait) continue;
    lock.wait(changed, [&]() TRIAGED_REQUIRES(mutex) {
      return stopping || woken || drain_asked != drained || next_sink != nullptr || has_news;
    });
  }
  drained = drain_asked;
  has_ended = true;
  idle.notify_all();
}

SinkRunner::State::Pass SinkRunner::State::deliver_some() {
  if (!tell_what_is_direct()) return Pass::must_wait;
  if (unsettled && !settle()) return Pass::must_wait;
  const auto rows = outbox.pending(name, rows_at_a_time);
  if (!rows) {
    wait_after(rows.error().message, std::nullopt);
    return Pass::must_wait;
  }
  for (const auto& notification : *rows) {
    if (is_stopping()) return Pass::nothing_left;
    if (!deliver_one(notification)) return Pass::must_wait;
  }
  return rows->empty() ? Pass::nothing_left : Pass::more;
}

/// False when one must be tried again later.
bool SinkRunner::State::tell_what_is_direct() {
  while (true) {
    Notification notification;
    {
      const Lock lock(mutex);
      if (direct.empty() || stopping) return true;
      notification = direct.front();
    }
    const auto delivery = sink->deliver(notification);
    if (delivery.outcome == Outcome::try_again) {
      wait_after(delivery.detail, delivery.retry_after);
      return false;
    }
    if (delivery.outcome == Outcome::rejected) {
      spdlog::error("sink {}: the receiver rejected {}: {}", name, notification.idempotency_key, delivery.detail);
    }
    const Lock lock(mutex);
    // Another one may have replaced it meanwhile.
    const bool is_first = !direct.empty() && direct.front().idempotency_key == notification.idempotency_key;
    if (is_first) direct.pop_front();
  }
}

/// False when it must be tried again later.
bool SinkRunner::State::deliver_one(const Notification& notification) {
  crash_point("before-deliver");
  auto delivery = sink->deliver(notification);
  crash_point("after-deliver");
  if (delivery.outcome == Outcome::try_again && tries + 1 >= policy.most_tries) {
    delivery = {Outcome::rejected, fmt::format("gave up after {} tries: {}", tries + 1, delivery.detail)};
  }
  if (delivery.outcome == Outcome::try_again) {
    wait_after(delivery.detail, delivery.retry_after);
    return false;
  }
  unsettled = Verdict{notification.row, notification.idempotency_key, delivery.outcome, std::move(delivery.detail)};
  return settle();
}

bool SinkRunner::State::settle() {
  const auto done = unsettled->outcome == Outcome::delivered ? outbox.mark_delivered(unsettled->row)
                                                             : outbox.mark_rejected(unsettled->row, unsettled->why);
  if (!done) {
    wait_after(done.error().message, std::nullopt);
    return false;
  }
  if (unsettled->outcome == Outcome::rejected) {
    spdlog::error("sink {}: the receiver rejected {}; it is kept as a dead letter: {}", name,
                  unsettled->idempotency_key, unsettled->why);
  }
  count(unsettled->outcome, unsettled->why);
  unsettled.reset();
  tries = 0;
  return true;
}

void SinkRunner::State::wait_after(const std::string& failure, std::optional<milliseconds> asked) {
  const auto wait = wait_before(++tries, policy, asked);
  if (tries == 1) spdlog::warn("sink {}: {}; trying again", name, failure);
  const Lock lock(mutex);
  wait_until = Clock::now() + wait;
  ++counts.retried;
  counts.last_failure = failure;
}

void SinkRunner::State::count(Outcome outcome, const std::string& why) {
  const Lock lock(mutex);
  if (outcome == Outcome::delivered && tries > 0)
    spdlog::info("sink {}: works again after {} failed tries", name, tries);
  ++(outcome == Outcome::delivered ? counts.delivered : counts.rejected);
  counts.last_failure = outcome == Outcome::delivered ? "" : why;
}

bool SinkRunner::State::is_stopping() const {
  const Lock lock(mutex);
  return stopping;
}

SinkRunner::SinkRunner(std::string name, std::unique_ptr<Sink> sink, Outbox& outbox, RetryPolicy policy)
    : state_(std::make_unique<State>(std::move(name), std::move(sink), outbox, std::move(policy))) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

SinkRunner::~SinkRunner() {
  stop();
  state_->thread.join();
}

void SinkRunner::stop() {
  {
    const Lock lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
}

void SinkRunner::use(std::unique_ptr<Sink> sink) {
  {
    const Lock lock(state_->mutex);
    state_->next_sink = std::move(sink);
  }
  state_->changed.notify_all();
}

void SinkRunner::tell_directly(Notification notification) {
  {
    const Lock lock(state_->mutex);
    auto& direct = state_->direct;
    std::erase_if(direct, [&](const Notification& other) { return other.incident.id == notification.incident.id; });
    direct.push_back(std::move(notification));
    state_->has_news = true;
  }
  state_->changed.notify_all();
}

void SinkRunner::wake() {
  {
    const Lock lock(state_->mutex);
    state_->woken = true;
  }
  state_->changed.notify_all();
}

void SinkRunner::drain(Clock::time_point deadline) {
  Lock lock(state_->mutex);
  const auto ticket = ++state_->drain_asked;
  state_->changed.notify_all();
  lock.wait_until(state_->idle, deadline, [&]() TRIAGED_REQUIRES(state_->mutex) { return state_->drained >= ticket; });
}

bool SinkRunner::has_ended_by(Clock::time_point deadline) const {
  Lock lock(state_->mutex);
  return lock.wait_until(state_->idle, deadline, [&]() TRIAGED_REQUIRES(state_->mutex) { return state_->has_ended; });
}

SinkCounts SinkRunner::counts() const {
  const Lock lock(state_->mutex);
  return state_->counts;
}

const std::string& SinkRunner::name() const { return state_->name; }

}  // namespace triaged::sinks

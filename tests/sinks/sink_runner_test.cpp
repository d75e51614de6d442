#include "sinks/sink_runner.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

namespace triaged::sinks {
namespace {

using namespace std::chrono_literals;
using Keys = std::vector<std::string>;

/// What both fakes write down, and what a test waits for.
class Story {
 public:
  void tell(const std::string& event) {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(event);
      times_.push_back(std::chrono::steady_clock::now());
    }
    changed_.notify_all();
  }

  /// The first `count` events, once they have happened.
  Keys first(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 20s, [&] { return events_.size() >= count; }))
      ADD_FAILURE() << "nothing more happened";
    return {events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(std::min(count, events_.size()))};
  }

  std::chrono::steady_clock::duration between(std::size_t first, std::size_t second) const {
    const std::lock_guard lock(mutex_);
    return times_.at(second) - times_.at(first);
  }

  Keys all() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Keys events_;                                               // guarded by mutex_
  std::vector<std::chrono::steady_clock::time_point> times_;  // of the events; guarded by mutex_
};

/// Answers what the test queued, then "delivered".
class FakeSink : public Sink {
 public:
  FakeSink(Story& story, std::deque<Delivery> answers) : story_(story), answers_(std::move(answers)) {}

  Delivery deliver(const Notification& notification) override {
    story_.tell("deliver " + notification.idempotency_key);
    if (answers_.empty()) return {};
    auto answer = answers_.front();
    answers_.pop_front();
    return answer;
  }

 private:
  Story& story_;
  std::deque<Delivery> answers_;
};

class FakeOutbox : public Outbox {
 public:
  explicit FakeOutbox(Story& story) : story_(story) {}

  void add(const std::string& key) {
    const std::lock_guard lock(mutex_);
    rows_.push_back({next_row_++, "sink", key, {}});
  }
  void fail_next(int reads, int settlements) {
    const std::lock_guard lock(mutex_);
    failing_reads_ = reads;
    failing_settlements_ = settlements;
  }

  Result<std::vector<Notification>> pending(std::string_view sink, std::size_t limit) override {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(sink, "sink");
    if (failing_reads_ > 0 && failing_reads_-- > 0) return error("disk gone");
    return std::vector<Notification>(rows_.begin(),
                                     rows_.begin() + static_cast<std::ptrdiff_t>(std::min(limit, rows_.size())));
  }
  Result<void> mark_delivered(std::int64_t row) override { return settle(row, "delivered"); }
  Result<void> mark_rejected(std::int64_t row, std::string_view why) override {
    return settle(row, "rejected, " + std::string(why) + ",");
  }

 private:
  Result<void> settle(std::int64_t row, const std::string& how) {
    const std::lock_guard lock(mutex_);
    if (failing_settlements_ > 0 && failing_settlements_-- > 0) {
      story_.tell("disk full");
      return error("disk full");
    }
    const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Notification& n) { return n.row == row; });
    EXPECT_NE(found, rows_.end());
    story_.tell(how + " " + found->idempotency_key);
    rows_.erase(found);
    return {};
  }

  Story& story_;
  std::mutex mutex_;
  std::deque<Notification> rows_;
  std::int64_t next_row_ = 1;
  int failing_reads_ = 0, failing_settlements_ = 0;
};

class Runner : public testing::Test {
 protected:
  void SetUp() override { spdlog::set_level(spdlog::level::off); }
  void TearDown() override {
    runner_.reset();
    spdlog::set_level(spdlog::level::info);
  }

  void start(std::deque<Delivery> answers = {}) {
    runner_ =
        std::make_unique<SinkRunner>("sink", std::make_unique<FakeSink>(story_, std::move(answers)), outbox_, policy_);
  }
  void pend(const Keys& keys) {
    for (const auto& key : keys) outbox_.add(key);
  }
  /// The runner at rest: everything that could be done is done.
  SinkCounts counts_at_rest() {
    runner_->drain(std::chrono::steady_clock::now() + 20s);
    return runner_->counts();
  }

  Story story_;
  FakeOutbox outbox_{story_};
  RetryPolicy policy_{.first = 1ms, .longest = 2ms, .jitter = [] { return 1.0; }};
  std::unique_ptr<SinkRunner> runner_;
};

TEST_F(Runner, DeliversWhatTheLastRunLeftInOrder) {
  pend({"1", "2", "3"});
  start();
  EXPECT_EQ(story_.first(6),
            (Keys{"deliver 1", "delivered 1", "deliver 2", "delivered 2", "deliver 3", "delivered 3"}));
  EXPECT_EQ(counts_at_rest().delivered, 3U);
}

TEST_F(Runner, DeliversMoreRowsThanItReadsAtATime) {
  for (int i = 0; i < 100; ++i) outbox_.add(std::to_string(i));
  start();
  EXPECT_EQ(counts_at_rest().delivered, 100U);
}

TEST_F(Runner, DeliversNewRowsWhenWoken) {
  start();
  EXPECT_EQ(counts_at_rest().delivered, 0U);
  pend({"1"});
  runner_->wake();
  EXPECT_EQ(story_.first(2), (Keys{"deliver 1", "delivered 1"}));
}

TEST_F(Runner, TriesTheSameAgainBeforeTheNext) {
  pend({"1", "2"});
  start({{Outcome::try_again, "busy"}, {Outcome::try_again, "busy"}});
  EXPECT_EQ(story_.first(6), (Keys{"deliver 1", "deliver 1", "deliver 1", "delivered 1", "deliver 2", "delivered 2"}));
  const auto counts = counts_at_rest();
  EXPECT_EQ(std::tie(counts.delivered, counts.retried, counts.rejected), std::tuple(2U, 2U, 0U));
  EXPECT_EQ(counts.last_failure, "");
}

TEST_F(Runner, KeepsARejectedOneAsADeadLetterAndGoesOn) {
  pend({"1", "2"});
  start({{Outcome::rejected, "HTTP 404"}});
  EXPECT_EQ(story_.first(4), (Keys{"deliver 1", "rejected, HTTP 404, 1", "deliver 2", "delivered 2"}));
  EXPECT_EQ(counts_at_rest().rejected, 1U);
}

TEST_F(Runner, RemembersTheFailureOfTheLastTry) {
  pend({"1"});
  policy_.first = policy_.longest = 1h;
  start({{Outcome::try_again, "HTTP 503"}});
  story_.first(1);
  const auto counts = counts_at_rest();
  EXPECT_EQ(counts.last_failure, "HTTP 503");
  EXPECT_EQ(counts.retried, 1U);
}

TEST_F(Runner, GivesUpAfterTheMostTries) {
  pend({"1", "2"});
  policy_.most_tries = 3;
  start({{Outcome::try_again, "a"}, {Outcome::try_again, "b"}, {Outcome::try_again, "c"}});
  EXPECT_EQ(story_.first(6), (Keys{"deliver 1", "deliver 1", "deliver 1", "rejected, gave up after 3 tries: c, 1",
                                   "deliver 2", "delivered 2"}));
}

TEST_F(Runner, WaitsAsLongAsTheOtherSideAsked) {
  pend({"1"});
  start({{Outcome::try_again, "HTTP 429", 60ms}});
  story_.first(2);
  EXPECT_GE(story_.between(0, 1), 60ms);
}

TEST_F(Runner, DoesNotLetAWakingCutAWaitShort) {
  pend({"1"});
  policy_.first = policy_.longest = 1h;
  start({{Outcome::try_again, "busy"}});
  story_.first(1);
  pend({"2"});
  runner_->wake();
  EXPECT_EQ(counts_at_rest().delivered, 0U);
  EXPECT_EQ(story_.all(), (Keys{"deliver 1"}));
}

TEST_F(Runner, NeverSendsTwiceWhatItCouldNotSettle) {
  pend({"1", "2"});
  outbox_.fail_next(0, 3);
  start();
  EXPECT_EQ(story_.first(7),
            (Keys{"deliver 1", "disk full", "disk full", "disk full", "delivered 1", "deliver 2", "delivered 2"}));
  EXPECT_EQ(counts_at_rest().last_failure, "");
}

TEST_F(Runner, ReadsTheOutboxAgainAfterAFailure) {
  pend({"1"});
  outbox_.fail_next(2, 0);
  start();
  EXPECT_EQ(story_.first(2), (Keys{"deliver 1", "delivered 1"}));
  EXPECT_EQ(counts_at_rest().retried, 2U);
}

TEST_F(Runner, EndsInsideALongWait) {
  pend({"1"});
  policy_.first = policy_.longest = 1h;
  start({{Outcome::try_again, "busy"}});
  story_.first(1);
  runner_.reset();
  EXPECT_EQ(story_.all(), (Keys{"deliver 1"}));
}

TEST_F(Runner, DrainsUntilNothingIsPending) {
  start();
  for (int i = 0; i < 50; ++i) outbox_.add(std::to_string(i));
  EXPECT_EQ(counts_at_rest().delivered, 50U);
}

TEST_F(Runner, DrainsNoLongerThanItsDeadline) {
  class StuckSink : public Sink {
   public:
    explicit StuckSink(std::mutex& gate) : gate_(gate) {}
    Delivery deliver(const Notification&) override {
      const std::lock_guard lock(gate_);
      return {};
    }

   private:
    std::mutex& gate_;
  };
  std::mutex gate;
  gate.lock();
  pend({"1"});
  runner_ = std::make_unique<SinkRunner>("sink", std::make_unique<StuckSink>(gate), outbox_, policy_);
  runner_->drain(std::chrono::steady_clock::now() + 5ms);
  EXPECT_EQ(runner_->counts().delivered, 0U);
  gate.unlock();
  EXPECT_EQ(counts_at_rest().delivered, 1U);
}

TEST(WaitBefore, GrowsToItsLongest) {
  const RetryPolicy policy{.first = 1s, .longest = 5s, .jitter = [] { return 1.0; }};
  EXPECT_EQ(wait_before(1, policy, std::nullopt), 1s);
  EXPECT_EQ(wait_before(2, policy, std::nullopt), 2s);
  EXPECT_EQ(wait_before(3, policy, std::nullopt), 4s);
  EXPECT_EQ(wait_before(4, policy, std::nullopt), 5s);
  EXPECT_EQ(wait_before(4'000'000'000U, policy, std::nullopt), 5s);
}

TEST(WaitBefore, IsAnywhereBelowItsBound) {
  double share = 0.0;
  const RetryPolicy policy{.first = 1s, .longest = 60s, .jitter = [&] { return share; }};
  EXPECT_EQ(wait_before(3, policy, std::nullopt), 0ms);
  share = 0.25;
  EXPECT_EQ(wait_before(3, policy, std::nullopt), 1s);
}

TEST(WaitBefore, IsNeverLessThanAsked) {
  const RetryPolicy policy{.first = 1s, .longest = 5s, .jitter = [] { return 0.5; }};
  EXPECT_EQ(wait_before(1, policy, 7s), 7s);
  EXPECT_EQ(wait_before(1, policy, 100ms), 500ms);
}

}  // namespace
}  // namespace triaged::sinks

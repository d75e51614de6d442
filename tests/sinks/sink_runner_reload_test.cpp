// What outlives a reload, and what is told past the outbox.
#include <deque>
#include <mutex>

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "sinks/sink_runner.hpp"
#include "tests/support/loopback_server.hpp"

namespace triaged::sinks {
namespace {

using namespace std::chrono_literals;

/// Writes down what it is given, and always gives the same answer.
class SteadySink : public Sink {
 public:
  SteadySink(Received<std::string>& told, std::string name, Outcome answer)
      : told_(told), name_(std::move(name)), answer_(answer) {}
  Delivery deliver(const Notification& notification) override {
    told_.put(name_ + " " + notification.idempotency_key);
    return {answer_, "busy"};
  }

 private:
  Received<std::string>& told_;
  const std::string name_;
  const Outcome answer_;
};

/// Rows that nobody can settle: the disk is full.
class FullOutbox : public Outbox {
 public:
  Result<std::vector<Notification>> pending(std::string_view, std::size_t) override {
    return std::vector<Notification>{{1, "sink", "x/1", {}}};
  }
  Result<void> mark_delivered(std::int64_t) override { return error("disk full"); }
  Result<void> mark_rejected(std::int64_t, std::string_view) override { return error("disk full"); }
};

class RunnerOverAReload : public testing::Test {
 protected:
  void SetUp() override { spdlog::set_level(spdlog::level::off); }
  void TearDown() override {
    runner_.reset();
    spdlog::set_level(spdlog::level::info);
  }
  std::unique_ptr<Sink> sink(const std::string& name, Outcome answer) {
    return std::make_unique<SteadySink>(told_, name, answer);
  }
  void start(Outcome answer) { runner_ = std::make_unique<SinkRunner>("sink", sink("old", answer), outbox_, policy_); }

  Received<std::string> told_;
  FullOutbox outbox_;
  RetryPolicy policy_{.first = 1h, .longest = 1h, .jitter = [] { return 1.0; }};
  std::unique_ptr<SinkRunner> runner_;
};

TEST_F(RunnerOverAReload, TriesTheNewSinkAtOnceWhateverTheOldOneWaitedFor) {
  start(Outcome::try_again);
  EXPECT_EQ(told_.take(), "old x/1");
  runner_->use(sink("new", Outcome::delivered));
  EXPECT_EQ(told_.take(), "new x/1");
}

TEST_F(RunnerOverAReload, TellsDirectlyWhileNothingCanBeSettled) {
  start(Outcome::delivered);
  EXPECT_EQ(told_.take(), "old x/1");
  runner_->tell_directly({0, "sink", "trouble/1", {}});
  EXPECT_EQ(told_.take(), "old trouble/1");
}

TEST_F(RunnerOverAReload, KeepsTheNewestOfOneIncidentThatCouldNotBeToldDirectly) {
  start(Outcome::try_again);
  EXPECT_EQ(told_.take(), "old x/1");
  runner_->tell_directly({0, "sink", "trouble/1", {}});
  EXPECT_EQ(told_.take(), "old trouble/1");
  runner_->tell_directly({0, "sink", "trouble/2", {}});
  EXPECT_EQ(told_.take(), "old trouble/2");
  runner_->use(sink("new", Outcome::delivered));
  EXPECT_EQ(told_.take(), "new trouble/2");
  EXPECT_EQ(told_.take(), "new x/1");
}

TEST_F(RunnerOverAReload, EndsAtOnceWhenItIsStoppedWhileItWaits) {
  start(Outcome::try_again);
  EXPECT_EQ(told_.take(), "old x/1");
  runner_->stop();
  runner_.reset();
  EXPECT_EQ(told_.waiting(), 0U);
}

}  // namespace
}  // namespace triaged::sinks

#include "daemon/sink_stage.hpp"

#include <future>

#include <gtest/gtest.h>

#include "tests/support/must.hpp"
#include "tests/support/sample_incidents.hpp"

namespace triaged::daemon {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

/// A receiver that answers when the test says so.
struct Gate {
  std::promise<void> reached, opened;
};

class WaitingSink : public sinks::Sink {
 public:
  explicit WaitingSink(Gate& gate) : gate_(gate) {}
  sinks::Delivery deliver(const Notification&) override {
    gate_.reached.set_value();
    gate_.opened.get_future().wait();
    return {};
  }

 private:
  Gate& gate_;
};

class SinkStageTest : public testing::Test {
 protected:
  void use_waiting_sink(const std::string& name) {
    std::vector<sinks::SinkEntry> sinks;
    sinks.push_back({.kind = "webhook", .name = name, .sink = std::make_unique<WaitingSink>(gate)});
    stage.use(sinks);
  }
  void notify(const std::string& sink) const {
    must(ledger->commit({.notifications = {{0, sink, "1", samples::killed_worker()}}}));
  }

  std::unique_ptr<store::Ledger> ledger = must(store::Ledger::in_memory());
  Gate gate;
  SinkStage stage{*ledger};
};

TEST_F(SinkStageTest, NamesWhoDoesNotAnswerInsteadOfWaiting) {
  notify("slow");
  use_waiting_sink("slow");
  gate.reached.get_future().wait();
  EXPECT_EQ(stage.finish(std::chrono::steady_clock::now()), Names{"slow"});
  gate.opened.set_value();
}

TEST_F(SinkStageTest, DoesNotForgetWhoWasReplacedWhileItWaited) {
  notify("slow");
  use_waiting_sink("slow");
  gate.reached.get_future().wait();
  std::vector<sinks::SinkEntry> none;
  stage.use(none);
  EXPECT_EQ(stage.finish(std::chrono::steady_clock::now()), Names{"slow"});
  gate.opened.set_value();
}

TEST_F(SinkStageTest, FinishesAtOnceWhenNothingIsUnderWay) {
  use_waiting_sink("idle");
  EXPECT_EQ(stage.finish(std::chrono::steady_clock::now() + 1h), Names{});
}

}  // namespace
}  // namespace triaged::daemon

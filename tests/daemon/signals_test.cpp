#include "daemon/signals.hpp"

#include <csignal>
#include <future>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace triaged::daemon {
namespace {

using namespace std::chrono_literals;
using Signals = std::vector<Signal>;

class SignalWatchTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { block_signals(); }
};

TEST_F(SignalWatchTest, GivesWhatCameWhileNobodyListened) {
  SignalWatch watch(1h, [] {});
  Signals heard;
  watch.receive(Signal::reload);
  watch.listen([&](Signal signal) { heard.push_back(signal); });
  EXPECT_EQ(heard, Signals{Signal::reload});
  watch.stop_listening();
  watch.receive(Signal::stop);
  watch.receive(Signal::reload);
  EXPECT_EQ(heard.size(), 1U);
  EXPECT_TRUE(watch.stopping().stop_requested());
  watch.listen([&](Signal signal) { heard.push_back(signal); });
  EXPECT_EQ(heard, (Signals{Signal::reload, Signal::stop}));
  watch.stop_listening();
}

TEST_F(SignalWatchTest, HearsWhatTheProcessReceives) {
  SignalWatch watch(1h, [] {});
  std::promise<Signal> heard;
  watch.listen([&](Signal signal) { heard.set_value(signal); });
  ::kill(::getpid(), SIGHUP);
  auto first = heard.get_future();
  ASSERT_EQ(first.wait_for(20s), std::future_status::ready);
  EXPECT_EQ(first.get(), Signal::reload);
  EXPECT_FALSE(watch.asked_to_stop_at().has_value());
  watch.stop_listening();
}

TEST_F(SignalWatchTest, SaysWhenAStopTakesTooLong) {
  std::promise<void> late;
  SignalWatch watch(0s, [&] { late.set_value(); });
  watch.receive(Signal::stop);
  EXPECT_EQ(late.get_future().wait_for(20s), std::future_status::ready);
}

}  // namespace
}  // namespace triaged::daemon

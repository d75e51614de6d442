// Syslog over connections: how messages are framed, who waits, and whose connection is closed.
#include "syslog_listener.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(SyslogAt, ReadsConnectionsInBothFramingsAndTellsThemApart) {
  listen(fmt::format("tcp://127.0.0.1:{}", free_port(SOCK_STREAM)));
  const auto one = sender(0, "127.0.0.5"), two = sender(0, "127.0.0.6");
  one.send("<14>Nov 21 01:14:23 a: one\n<14>Nov 21 01:14:24 a: t");
  two.send("26 <14>Nov 21 01:14:23 b: two");
  EXPECT_THAT(lines(), testing::UnorderedElementsAre("127.0.0.5 0: Nov 21 01:14:23 a: one",
                                                     "127.0.0.6: Nov 21 01:14:23 b: two"));
  one.send("hree\n");
  EXPECT_THAT(lines(), ElementsAre("127.0.0.5 0: Nov 21 01:14:24 a: three"));
  EXPECT_EQ(metric("triaged_syslog_connections"), 2);
}

TEST_F(SyslogAt, GivesOutWhatCameOfTheLastMessageOfAConnection) {
  listen("unix://" + path("stream"));
  auto to = sender();
  to.send("<14>one\n<14>half of an");
  EXPECT_THAT(texts(), ElementsAre("one"));
  to.close();
  EXPECT_THAT(texts(), ElementsAre("half of an"));
  EXPECT_EQ(metric("triaged_syslog_connections"), 0);
  auto counted = sender();
  counted.send("100 <14>half");
  counted.close();
  EXPECT_THAT(texts(), ElementsAre("half"));
  EXPECT_EQ(metric("triaged_syslog_cut_messages_total"), 1);
}

TEST_F(SyslogAt, CutsWhatIsTooLong) {
  listen("unix://" + path("stream"));
  const auto to = sender();
  to.send("<14>" + std::string(100'000, 'x') + "\n<14>next\n");
  const auto all = texts();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].size(), 64u * 1024 - 4);
  EXPECT_EQ(all[1], "next");
  EXPECT_EQ(metric("triaged_syslog_cut_messages_total"), 1);
}

TEST_F(SyslogAt, KeepsConnectionsThroughAReload) {
  listen("unix://" + path("stream"));
  const auto to = sender();
  to.send("<14>on");
  EXPECT_THAT(texts(), IsEmpty());
  open();
  to.send("e\n");
  EXPECT_THAT(texts(), ElementsAre("one"));
}

TEST_F(SyslogAt, MakesSendersWaitWhileTooMuchIsNotCommitted) {
  listen("unix://" + path("stream"));
  const auto to = sender();
  const std::string text = "<14>" + std::string(60'000, 'x') + "\n";
  std::size_t taken = 0;
  for (int i = 0; i < 2000; ++i) {
    to.send(text);
    const auto got = texts().size();
    if (got == 0) break;
    taken += got;
  }
  EXPECT_EQ(taken, 70u) << "4 MiB: all others wait behind them";
  EXPECT_FALSE(is_readable()) << "nobody is asked again and again";
  commit();
  EXPECT_EQ(texts().size(), 1u) << "nothing was lost";
}

TEST_F(SyslogAt, ClosesAConnectionThatIsSilentForTooLong) {
  options.idle_timeout = 10s;
  listen("unix://" + path("stream"));
  const auto silent = sender(), talking = sender();
  silent.send("<14>half");
  EXPECT_THAT(texts(), IsEmpty());
  (void)next(9s);
  talking.send("<14>a\n");
  EXPECT_THAT(texts(), ElementsAre("a"));
  now += 2s;
  EXPECT_THAT(texts(), ElementsAre("half"));
  EXPECT_FALSE(silent.is_open());
  EXPECT_TRUE(talking.is_open());
  EXPECT_EQ(metric("triaged_syslog_closed_connections_total", "idle"), 1);
}

TEST_F(SyslogAt, ClosesOneOfWhoeverHasMostConnectionsWhenThereAreTooMany) {
  options.max_connections = 3;
  listen(fmt::format("tcp://127.0.0.1:{}", free_port(SOCK_STREAM)));
  const auto quiet = sender(0, "127.0.0.5");
  (void)next();
  const auto greedy = sender(0, "127.0.0.6");
  (void)next(1ms);
  const auto greedy_too = sender(0, "127.0.0.6");
  (void)next(1ms);
  const auto late = sender(0, "127.0.0.7");
  (void)next(1ms);
  (void)next(1ms);
  EXPECT_TRUE(quiet.is_open());
  EXPECT_FALSE(greedy.is_open());
  EXPECT_TRUE(greedy_too.is_open());
  EXPECT_TRUE(late.is_open());
  EXPECT_EQ(metric("triaged_syslog_closed_connections_total", "too-many"), 1);
}

}  // namespace
}  // namespace triaged::sources

// The source of kind `syslog` at real sockets: what is received, what is kept, what is lost and counted.
#include "syslog_listener.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "sources/line_splitter.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The first datagrams of a recorded HAProxy.
constexpr std::string_view request =
    "<134>Nov 21 01:14:23 haproxy[553]: 127.0.3.93:46055 [21/Nov/2026:01:14:23.024] www app/app1 0/0/0/1/1 200 520 - - "
    "---- 2/2/1/1/0 0/0 \"GET /api/size?n=386&id=4414 HTTP/1.1\"";

TEST_F(SyslogAt, GivesOutADatagramWithWhatIsKnownAboutIt) {
  listen(fmt::format("udp://127.0.0.1:{}", free_port(SOCK_DGRAM)));
  EXPECT_FALSE(next());
  EXPECT_FALSE(is_readable());
  sender(0, "127.0.0.7").send(std::string(request) + "\n");
  EXPECT_TRUE(is_readable());
  const auto batch = next();
  ASSERT_TRUE(batch);
  const auto name = options.listen[0].text();
  EXPECT_EQ(batch->source_name, "syslog " + name);
  EXPECT_EQ(batch->cursor.stream, "syslog:" + name);
  EXPECT_EQ(batch->cursor.state, fmt::format(R"({{"offset":{}}})", request.size() - 5 + 1));
  EXPECT_EQ(batch->observed_at, now);
  ASSERT_EQ(batch->lines.size(), 1u);
  EXPECT_EQ(batch->text(batch->lines[0]), request.substr(5));
  EXPECT_GE(batch->bytes.capacity(), batch->bytes.size() + padding_after_text);
  const auto& envelope = *batch->envelope(batch->lines[0]);
  EXPECT_EQ(envelope.priority, 6);
  EXPECT_EQ(envelope.stream, "127.0.0.7");
  EXPECT_EQ(envelope.host, "") << "a message from this host is of this host";
  EXPECT_TRUE(envelope.is_syslog);
  EXPECT_EQ(envelope.is_kernel, false);
  EXPECT_FALSE(is_readable());
}

TEST_F(SyslogAt, KeepsTheLinesOfADatagramTogether) {
  listen(unixgram());
  sender().send(
      "<27>Nov 21 01:14:23 app[7]: Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'\n");
  EXPECT_THAT(texts(), ElementsAre("Nov 21 01:14:23 app[7]: Traceback (most recent call last):\n  File \"a.py\", line "
                                   "1\nKeyError: 'x'"));
}

TEST_F(SyslogAt, LeavesThePriorityInFrontOfAVersion) {
  listen(unixgram());
  const auto to = sender();
  to.send("<134>1 2026-11-21T01:08:11.000Z web1 haproxy 24684 - - Server app/app1 is DOWN");
  to.send("<999>what is this");
  to.send("<13>\n");
  to.send("");
  EXPECT_THAT(texts(), ElementsAre("<134>1 2026-11-21T01:08:11.000Z web1 haproxy 24684 - - Server app/app1 is DOWN",
                                   "<999>what is this"));
  EXPECT_EQ(metric("triaged_syslog_messages_total"), 4);
}

TEST_F(SyslogAt, BelievesAKernelOnlyWhenTheConfigurationDoes) {
  options.trusts_kernel = true;
  listen(unixgram());
  sender().send("<0>Nov 21 01:14:23 kernel: Out of memory");
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->envelopes.at(0).is_kernel, std::nullopt);
}

TEST_F(SyslogAt, GivesOutAgainWhatAReloadFindsUncommitted) {
  listen(unixgram());
  const auto to = sender();
  to.send("one");
  EXPECT_THAT(texts(), ElementsAre("one"));
  commit();
  to.send("two");
  EXPECT_THAT(texts(), ElementsAre("two"));
  to.send("three");
  open();
  EXPECT_THAT(texts(), ElementsAre("two", "three")) << "also what waits in the kernel's buffer";
  commit();
  open();
  EXPECT_THAT(texts(), IsEmpty());
  to.send("four");
  EXPECT_THAT(texts(), ElementsAre("four"));
}

TEST_F(SyslogAt, CountsItsStreamOnFromTheLastRun) {
  checkpoint = {{"syslog:" + unixgram(), R"({"offset":1000})"}};
  listen(unixgram());
  sender().send("one");
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->lines.at(0).offset, 1000u);
  EXPECT_EQ(batch->cursor.state, R"({"offset":1004})");
}

TEST_F(SyslogAt, AddsUpWhatWasReceivedAndWhatTheKernelDropped) {
  listen(fmt::format("udp://127.0.0.1:{}", free_port(SOCK_DGRAM)));
  const auto to = sender();
  constexpr int sent = 60'000;
  for (int i = 0; i < sent; ++i) to.send("<14>Nov 21 01:14:23 a[1]: this is a message of a usual length, more or less");
  const auto received = texts().size();
  EXPECT_GT(metric("triaged_syslog_kernel_dropped_total"), 0);
  EXPECT_EQ(static_cast<double>(received) + metric("triaged_syslog_kernel_dropped_total") +
                metric("triaged_syslog_dropped_total"),
            sent);
  EXPECT_EQ(metric("triaged_syslog_messages_total") + metric("triaged_syslog_kernel_dropped_total"), sent);
  (void)next(1s);
  EXPECT_THAT(source->take_messages(), ElementsAre(HasSubstr("datagrams to udp://127.0.0.1")));
  (void)next(1s);
  EXPECT_THAT(source->take_messages(), IsEmpty()) << "it is said once";
}

}  // namespace
}  // namespace triaged::sources

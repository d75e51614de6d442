#include "sinks/syslog_sink.hpp"

#include <gtest/gtest.h>

#include "tests/support/loopback_server.hpp"
#include "tests/support/read_one_sink.hpp"
#include "tests/support/sample_incidents.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::sinks {
namespace {

const Notification notification{1, "syslog", "01K/1", samples::killed_worker()};

void expect_delivered(Sink& sink) {
  const auto delivery = sink.deliver(notification);
  EXPECT_EQ(delivery.outcome, Outcome::delivered) << delivery.detail;
}

bool is_rfc5424(const std::string& message) { return message.starts_with("<26>1 2026-11-21T01:15:22.000000Z "); }

/// One frame of RFC 6587: its length in octets, a blank, the message.
std::string take_frame(StreamReceiver& receiver) {
  const auto length = receiver.take_until(' ');
  return receiver.take(std::stoul(length));
}

TEST(SyslogSink, SendsADatagramByUdp) {
  DatagramReceiver receiver;
  const auto sink = sink_of("syslog: {to: 'udp://127.0.0.1:" + std::to_string(receiver.port()) + "'}");
  expect_delivered(*sink);
  expect_delivered(*sink);
  const auto message = receiver.take();
  EXPECT_TRUE(is_rfc5424(message)) << message;
  EXPECT_TRUE(message.ends_with("oom_score_adj:0")) << message;
  EXPECT_EQ(receiver.take(), message);
}

TEST(SyslogSink, SaysUnderWhichNameItsMessagesCome) {
  EXPECT_EQ(sink_of("syslog: {to: 'udp://127.0.0.1:5514'}")->program(), "triaged");
  EXPECT_EQ(sink_of("syslog: {to: 'udp://127.0.0.1:5514', app_name: watch}")->program(), "watch");
}

TEST(SyslogSink, CountsOctetsOnTcp) {
  StreamReceiver receiver;
  const auto sink = sink_of("syslog: {to: 'tcp://localhost:" + std::to_string(receiver.port()) +
                            "', facility: local7, app_name: watch}");
  expect_delivered(*sink);
  expect_delivered(*sink);
  const auto message = take_frame(receiver);
  EXPECT_TRUE(message.starts_with("<186>1 ")) << message;
  EXPECT_NE(message.find(" watch "), std::string::npos);
  EXPECT_EQ(take_frame(receiver), message);
}

TEST(SyslogSink, ConnectsAgainAfterTheReceiverClosed) {
  StreamReceiver receiver;
  const auto sink = sink_of("syslog: {to: 'tcp://127.0.0.1:" + std::to_string(receiver.port()) + "'}");
  expect_delivered(*sink);
  EXPECT_TRUE(is_rfc5424(take_frame(receiver)));
  receiver.close_connection();
  expect_delivered(*sink);
  EXPECT_TRUE(is_rfc5424(take_frame(receiver)));
}

TEST(SyslogSink, SendsADatagramToALocalSocket) {
  const TemporaryFolder folder;
  DatagramReceiver receiver(folder.path() / "log");
  const auto sink = sink_of("syslog: {to: 'unix://" + (folder.path() / "log").string() + "'}");
  expect_delivered(*sink);
  EXPECT_TRUE(is_rfc5424(receiver.take()));
}

TEST(SyslogSink, ConnectsAgainToALocalSocketThatWasMadeAnew) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "log";
  auto receiver = std::make_unique<DatagramReceiver>(path);
  const auto sink = sink_of("syslog: {to: 'unix://" + path.string() + "'}");
  expect_delivered(*sink);
  receiver.reset();
  std::filesystem::remove(path);
  EXPECT_EQ(sink->deliver(notification).outcome, Outcome::try_again);
  receiver = std::make_unique<DatagramReceiver>(path);
  expect_delivered(*sink);
  EXPECT_TRUE(is_rfc5424(receiver->take()));
}

TEST(SyslogSink, WritesLinesToALocalStreamSocket) {
  const TemporaryFolder folder;
  StreamReceiver receiver(folder.path() / "log");
  const auto sink = sink_of("syslog: {to: 'unix://" + (folder.path() / "log").string() + "', format: local}");
  expect_delivered(*sink);
  expect_delivered(*sink);
  const auto line = receiver.take_until('\n');
  EXPECT_TRUE(line.starts_with("<26>triaged[")) << line;
  EXPECT_TRUE(line.ends_with(" [incident 01KAJ0Z5V0W5X9GQ3T7C2M4N6P]\n")) << line;
  EXPECT_EQ(receiver.take_until('\n'), line);
}

TEST(SyslogSink, TriesAgainWhenNobodyListens) {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "log").string();
  const auto delivery = sink_of("syslog: {to: 'unix://" + path + "'}")->deliver(notification);
  EXPECT_EQ(delivery.outcome, Outcome::try_again);
  EXPECT_EQ(delivery.detail, "cannot send to unix://" + path + ": No such file or directory");
  const int port = LoopbackSocket(::socket(AF_INET, SOCK_STREAM, 0)).bind_to_loopback();
  const auto address = "tcp://127.0.0.1:" + std::to_string(port);
  EXPECT_EQ(sink_of("syslog: {to: '" + address + "'}")->deliver(notification).detail,
            "cannot send to " + address + ": Connection refused");
}

TEST(SyslogSink, ReadsAddresses) {
  using Transport = SyslogTarget::Transport;
  const auto read = [](std::string_view address) {
    const auto target = read_syslog_target(address);
    return target ? std::tuple(target->transport, target->host, target->port)
                  : std::tuple(Transport::local, std::string("?"), target.error().message);
  };
  EXPECT_EQ(read("udp://logs.example.com"), std::tuple(Transport::udp, "logs.example.com", "514"));
  EXPECT_EQ(read("tcp://logs"), std::tuple(Transport::tcp, "logs", "601"));
  EXPECT_EQ(read("tcp://[2001:db8::1]:6514"), std::tuple(Transport::tcp, "2001:db8::1", "6514"));
  EXPECT_EQ(read("unix:///dev/log"), std::tuple(Transport::local, "/dev/log", ""));
  EXPECT_EQ(read("unix://" + std::string(120, '/')),
            std::tuple(Transport::local, "?", "the path of the socket is too long"));
}

}  // namespace
}  // namespace triaged::sinks

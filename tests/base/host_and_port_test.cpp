#include "base/host_and_port.hpp"

#include <gtest/gtest.h>

namespace triaged::inline base {
namespace {

std::string taken_apart(std::string_view text) {
  const auto [host, port] = split_host_and_port(text);
  return std::string(host) + "|" + (port ? std::string(*port) : "none");
}

TEST(HostAndPort, IsTakenApartAtTheLastColon) {
  EXPECT_EQ(taken_apart("127.0.0.1:8003"), "127.0.0.1|8003");
  EXPECT_EQ(taken_apart("[::1]:8003"), "[::1]|8003");
  EXPECT_EQ(taken_apart("::1:40112"), "::1|40112");
  EXPECT_EQ(taken_apart("app:$port"), "app|$port");
  EXPECT_EQ(taken_apart(":80"), "|80");
  EXPECT_EQ(taken_apart("app:"), "app|");
}

TEST(HostAndPort, MayHaveNoPort) {
  EXPECT_EQ(taken_apart("localhost"), "localhost|none");
  EXPECT_EQ(taken_apart("[::1]"), "[::1]|none");
  EXPECT_EQ(taken_apart(""), "|none");
}

TEST(Port, IsAWholeNumberFrom1To65535) {
  EXPECT_EQ(port_in("1"), 1);
  EXPECT_EQ(port_in("08003"), 8003);
  EXPECT_EQ(port_in("65535"), 65535);
  for (const auto* text : {"", "0", "65536", "-1", "+1", " 1", "1 ", "8003x", "http"}) {
    EXPECT_EQ(port_in(text), std::nullopt) << text;
  }
}

TEST(HostAndPort, IsJoinedWithBracketsWhereTheHostHasColons) {
  EXPECT_EQ(joined_host_and_port("127.0.0.1", 8003), "127.0.0.1:8003");
  EXPECT_EQ(joined_host_and_port("::1", 8003), "[::1]:8003");
}

}  // namespace
}  // namespace triaged::inline base

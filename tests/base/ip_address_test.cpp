#include "base/ip_address.hpp"

#include <gtest/gtest.h>

namespace triaged::inline base {
namespace {

TEST(IpAddress, IsANumberAndNoName) {
  EXPECT_TRUE(is_ipv4("127.0.0.1") && is_ip("127.0.0.1") && !is_ipv6("127.0.0.1"));
  EXPECT_TRUE(is_ipv6("::1") && is_ip("::1") && !is_ipv4("::1"));
  for (const auto* text : {"", "localhost", "1.2.3", "1.2.3.4.5", "[::1]", "::1%eth0", "1.2.3.4 "}) {
    EXPECT_FALSE(is_ip(text)) << text;
  }
}

TEST(IpAddress, MayStandInBrackets) {
  EXPECT_EQ(without_brackets("[::1]"), "::1");
  EXPECT_EQ(without_brackets("::1"), "::1");
  EXPECT_EQ(without_brackets("[]"), "[]");
  EXPECT_EQ(without_brackets("[::1"), "[::1");
}

}  // namespace
}  // namespace triaged::inline base

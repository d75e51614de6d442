#include "knowledge/dialects/go_duration.hpp"

#include <gtest/gtest.h>

namespace triaged::knowledge {
namespace {

TEST(GoDuration, ReadsWhatGoReads) {
  EXPECT_EQ(parse_go_duration("30s"), 30'000'000'000);
  EXPECT_EQ(parse_go_duration("1h30m"), 5'400'000'000'000);
  EXPECT_EQ(parse_go_duration("1.5s"), 1'500'000'000);
  EXPECT_EQ(parse_go_duration(".5s"), 500'000'000);
  EXPECT_EQ(parse_go_duration("5.s"), 5'000'000'000);
  EXPECT_EQ(parse_go_duration("-250ms"), -250'000'000);
  EXPECT_EQ(parse_go_duration("+1us"), 1'000);
  EXPECT_EQ(parse_go_duration("1µs"), 1'000);
  EXPECT_EQ(parse_go_duration("7ns"), 7);
  EXPECT_EQ(parse_go_duration("0"), 0);
  EXPECT_EQ(parse_go_duration("-0"), 0);
}

TEST(GoDuration, RefusesWhatGoRefuses) {
  for (const auto* text : {"", "5", "s", "-", ".s", "1d", "1 s", "1s ", "1hour", "300000000h"}) {
    EXPECT_EQ(parse_go_duration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace triaged::knowledge

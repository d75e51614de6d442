#include "matcher/noise.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triaged::matcher {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Noise : public testing::Test {
 protected:
  /// Reads `lines` lines, every `n`-th of which the rule matches; true when the last match was noise.
  bool read(std::uint64_t lines, std::uint64_t n) {
    bool is_noise = false;
    for (std::uint64_t i = 0; i < lines; ++i) {
      source.count_line();
      if (i % n == 0) is_noise = source.is_noise("api/x", "a.log", news);
    }
    return is_noise;
  }

  NoiseWatch watch;
  NoiseWatch::Source& source = watch.of("a.log");
  std::vector<NoisyRule> news;
};

TEST_F(Noise, IsWhatMatchesTooMuch) {
  EXPECT_FALSE(read(499, 2));
  EXPECT_THAT(news, IsEmpty());
  EXPECT_TRUE(read(10, 2));
  EXPECT_THAT(news, ElementsAre(NoisyRule{"api/x", "a.log", 500, 251}));
}

TEST_F(Noise, IsToldOnce) {
  EXPECT_TRUE(read(2000, 2));
  EXPECT_EQ(news.size(), 1u);
}

TEST_F(Noise, IsNotWhatMatchesSeldom) {
  EXPECT_FALSE(read(5000, 11));
  EXPECT_THAT(news, IsEmpty());
}

TEST_F(Noise, IsNotWhatMatchesWhileSomethingIsWrong) {
  for (int i = 0; i < 10; ++i) {
    source.own_rule_fired();
    EXPECT_FALSE(read(900, 2));
  }
}

TEST_F(Noise, IsJudgedSourceBySource) {
  EXPECT_TRUE(read(1000, 2));
  auto& other = watch.of("b.log");
  other.count_line();
  EXPECT_FALSE(other.is_noise("api/x", "b.log", news));
}

}  // namespace
}  // namespace triaged::matcher

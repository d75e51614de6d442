#include "knowledge/patterns/pattern_cost.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knowledge/patterns/pattern.hpp"

namespace triaged::knowledge {
namespace {

using testing::HasSubstr;
using testing::Optional;

TEST(PatternCost, CountsPositionsAndSteps) {
  EXPECT_EQ(pattern_cost(""), 0u);
  EXPECT_EQ(pattern_cost("abc"), 3u + 2u);
  EXPECT_EQ(pattern_cost("a(b|c)d"), 4u + 4u);
  EXPECT_EQ(pattern_cost("a(?:b|)c"), 3u + 3u);
  EXPECT_EQ(pattern_cost("[a-z]{1,40}x"), 41u + 39u + 40u);
  EXPECT_EQ(pattern_cost("(?<pid>\\d+)"), 1u + 1u);
  EXPECT_EQ(pattern_cost("(?i)a(?#b|c{9})b"), 2u + 1u);
  EXPECT_EQ(pattern_cost("\\Qa{9}\\E"), 4u + 3u);
}

TEST(PatternCost, MultipliesRepeatsInsideRepeats) {
  EXPECT_EQ(pattern_cost("(a{3}){4}"), 12u + 11u);
  EXPECT_EQ(pattern_cost("(ab?){3}"), 6u + 3u + 2u * 2u);
  EXPECT_GT(pattern_cost("((a{1,100}b){1,100}c){1,100}"), 1'000'000u);
}

TEST(PatternCost, IsBoundedWhateverIsWritten) {
  std::string nested = "a";
  for (int depth = 0; depth < 100; ++depth) nested = "(" + nested + "|b?){99999999999999999999}";
  EXPECT_LE(pattern_cost(nested), 1ULL << 33);
  EXPECT_GT(pattern_cost(nested), largest_pattern_cost);
  EXPECT_EQ(pattern_cost("a{,5}"), 5u + 4u);  // five letters: no quantifier
  static_cast<void>(pattern_cost("*a)){2}(|+[\\"));
}

TEST(PatternCost, HasALimitThatIsNamedWithWhatToDo) {
  // Each kept Hyperscan busy for 3 to 18 seconds.
  for (const std::string slow :
       {R"(\S{2,20}((a|b|cc)a|(foo|ba?r)(.x|\w\S){1,100}(foo|ba?r)*)((x\w|\w){0,50}(a|[a-z]x){2,100}){1,50}z)",
        R"(\S*((xa{0,8}[^x]x{1,100})((a|b|cc)){1,50}\d\w{2,20}){1,100}\S{1,100}z)"}) {
    EXPECT_THAT(refusal_of(slow, false), Optional(HasSubstr("would keep Hyperscan busy for too long"))) << slow;
    EXPECT_THAT(refusal_of(slow, false), Optional(HasSubstr("the limit is 10000. Lower the numbers in {}")));
  }
}

TEST(PatternCost, LeavesRoomAboveWhatRulesNeed) {
  EXPECT_EQ(refusal_of("(error|warn|fatal).{0,300}(timeout|refused).{0,300}(retry|abort)", false), std::nullopt);
  EXPECT_EQ(refusal_of("(GET|POST|PUT|HEAD) /([a-z0-9]{1,32}/){1,16}[a-z]{1,32}\\.(js|css|html)", true), std::nullopt);
}

}  // namespace
}  // namespace triaged::knowledge

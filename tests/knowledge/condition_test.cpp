#include "knowledge/model/condition.hpp"

#include <gtest/gtest.h>

namespace triaged::knowledge {
namespace {

bool holds(const FieldCondition& condition, std::string_view value) { return Condition(condition).holds(value); }

TEST(Condition, ComparesNumbersAsNumbersAndTheRestAsText) {
  EXPECT_TRUE(holds({.field = "status", .any_of = {"502", "503"}}, "503"));
  EXPECT_TRUE(holds({.field = "request_time", .any_of = {"0.50"}}, "0.5"));
  EXPECT_FALSE(holds({.field = "method", .any_of = {"POST"}}, "post"));
}

TEST(Condition, ExcludesValues) {
  EXPECT_TRUE(holds({.field = "method", .none_of = {"GET", "HEAD"}}, "POST"));
  EXPECT_FALSE(holds({.field = "method", .none_of = {"GET", "HEAD"}}, "HEAD"));
}

TEST(Condition, KnowsWhichBoundsAreIncluded) {
  EXPECT_FALSE(holds({.field = "status", .below = 500}, "500"));
  EXPECT_FALSE(holds({.field = "status", .above = 500}, "500"));
  EXPECT_TRUE(holds({.field = "status", .from = 500, .to = 500}, "500"));
  EXPECT_FALSE(holds({.field = "status", .from = 500}, "many"));
}

TEST(Condition, LooksForItsPatternInBytes) {
  EXPECT_TRUE(holds({.field = "path", .matches = "^/api/.+$"}, "/api/\xff"));
  EXPECT_FALSE(holds({.field = "path", .matches = "^/api/"}, "/v1/api/"));
}

TEST(Condition, DoesNotHoldForAFieldThatIsNotThere) {
  EXPECT_FALSE(holds({.field = "status", .any_of = {"502"}}, ""));
  EXPECT_FALSE(holds({.field = "status", .none_of = {"502"}}, ""));
  EXPECT_TRUE(holds({.field = "upstream", .present = false}, ""));
  EXPECT_FALSE(holds({.field = "upstream", .present = true}, ""));
  EXPECT_TRUE(holds({.field = "upstream", .present = true}, "127.0.0.1:8000"));
}

TEST(Condition, IsToldInWords) {
  EXPECT_EQ(to_text(FieldCondition{.field = "status", .any_of = {"502", "503"}}), "status is 502 or 503");
  EXPECT_EQ(to_text(FieldCondition{.field = "bytes", .from = 1, .to = 500}), "bytes is at least 1 and is at most 500");
  EXPECT_EQ(to_text(FieldCondition{.field = "path", .none_of = {"/"}, .matches = "^/api/"}),
            "path is not / and matches '^/api/'");
}

}  // namespace
}  // namespace triaged::knowledge

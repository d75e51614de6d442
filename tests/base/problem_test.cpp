#include "base/problem.hpp"

#include <gtest/gtest.h>

namespace triaged::inline base {
namespace {

TEST(Problem, IsToldWithItsPlaceAndTheTextAtFault) {
  EXPECT_EQ(to_text({ProblemLevel::error, "a.yaml", 12, 7, "unknown field 'sevrity'", "sevrity"}),
            "a.yaml:12:7: error: unknown field 'sevrity' (sevrity)");
  EXPECT_EQ(to_text({ProblemLevel::warning, "", 0, 0, "no rules were found", ""}), "-: warning: no rules were found");
}

TEST(Problem, OnlyErrorsForbid) {
  EXPECT_FALSE(has_errors({{ProblemLevel::warning, "a", 1, 1, "w", ""}}));
  EXPECT_TRUE(has_errors({{ProblemLevel::warning, "a", 1, 1, "w", ""}, {ProblemLevel::error, "a", 1, 1, "e", ""}}));
}

TEST(Problem, SuggestsTheNearestKnownWord) {
  EXPECT_EQ(suggestion_for("sevrity", {"severity", "title"}), "; did you mean 'severity'?");
  EXPECT_EQ(nearest_or_choices("sevrity", {"severity", "title"}), "; did you mean 'severity'?");
  EXPECT_EQ(nearest_or_choices("x", {"severity", "title", "match"}), "; there are: severity, title and match");
  EXPECT_EQ(nearest_or_choices("x", {"severity"}), "; there is: severity");
  EXPECT_EQ(nearest_or_choices("x", {}), "");
  EXPECT_EQ(suggestion_for("color", {"severity", "title"}), "");
}

}  // namespace
}  // namespace triaged::inline base

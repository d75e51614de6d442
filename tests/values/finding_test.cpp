#include "values/finding.hpp"

#include <gtest/gtest.h>

namespace triaged {
namespace {

MatchedLine line_at(int second) { return {.rule = "a/rule", .at = TimePoint(std::chrono::seconds(second))}; }

TEST(Finding, ShowsTheLineOfEachOfItsTypes) {
  const Finding findings[] = {Symptom{line_at(1)}, TermLine{line_at(1), 2}, TermCount{line_at(1), 3, 40}};
  for (auto finding : findings) {
    EXPECT_EQ(matched_line(finding), line_at(1));
    matched_line(finding).at += std::chrono::seconds(1);
    EXPECT_EQ(matched_line(finding), line_at(2));
  }
}

TEST(Finding, IsOrderedByTimeWhateverItIs) {
  EXPECT_TRUE(is_earlier(TermCount{line_at(1), 1, 1}, Symptom{line_at(2)}));
  EXPECT_FALSE(is_earlier(Symptom{line_at(2)}, TermLine{line_at(2), 1}));
}

}  // namespace
}  // namespace triaged

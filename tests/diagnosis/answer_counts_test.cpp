#include "diagnosis/answer_counts.hpp"

#include <gtest/gtest.h>

#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

// On a whole part, so that the parts are easy to count.
const TimePoint noon = std::chrono::floor<std::chrono::minutes>(start);

TEST(AnswerCounts, CountsThePartsThatBeginInTheSpan) {
  AnswerCounts counts;
  for (int second = 0; second < 60; ++second) counts.add("a", noon + second * 1s, 2);
  EXPECT_EQ(counts.between("a", noon, noon + 59s), 120u);
  EXPECT_EQ(counts.between("a", noon + 1s, noon + 59s), 100u) << "the part of the first second began before";
  EXPECT_EQ(counts.between("a", noon + 10s, noon + 19s), 20u);
  EXPECT_EQ(counts.between("b", noon, noon + 59s), 0u);
}

TEST(AnswerCounts, DoesNotMindInWhichOrderTheyAreRead) {
  AnswerCounts counts;
  counts.add("a", noon + 30min, 1);
  counts.add("a", noon, 5);
  EXPECT_EQ(counts.between("a", noon - 1s, noon + 1min), 5u);
  EXPECT_EQ(counts.latest(), noon + 30min);
}

TEST(AnswerCounts, KeepsAnHourOfEachKey) {
  AnswerCounts counts;
  counts.add("a", noon, 5);
  counts.add("a", noon + 59min, 1);
  EXPECT_EQ(counts.between("a", noon, noon + 1min), 5u);
  counts.add("a", noon + 61min, 1);
  EXPECT_EQ(counts.between("a", noon, noon + 1min), 0u);
}

TEST(AnswerCounts, ForgetsTheKeyThatWasQuietLongestWhenThereAreTooMany) {
  AnswerCounts counts;
  for (std::size_t i = 0; i < AnswerCounts::most_keys; ++i) counts.add(std::to_string(i), noon + i * 10s, 1);
  counts.add("0", noon + 3h, 1);
  counts.add("one more", noon + 3h, 1);
  EXPECT_EQ(counts.between("0", noon, noon + 4h), 1u) << "an hour of it";
  EXPECT_EQ(counts.between("1", noon, noon + 4h), 0u);
  EXPECT_EQ(counts.between("2", noon, noon + 4h), 1u);
}

TEST(AnswerCounts, KnowsTheTiersThatAnswerRequests) {
  EXPECT_EQ(tier_of("nginx.error"), "nginx");
  EXPECT_EQ(tier_of("nginx.access"), "nginx");
  EXPECT_EQ(tier_of("haproxy.http"), "haproxy");
  EXPECT_EQ(tier_of("gunicorn.access"), "application");
  EXPECT_EQ(tier_of("python.traceback"), "application");
  EXPECT_EQ(tier_of("kernel"), "");
}

}  // namespace
}  // namespace triaged::diagnosis

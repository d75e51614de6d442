// The good answers around an incident: whose they are, and when they came.
#include <gtest/gtest.h>

#include "diagnosis/incident_table.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

constexpr auto address = "10.0.0.5:8000";
const TimePoint noon = std::chrono::floor<std::chrono::minutes>(start);

class GoodAnswersTest : public testing::Test {
 protected:
  void answer(TimePoint at, std::uint64_t lines, const char* upstream = "", const char* format = "nginx.access") {
    Answers made{{.format = format, .source = "access.log", .at = at, .has_own_time = true}, lines};
    if (*upstream != '\0') made.fields = {{"upstream", upstream}};
    table.count(made);
  }
  /// It fails from noon on for a minute.
  GoodAnswers around(const char* format = "nginx.error") {
    OpenIncident incident;
    auto failed = symptom("nginx/refused", noon, address);
    failed.format = format;
    add_symptom(incident, failed, {"upstream", address});
    note_failure(incident, noon);
    note_failure(incident, noon + 60s);
    return table.answers_around(incident);
  }

  IncidentTable table{100, 10min};
};

TEST_F(GoodAnswersTest, AreThoseOfTheServerThatTheLogNames) {
  answer(noon - 30s, 5, address);
  answer(noon + 30s, 7, address);
  answer(noon + 90s, 9, address);
  answer(noon + 30s, 40, "10.0.0.6:8000");
  answer(noon + 30s, 50, "10.0.0.7:8000");
  answer(noon - 30s, 60, "10.0.0.7:8000");
  const auto answers = around();
  EXPECT_TRUE(answers.are_named);
  EXPECT_EQ(answers.before, 5u);
  EXPECT_EQ(answers.meanwhile, 7u);
  EXPECT_EQ(answers.since, 9u);
  EXPECT_EQ(answers.by_others, 90u);
  EXPECT_EQ(answers.other, "10.0.0.7:8000");
}

TEST_F(GoodAnswersTest, AreThoseOfTheTierWhereNobodyIsNamed) {
  answer(noon + 30s, 7);
  answer(noon + 30s, 50, "", "gunicorn.access");
  const auto answers = around();
  EXPECT_FALSE(answers.are_named);
  EXPECT_FALSE(answers.may_be_of_others);
  EXPECT_EQ(answers.meanwhile, 7u);
  EXPECT_EQ(answers.by_others, 0u);
}

TEST_F(GoodAnswersTest, MayBeThoseOfAnotherApplicationOnTheHost) {
  answer(noon + 30s, 50, "", "gunicorn.access");
  const auto answers = around("gunicorn.error");
  EXPECT_TRUE(answers.may_be_of_others);
  EXPECT_EQ(answers.meanwhile, 50u);
}

TEST_F(GoodAnswersTest, SayThatAFailureStaysAwayWhenItDoesForTwiceItsLongestGap) {
  answer(noon + 90s, 9, address);
  EXPECT_FALSE(around().stays_away);
  answer(noon + 180s, 9, address);
  EXPECT_TRUE(around().stays_away);
}

TEST_F(GoodAnswersTest, AreNoneOfAServerThatNeverAnswered) {
  answer(noon + 30s, 40, "10.0.0.6:8000");
  const auto answers = around();
  EXPECT_TRUE(answers.are_named);
  EXPECT_TRUE(answers.is_none());
}

}  // namespace
}  // namespace triaged::diagnosis

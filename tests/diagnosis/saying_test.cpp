#include "diagnosis/saying.hpp"

#include <gtest/gtest.h>

namespace triaged::diagnosis {
namespace {

knowledge::Rule refused(std::string says) {
  knowledge::Rule rule;
  rule.id = "nginx/upstream-connection-refused";
  rule.domain = "nginx";
  rule.title = {"502: the upstream refuses connections", "502：上游拒绝连接"};
  rule.says.english = std::move(says);
  return rule;
}

Symptom symptom_with(std::vector<Field> fields) {
  Symptom symptom;
  symptom.fields = std::move(fields);
  return symptom;
}

TEST(Saying, NamesTheProgramAndFillsInTheFieldsOfTheLine) {
  EXPECT_EQ(saying_of(refused("{upstream} refused the connection"), Language::english,
                      symptom_with({{"upstream", "10.0.0.5:8003"}})),
            "nginx: 10.0.0.5:8003 refused the connection");
}

TEST(Saying, IsTheTitleOfARuleWithoutWords) {
  EXPECT_EQ(saying_of(refused(""), Language::english, symptom_with({})),
            "nginx: 502: the upstream refuses connections");
  EXPECT_EQ(saying_of(refused(""), Language::chinese, symptom_with({})), "nginx: 502：上游拒绝连接");
}

TEST(Saying, IsTheTitleWhenNoLineIsMeant) {
  EXPECT_EQ(title_of(refused("{upstream} refused"), Language::english), "nginx: 502: the upstream refuses connections");
}

TEST(Saying, ShowsAFieldThatTheLineLacksInCapitals) {
  EXPECT_EQ(saying_of(refused("{upstream} refused"), Language::english, symptom_with({})), "nginx: UPSTREAM refused");
}

TEST(Saying, TakesTheFieldsOfAnObservationFromItsFirstLineThatHasThem) {
  Observation observation;
  observation.entity = {"upstream", "10.0.0.9:80"};
  observation.samples = {symptom_with({}), symptom_with({{"upstream", "10.0.0.5:8003"}})};
  EXPECT_EQ(saying_of(refused("{upstream} refused"), Language::english, observation), "nginx: 10.0.0.5:8003 refused");
  observation.samples.clear();
  EXPECT_EQ(saying_of(refused("{upstream} refused"), Language::english, observation), "nginx: 10.0.0.9:80 refused");
}

TEST(Saying, IsValidWhateverALineHeld) {
  EXPECT_EQ(saying_of(refused("{upstream} refused"), Language::english, symptom_with({{"upstream", "a\xff"}})),
            "nginx: a\xEF\xBF\xBD refused");
}

}  // namespace
}  // namespace triaged::diagnosis

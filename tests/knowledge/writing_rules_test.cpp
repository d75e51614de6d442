#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knowledge/lint.hpp"
#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

using testing::IsEmpty;

/// The rule that docs/writing-rules.md shows as a whole.
std::string documented_rule() {
  const auto page = contents_of(std::filesystem::path(TRIAGED_SOURCE_DIR) / "docs" / "writing-rules.md");
  const std::string fence = "```yaml\n";
  const auto begin = page.find(fence) + fence.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

class WritingRules : public RuleFileTest {};

TEST_F(WritingRules, ShowsARuleThatTheLinterHasNothingToSayAbout) {
  auto rule = read_one(documented_rule(), "writing-rules.md");
  ASSERT_EQ(rule.id, "nginx/rate-limit");
  std::vector<Rule> rules;
  rules.push_back(std::move(rule));
  EXPECT_THAT(texts_of(lint(RuleSet(std::move(rules)))), IsEmpty());
}

}  // namespace
}  // namespace triaged::knowledge

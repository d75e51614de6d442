#include "knowledge/model/public_scope.hpp"

#include <gtest/gtest.h>

namespace triaged::knowledge {
namespace {

Rule public_rule(const std::string& domain, const std::string& regex) {
  Rule rule;
  rule.id = domain + "/x";
  rule.domain = domain;
  rule.record = PublicRecord{};
  rule.matches.push_back({.regex = regex});
  return rule;
}

Rule scoped(Rule rule, const PublicScope& scope = {}) {
  std::vector<Rule> rules = {std::move(rule)};
  apply_scope(rules, scope);
  return std::move(rules.front());
}

TEST(PublicScope, LooksForWhatIsOfOperations) {
  EXPECT_EQ(scoped(public_rule("redis", "MISCONF Redis is configured")).standing, Standing::full);
  const auto etiquette = scoped(public_rule("culture", "took off the shoes at the door"));
  EXPECT_EQ(etiquette.standing, Standing::off);
  EXPECT_EQ(etiquette.standing_reason, "domain 'culture' is of everyday life, not of operations");
  const auto rebase = scoped(public_rule("git", "refusing to merge unrelated histories"));
  EXPECT_EQ(rebase.standing, Standing::off);
  EXPECT_EQ(rebase.standing_reason, "domain 'git' is of development, not of operations");
}

TEST(PublicScope, TakesInWhatIsAskedFor) {
  EXPECT_EQ(scoped(public_rule("culture", "took off the shoes"), {.all_domains = true}).standing, Standing::full);
  EXPECT_EQ(scoped(public_rule("git", "refusing to merge"), {.domains = {"git"}}).standing, Standing::full);
  EXPECT_EQ(scoped(public_rule("culture", "took off the shoes"), {.domains = {"git"}}).standing, Standing::off);
}

TEST(PublicScope, LetsAPatternWithLittleFixedTextOnlySupport) {
  const auto vague = scoped(public_rule("security", "path traversal|LFI"));
  EXPECT_EQ(vague.standing, Standing::supporting);
  EXPECT_EQ(vague.standing_reason, "its pattern insists on 3 letters of fixed text only");
}

TEST(PublicScope, LeavesAPinnedRuleItsFullStanding) {
  const auto pinned = scoped(public_rule("security", "LFI"), {.pinned = {"security/x"}});
  EXPECT_EQ(pinned.standing, Standing::full);
  EXPECT_TRUE(pinned.is_pinned);
  EXPECT_EQ(scoped(public_rule("visa", "LFI"), {.pinned = {"visa/x"}}).standing, Standing::full);
}

TEST(PublicScope, DoesNotTouchTheProductsOwnRules) {
  Rule own;
  own.domain = "culture";
  own.matches.push_back({.regex = "LFI"});
  EXPECT_EQ(scoped(own).standing, Standing::full);
}

TEST(PublicScope, GivesADomainTheLinesOfItsPrograms) {
  EXPECT_EQ(public_domain("nginx").formats, std::vector<formats::Format>{formats::Format::nginx_error});
  EXPECT_EQ(public_domain("no such domain").kind, DomainKind::unknown);
  EXPECT_TRUE(public_domain("no such domain").formats.empty());
}

}  // namespace
}  // namespace triaged::knowledge

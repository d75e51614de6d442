// deadends.dev's own records, all of them: what they load to. The data lies beside the checkout (public_data.hpp).
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knowledge/dialects/load_rules.hpp"
#include "knowledge/patterns/pattern.hpp"
#include "tests/support/public_data.hpp"
#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

class Canons : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::filesystem::is_directory(canons_folder())) loaded = new LoadedRules(load_rules({canons_folder()}));
  }
  static void TearDownTestSuite() {
    delete loaded;
    loaded = nullptr;
  }
  void SetUp() override { SKIP_WITHOUT(canons_folder()); }

  static LoadedRules* loaded;
};

LoadedRules* Canons::loaded = nullptr;

TEST_F(Canons, LoadWithoutAWord) {
  EXPECT_EQ(loaded->rules->rules().size(), 2522u);
  EXPECT_EQ(texts_of(loaded->problems), std::vector<std::string>());
  EXPECT_EQ(loaded->by_signature(), 0u);
}

TEST_F(Canons, HaveTheGraphThatTheirPublishersBuild) {
  std::size_t leads_to = 0, preceded_by = 0, confused_with = 0;
  for (const auto& rule : loaded->rules->rules()) {
    leads_to += rule.leads_to.size();
    preceded_by += rule.preceded_by.size();
    confused_with += rule.confused_with.size();
  }
  EXPECT_EQ(leads_to, 1271u);
  EXPECT_EQ(preceded_by, 1271u);
  EXPECT_EQ(confused_with, 1966u);
}

TEST_F(Canons, KeepEverything) {
  std::size_t workarounds = 0, dead_ends = 0, tradeoffs = 0, misconceptions = 0, environments = 0;
  for (const auto& rule : loaded->rules->rules()) {
    workarounds += rule.workarounds.size();
    dead_ends += rule.dead_ends.size();
    environments += rule.versions.empty() ? 0 : 1;
    for (const auto& workaround : rule.workarounds) tradeoffs += workaround.tradeoff.empty() ? 0 : 1;
    for (const auto& dead_end : rule.dead_ends) misconceptions += dead_end.misconception.empty() ? 0 : 1;
  }
  EXPECT_EQ(workarounds, 5800u);
  EXPECT_EQ(dead_ends, 5296u);
  EXPECT_EQ(tradeoffs, 391u);
  EXPECT_EQ(misconceptions, 347u);
  EXPECT_EQ(environments, 2522u);
}

TEST_F(Canons, AreOffOutsideOfOperations) {
  std::map<Standing, std::size_t> count;
  for (const auto& rule : loaded->rules->rules()) ++count[rule.standing];
  for (const auto& rule : loaded->rules->rules()) {
    const bool is_everyday = rule.domain == "culture" || rule.domain == "visa";
    EXPECT_TRUE(!is_everyday || rule.standing == Standing::off) << rule.id;
    EXPECT_EQ(rule.standing == Standing::full, rule.standing_reason.empty()) << rule.id;
  }
  EXPECT_EQ(count[Standing::off], 1176u);
  const auto all = load_rules({canons_folder()}, {.scope = {.all_domains = true}});
  for (const auto& rule : all.rules->rules()) EXPECT_NE(rule.standing, Standing::off) << rule.id;
}

}  // namespace
}  // namespace triaged::knowledge

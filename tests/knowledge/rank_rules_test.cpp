#include "knowledge/ranking/rank_rules.hpp"

#include <fstream>
#include <iostream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knowledge/dialects/load_rules.hpp"
#include "knowledge/ranking/search_words.hpp"
#include "tests/support/public_data.hpp"
#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

using testing::ElementsAre;

TEST(SearchWords, AreSmallAndKnowTheirParts) {
  EXPECT_THAT(search_words("ModuleNotFoundError: No module"),
              ElementsAre("modulenotfounderror", "module", "not", "found", "error", "no", "module"));
  EXPECT_THAT(search_words("[ERR_INVALID_ARG]"), ElementsAre("err_invalid_arg", "err", "invalid", "arg"));
  EXPECT_THAT(search_words("HTTPServer E0412 502"), ElementsAre("httpserver", "http", "server", "e0412", "502"));
  EXPECT_THAT(search_words("上游 carné"), ElementsAre("上", "游", "carné"));
  EXPECT_THAT(search_words(" -- __ "), ElementsAre());
}

TEST(SearchWords, KnowMereNumbers) {
  EXPECT_TRUE(is_mere_number("18761"));
  EXPECT_TRUE(is_mere_number("deadbeef01"));
  EXPECT_FALSE(is_mere_number("502"));
  EXPECT_FALSE(is_mere_number("ts2307"));
}

class RankRules : public RuleFileTest {
 protected:
  std::vector<std::string> ids(const std::string& yaml, std::string_view message) {
    const RuleSet rules(read(yaml));
    std::vector<std::string> found;
    for (const auto& ranked : RuleRanking(rules).rank(message, 10)) found.push_back(ranked.rule->id);
    return found;
  }
};

constexpr const char* three_rules = R"(
- {id: redis/read-only, title: Redis refuses writes to a replica, root_cause: r, match: {regex: 'READONLY You can.t write'}}
- {id: redis/memory, title: Redis is out of memory, root_cause: r, match: {regex: 'OOM command not allowed'}}
- {id: mysql/denied, title: MySQL denies access, root_cause: r, match: {regex: 'Access denied for user'}}
)";

TEST_F(RankRules, PutTheRuleFirstWhoseRareWordsTheMessageHolds) {
  EXPECT_EQ(ids(three_rules, "mysql says: access denied for user 'x'@'10.0.0.1'").front(), "mysql/denied");
  EXPECT_EQ(ids(three_rules, "OOM command not allowed when used memory > 'maxmemory'").front(), "redis/memory");
  EXPECT_THAT(ids(three_rules, "nothing similar"), ElementsAre());
}

TEST_F(RankRules, AnswerTheSameQuestionInTheSameWay) {
  const auto twins = R"(
- {id: b/twin, title: Same words, root_cause: r, match: {regex: 'same words'}}
- {id: a/twin, title: Same words, root_cause: r, match: {regex: 'same words'}}
)";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ids(twins, "the same words").at(1).substr(0, 1), "b");
}

TEST_F(RankRules, ShowWhatAScoreIsMadeOf) {
  const RuleSet rules(read(three_rules));
  const auto best = RuleRanking(rules).rank("OOM command not allowed", 1).front();
  EXPECT_TRUE(best.pattern_matches);
  EXPECT_GT(best.parts.pattern, 0.3);
  EXPECT_DOUBLE_EQ(best.score(), best.parts.words + best.parts.signature + best.parts.phrase + best.parts.pattern +
                                     best.parts.domain + best.parts.environment + best.parts.success);
}

TEST_F(RankRules, FindByChineseWords) {
  const auto found =
      ids("{id: nginx/x, title: X, title_zh: 上游拒绝连接, root_cause: r, match: {regex: 'refused'}}", "拒绝");
  EXPECT_THAT(found, ElementsAre("nginx/x"));
}

/// How well the ranking does on the public records.
class RankCanons : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT(canons_folder());
    static const auto loaded = load_rules({canons_folder()}, {.scope = {.all_domains = true}});
    static const RuleRanking built(*loaded.rules);
    rules = loaded.rules.get();
    ranking = &built;
  }

  void ask_for_id(std::string_view message, const std::string& id) {
    ask(message, [&](const Rule& rule) { return rule.id == id; });
  }

  template <typename IsRight>
  bool ask(std::string_view message, IsRight is_right) {
    const auto found = ranking->rank(message, 20);
    ++asked;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!is_right(*found[i].rule)) continue;
      first += i == 0 ? 1 : 0;
      reciprocal_ranks += 1 / static_cast<double>(i + 1);
      return i == 0;
    }
    return false;
  }

  void report(const char* what) const {
    std::cout << what << ": first " << precision() << ", MRR " << mrr() << " of " << asked << '\n';
  }
  [[nodiscard]] double precision() const { return first / asked; }
  [[nodiscard]] double mrr() const { return reciprocal_ranks / asked; }

  const RuleSet* rules = nullptr;
  const RuleRanking* ranking = nullptr;
  double asked = 0, first = 0, reciprocal_ranks = 0;
};

TEST_F(RankCanons, FindEveryRecordByItsOwnSignature) {
  for (const auto& rule : rules->rules()) ask_for_id(rule.title.english, rule.id);
  report("own signatures");
  EXPECT_GE(precision(), 0.85);
}

/// The signature as it stands in a log: behind a time and a program, with other numbers, in the middle of more text.
std::string embedded(const std::string& signature, std::mt19937& random) {
  static const char* const before[] = {
      "2026-11-21T08:12:55.123Z prod-web-3 app[2211]: ERROR request failed: ",
      "Nov 21 08:12:55 build-7 runner: step 14/22 | ",
      "[2026-11-21 08:12:55,123] ERROR in worker (pid 4711): ",
      "Caused by: ",
      "    at handler (/srv/releases/20261121/current/index:88)\n",
  };
  static const char* const after[] = {
      "\n    at /srv/releases/20261121/lib/util.x:210\n    at run (/srv/app/main.x:33)",
      " (attempt 3 of 5, request id 7f3a9c1e22, took 1532 ms)",
      "; giving up after 30 seconds",
      "",
  };
  std::string changed;
  for (std::size_t i = 0; i < signature.size(); ++i) {
    const bool is_digit = signature[i] >= '0' && signature[i] <= '9';
    const bool in_word = i > 0 && (std::isalpha(static_cast<unsigned char>(signature[i - 1])) != 0);
    const auto run = signature.find_first_not_of("0123456789", i);
    const auto length = (run == std::string::npos ? signature.size() : run) - i;
    // Other numbers, but not other status codes and error codes: those name the failure.
    if (is_digit && !in_word && length != 3) {
      changed += std::to_string(1000 + random() % 9000);
      i += length - 1;
    } else {
      changed += signature[i];
    }
  }
  return before[random() % std::size(before)] + changed + after[random() % std::size(after)];
}

TEST_F(RankCanons, FindARecordByItsSignatureInsideALongerText) {
  std::mt19937 random(7);
  for (std::size_t i = 0; i < rules->rules().size(); i += 5) {
    const auto& rule = rules->rules()[i];
    ask_for_id(embedded(rule.title.english, random), rule.id);
  }
  report("embedded signatures");
  EXPECT_GE(precision(), 0.80);
  EXPECT_GE(mrr(), 0.87);
}

/// A person remembers most of a message, not all of it, and not in order.
std::string remembered(const std::string& signature, std::mt19937& random) {
  std::vector<std::string> words;
  std::istringstream stream(signature);
  for (std::string word; stream >> word;) words.push_back(word);
  if (words.size() > 3) words.erase(words.begin() + static_cast<std::ptrdiff_t>(random() % words.size()));
  if (words.size() > 5) words.erase(words.begin() + static_cast<std::ptrdiff_t>(random() % words.size()));
  std::shuffle(words.begin(), words.end(), random);
  std::string text;
  for (const auto& word : words) text += word + " ";
  return text;
}

TEST_F(RankCanons, FindTheDomainOfASignatureInsideALongerText) {
  std::mt19937 random(13);
  for (std::size_t i = 2; i < rules->rules().size(); i += 5) {
    const auto& asked_for = rules->rules()[i];
    ask(embedded(asked_for.title.english, random), [&](const Rule& rule) { return rule.domain == asked_for.domain; });
  }
  report("domains of embedded signatures");
  EXPECT_GE(precision(), 0.95);
  EXPECT_GE(mrr(), 0.97);
}

TEST_F(RankCanons, FindARecordByMostOfItsWords) {
  std::mt19937 random(11);
  for (std::size_t i = 0; i < rules->rules().size(); i += 5) {
    const auto& rule = rules->rules()[i];
    ask_for_id(remembered(rule.title.english, random), rule.id);
  }
  report("remembered words");
  EXPECT_GE(mrr(), 0.80);
}

std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == 't');
    plain += is_escape ? (text[i + 1] == 'n' ? '\n' : '\t') : text[i];
    i += is_escape ? 1 : 0;
  }
  return plain;
}

struct Pasted {
  std::string domains;  // "pip|python"
  std::string message;

  [[nodiscard]] bool is_of(const std::string& domain) const {
    return ("|" + domains + "|").find("|" + domain + "|") != std::string::npos;
  }
};

std::vector<Pasted> pasted_messages(const char* name) {
  std::ifstream file(std::filesystem::path(TRIAGED_SOURCE_DIR) / "tests/golden/ranking" / name);
  std::vector<Pasted> messages;
  for (std::string line; std::getline(file, line);) {
    const auto tab = line.find('\t');
    if (line.starts_with('#') || tab == std::string::npos) continue;
    messages.push_back({line.substr(0, tab), unescaped(line.substr(tab + 1))});
  }
  return messages;
}

class RankPastedMessages : public RankCanons {
 protected:
  void ask_for_domains(const char* name) {
    const auto messages = pasted_messages(name);
    EXPECT_GE(messages.size(), 50u);
    for (const auto& pasted : messages) {
      if (ask(pasted.message, [&](const Rule& rule) { return pasted.is_of(rule.domain); })) continue;
      std::cout << "  not of " << pasted.domains << ": " << pasted.message.substr(0, 70) << '\n';
      for (const auto& found : ranking->rank(pasted.message, 3)) {
        const auto& parts = found.parts;
        std::cout << "    " << found.score() << ' ' << found.rule->id << " words " << parts.words << " signature "
                  << parts.signature << " phrase " << parts.phrase << " pattern " << parts.pattern << " domain "
                  << parts.domain << '\n';
      }
    }
    report(name);
  }
};

TEST_F(RankPastedMessages, HaveAnAnswerOfTheRightDomain) {
  ask_for_domains("messages.tsv");
  EXPECT_GE(precision(), 0.95);
  EXPECT_GE(mrr(), 0.97);
}

TEST_F(RankPastedMessages, HaveAnAnswerOfTheRightDomainWhenNothingWasChosenOnThem) {
  ask_for_domains("held-out.tsv");
  EXPECT_GE(precision(), 0.88);
  EXPECT_GE(mrr(), 0.90);
}

}  // namespace
}  // namespace triaged::knowledge

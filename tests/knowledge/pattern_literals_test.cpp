#include "knowledge/patterns/pattern_literals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

namespace triaged::knowledge {
namespace {

using testing::ElementsAre;

TEST(RequiredLetters, CountsWhatEveryMatchHolds) {
  EXPECT_EQ(required_letters("Connection refused"), 17u);
  EXPECT_EQ(required_letters(R"(connect\(\) failed \(\d+: )"), 13u);
  EXPECT_EQ(required_letters("EMFILE|LFI|Too many open files"), 3u);
  EXPECT_EQ(required_letters("upstream (?:timed out|died)"), 12u);
  EXPECT_EQ(required_letters("(?:worker )?killed"), 6u);
  EXPECT_EQ(required_letters("(?:ab){3,}c"), 7u);
  EXPECT_EQ(required_letters("[Hh]ello [abc]+ .*"), 5u);
  EXPECT_EQ(required_letters(".*"), 0u);
  EXPECT_EQ(required_letters("(?i)oom"), 3u);
}

TEST(WordsInPattern, AreItsFixedText) {
  EXPECT_THAT(words_in_pattern(R"((504 Gateway Time-?out|\bupstream.*reset))"),
              ElementsAre("504", "gateway", "time", "out", "upstream", "reset"));
}

class ByteClass : public testing::TestWithParam<std::pair<const char*, std::pair<const char*, const char*>>> {};

TEST_P(ByteClass, MatchesItsCharactersAndNoOthers) {
  const auto& [regex, texts] = GetParam();
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  const re2::RE2 expression("^" + with_classes_as_bytes(regex) + "$", options);
  ASSERT_TRUE(expression.ok()) << with_classes_as_bytes(regex);
  EXPECT_TRUE(re2::RE2::PartialMatch(texts.first, expression)) << with_classes_as_bytes(regex);
  EXPECT_FALSE(re2::RE2::PartialMatch(texts.second, expression)) << with_classes_as_bytes(regex);
}

INSTANTIATE_TEST_SUITE_P(Characters, ByteClass,
                         testing::Values(std::pair{"carn[eé]", std::pair{"carné", "carnè"}},
                                         std::pair{"carn[eé]", std::pair{"carne", "carn\xc3"}},
                                         std::pair{"[가-힣]", std::pair{"가", "각x"}},
                                         std::pair{"[가-힣]", std::pair{"힣", "\xed\x9e\xa4"}},
                                         std::pair{"[가-힣]", std::pair{"한", "中"}},
                                         std::pair{"[a-cß-ü]+", std::pair{"bßàü", "ý"}}));

TEST(ByteClass, LeavesPlainPatternsAsTheyAre) {
  EXPECT_EQ(with_classes_as_bytes("[a-z]+ é"), "[a-z]+ é");
  EXPECT_EQ(with_classes_as_bytes("a[bc]"), "a[bc]");
}

}  // namespace
}  // namespace triaged::knowledge

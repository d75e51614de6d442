#include "cre/cre_scanner.hpp"

#include <gtest/gtest.h>

namespace triaged::cre {
namespace {

using Kind = knowledge::CreTerm::Kind;

bool finds(Kind kind, const std::string& term, std::string_view text) {
  CreScanner scanner;
  const auto number = scanner.add({kind, term, {}});
  scanner.compile();
  return scanner.scan(text)[number];
}

TEST(CreScanner, LooksForValuesLetterByLetter) {
  EXPECT_TRUE(finds(Kind::value, "v1.(*AnyValue)", "x v1.(*AnyValue) y"));
  EXPECT_FALSE(finds(Kind::value, "a.c", "abc"));
  EXPECT_FALSE(finds(Kind::value, "Panic", "panic"));
  EXPECT_TRUE(finds(Kind::value, "größer", "ist größer als"));
}

TEST(CreScanner, EndsATextWhereGoEndsIt) {
  EXPECT_TRUE(finds(Kind::regex, "broke$", "it broke"));
  EXPECT_FALSE(finds(Kind::regex, "broke$", "it broke\n"));
}

TEST(CreScanner, TakesBlanksAsGoDoes) {
  EXPECT_TRUE(finds(Kind::regex, "a\\sb", "a\tb"));
  EXPECT_FALSE(finds(Kind::regex, "a\\sb", "a\vb"));
  EXPECT_FALSE(finds(Kind::regex, "a[\\s,]b", "a\vb"));
  EXPECT_TRUE(finds(Kind::regex, "a\\Sb", "a\vb"));
  EXPECT_TRUE(finds(Kind::regex, "a\\vb", "a\vb"));
  EXPECT_FALSE(finds(Kind::regex, "a\\vb", "a\nb"));
}

TEST(CreScanner, CountsCharactersAndNotBytes) {
  EXPECT_TRUE(finds(Kind::regex, "^gr..er$", "größer"));
  EXPECT_TRUE(finds(Kind::regex, "^a.b$",
                    "a\xff"
                    "b"));
  EXPECT_FALSE(finds(Kind::regex, "^a..b$", "aöb"));
}

TEST(CreScanner, FindsAPatternThatMatchesNothingInAnEmptyText) {
  EXPECT_TRUE(finds(Kind::regex, "x*", ""));
  EXPECT_FALSE(finds(Kind::regex, "x+", ""));
}

TEST(CreScanner, LeavesToRe2WhatHyperscanReadsInAnotherWay) {
  CreScanner scanner;
  const auto lines = scanner.add({Kind::regex, "(?m)^b$", {}});
  const auto greek = scanner.add({Kind::regex, "\\pN{3}x", {}});
  scanner.compile();
  EXPECT_EQ(scanner.slow_patterns(), 2u);
  EXPECT_TRUE(scanner.scan("a\nb\nc")[lines]);
  EXPECT_TRUE(scanner.scan("123x")[greek]);
}

TEST(CreScanner, GivesEqualTermsOneNumber) {
  CreScanner scanner;
  const auto value = scanner.add({Kind::value, "abcd", {}});
  EXPECT_EQ(scanner.add({Kind::value, "abcd", {}}), value);
  EXPECT_NE(scanner.add({Kind::regex, "abcd", {}}), value);
}

TEST(CreScanner, TranslatesOnlyWhatMeansTheSame) {
  EXPECT_EQ(hyperscan_form_of("a\\s+b$"), "a[\\t\\n\\f\\r ]+b\\z");
  EXPECT_EQ(hyperscan_form_of("(?i)a[\\s\\d]"), "(?i)a[\\t\\n\\f\\r \\d]");
  for (const auto* pattern : {"(?m)a", "(?U)a+", "[\\S]", "\\x{41}", "\\pL", "ö", "\\Qa\\E"}) {
    EXPECT_EQ(hyperscan_form_of(pattern), std::nullopt) << pattern;
  }
}

}  // namespace
}  // namespace triaged::cre

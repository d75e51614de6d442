#include "knowledge/patterns/pattern.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triaged::knowledge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

TEST(Pattern, LosesTheFillerAroundIt) {
  EXPECT_EQ(trimmed_pattern(".*no live upstreams.*"), "no live upstreams");
  EXPECT_EQ(trimmed_pattern("^.*no live upstreams.*$"), "no live upstreams");
  EXPECT_EQ(trimmed_pattern(".*?no live upstreams.*?"), "no live upstreams");
  EXPECT_EQ(trimmed_pattern(".*.*no live upstreams.*.*"), "no live upstreams");
}

TEST(Pattern, KeepsWhatOnlyLooksLikeFiller) {
  for (const std::string_view pattern :
       {"^no live", "upstreams$", R"(config\.*)", "[.*", "a.*b", ".*+x", "(.*)", ".*", R"(a[.]*)", ".+x", "x.+"}) {
    EXPECT_EQ(trimmed_pattern(pattern), pattern);
  }
}

TEST(Pattern, SpellsNamedGroupsAsRe2Does) {
  EXPECT_EQ(to_re2_syntax(R"(connect\(\) to (?<upstream>\S+) failed)"), R"(connect\(\) to (?P<upstream>\S+) failed)");
  EXPECT_EQ(to_re2_syntax("(?'pid'[0-9]+)"), "(?P<pid>[0-9]+)");
  EXPECT_EQ(to_re2_syntax("(?P<pid>[0-9]+)"), "(?P<pid>[0-9]+)");
}

TEST(Pattern, LeavesWhatOnlyLooksLikeANamedGroupAsItIs) {
  for (const std::string_view pattern : {R"(\(?<a>)", "[(?<a>]", R"(\\\(?<a>)", "(?<=a)", "(?<!a)", R"(\Q(?<a>\E)"}) {
    EXPECT_EQ(to_re2_syntax(pattern), pattern);
  }
}

TEST(Pattern, NamesItsGroupsInOrder) {
  EXPECT_THAT(named_groups_of(R"((?<second>a)(b)(?<first>c))"), ElementsAre("second", "first"));
}

TEST(Pattern, IsTakenByBothEngines) {
  EXPECT_EQ(refusal_of(R"(connect\(\) (?:to (?<upstream>\S+) )?failed \(111: Connection refused\))", false),
            std::nullopt);
  EXPECT_EQ(refusal_of("(?i)out of memory", true), std::nullopt);
  EXPECT_EQ(refusal_of("上游拒绝连接", false), std::nullopt);
  EXPECT_EQ(refusal_of("x*", false), std::nullopt);
}

TEST(Pattern, IsRefusedWithTheReasonOfHyperscan) {
  EXPECT_THAT(refusal_of("failed (", false),
              Optional(std::string("Hyperscan does not take this regex: Missing close parenthesis for group started "
                                   "at index 7")));
}

TEST(Pattern, IsRefusedWithTheReasonOfRe2) {
  EXPECT_THAT(refusal_of(R"(\xzz)", false),
              Optional(std::string(R"(RE2 does not take this regex: invalid escape sequence: \xzz)")));
}

TEST(Pattern, IsRefusedWhenItParsesButIsTooLargeToCompile) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "(a|b.*)";
  EXPECT_THAT(refusal_of(pattern, false),
              Optional(std::string("Hyperscan does not take this regex: Pattern is too large")));
  EXPECT_THAT(refusal_of(std::string(2049, 'x'), false),
              Optional(std::string("a regex cannot be longer than 2048 bytes")));
}

TEST(Pattern, IsOfferedWithoutLookAround) {
  EXPECT_THAT(refusal_of("(?<=connect )failed(?= while)", false),
              Optional(std::string("Hyperscan does not take this regex: Zero-width assertions are not supported; "
                                   "look-around is not supported: match the text itself, with (?:…), so: "
                                   "(?:connect )failed(?: while)")));
}

TEST(Pattern, IsToldHowToExcludeLines) {
  EXPECT_THAT(refusal_of("failed(?! while)", false),
              Optional(std::string("Hyperscan does not take this regex: Zero-width assertions are not supported; "
                                   "negative look-around is not supported: say what does stand there, or exclude "
                                   "lines with 'where: {FIELD: {not: …}}'")));
}

TEST(Pattern, IsOfferedWithItsBackReferencesWrittenOut) {
  EXPECT_THAT(refusal_of(R"((?<q>['"])x\1)", false), Optional(HasSubstr(R"re(so: (?<q>['"])x(?:['"]))re")));
  EXPECT_THAT(refusal_of(R"((a(b))c\2)", false), Optional(HasSubstr("so: (a(b))c(?:b)")));
}

TEST(Pattern, IsOfferedWithoutTheTricksAgainstBacktracking) {
  EXPECT_THAT(refusal_of("a++b", false), Optional(HasSubstr("so: a+b")));
  EXPECT_THAT(refusal_of("(?>ab)c", false), Optional(HasSubstr("so: (?:ab)c")));
}

TEST(Pattern, IsOfferedWithoutPerlsExtras) {
  EXPECT_THAT(refusal_of(R"(failed\Z)", false), Optional(HasSubstr("so: failed$")));
  EXPECT_THAT(refusal_of(R"(a\h+b)", false), Optional(HasSubstr(R"(so: a[ \t]+b)")));
  EXPECT_THAT(refusal_of("(?#why)failed", false), Optional(HasSubstr("so: failed")));
  EXPECT_THAT(refusal_of(R"(connect \Kfailed)", false), Optional(HasSubstr("so: connect failed")));
}

TEST(Pattern, MayMatchTheEmptyLine) {
  EXPECT_TRUE(matches_empty_line("(failed)?", false));
  EXPECT_FALSE(matches_empty_line("failed", false));
}

TEST(Pattern, RequiresALiteralOnlyWhenEveryLineMustHoldIt) {
  EXPECT_TRUE(requires_literal(R"(\d+ upstream \S+)", false, 4));
  EXPECT_TRUE(requires_literal("(?i)UPSTREAM", false, 4));
  EXPECT_TRUE(requires_literal("refused|timed out", false, 4));
  EXPECT_FALSE(requires_literal("refused|x", false, 4));
  EXPECT_FALSE(requires_literal(R"(\S+ [a-z]+)", false, 4));
  EXPECT_FALSE(requires_literal("(?:refused)?", false, 4));
  EXPECT_FALSE(requires_literal("a.b.c.d", false, 4));
}

TEST(Pattern, IsMadeOfATextByEscaping) {
  const auto pattern = escaped_for_pattern("open() \"/x\" failed (2: No such file) [a|b] {1} $5 a.b c*d+e? \\ ^");
  EXPECT_EQ(pattern, R"(open\(\) "/x" failed \(2: No such file\) \[a\|b\] \{1\} \$5 a\.b c\*d\+e\? \\ \^)");
  EXPECT_EQ(refusal_of(pattern, false), std::nullopt);
}

}  // namespace
}  // namespace triaged::knowledge

#include "sinks/mrkdwn.hpp"

#include <optional>
#include <random>

#include <gtest/gtest.h>

namespace triaged::sinks {
namespace {

TEST(Mrkdwn, EscapesWhatWouldMentionOrLink) {
  EXPECT_EQ(mrkdwn_line("<!channel> & <https://evil.example|bank>", 200),
            "&lt;!channel&gt; &amp; &lt;https://evil.example|bank&gt;");
}

TEST(Mrkdwn, MakesOnePrintableLine) { EXPECT_EQ(mrkdwn_line(" a\r\n\tb \x1b[2J \xff ", 200), "a b \\x1b[2J �"); }

TEST(Mrkdwn, CutsNeitherInsideAnEntityNorACharacter) {
  EXPECT_EQ(mrkdwn_line("ab&cd", 9), "ab&amp;cd");
  EXPECT_EQ(mrkdwn_line("ab&cde", 9), "ab…");
  EXPECT_EQ(mrkdwn_line("ab&cdef", 10), "ab&amp;…");
  EXPECT_EQ(mrkdwn_line("汉字漢", 9), "汉字漢");
  EXPECT_EQ(mrkdwn_line("汉字漢字", 9), "汉字…");
  EXPECT_EQ(mrkdwn_line("汉字漢字", 8), "汉…");
  EXPECT_EQ(mrkdwn_line("&&", 3), "…");
}

TEST(Mrkdwn, MarksTheCutOfALineOfMostlyBlanks) { EXPECT_EQ(mrkdwn_line("a" + std::string(1000, ' ') + "b", 20), "a…"); }

TEST(Mrkdwn, LetsNoLineBeginABlockOfCode) { EXPECT_EQ(mrkdwn_line("run ```x``` or `y`", 200), "run '''x''' or `'y'`"); }

TEST(Mrkdwn, FormatsNothingThatAClientWrote) {
  EXPECT_EQ(mrkdwn_line("get /*bold*/ ~old~ _it_ :rotating_light: a_b", 200),
            "get `/*bold*/` `~old~` `_it_` `:rotating_light:` a_b");
  EXPECT_EQ(mrkdwn_line("> said", 200), "`&gt;` said");
  EXPECT_EQ(mrkdwn_line("at 01:15:18 10.0.0.5:8003 proxy_read_timeout", 200),
            "at 01:15:18 10.0.0.5:8003 proxy_read_timeout");
  EXPECT_EQ(mrkdwn_line("*abcdefghijklm*", 10), "`*abcd…`");
}

/// The line without its pieces of code; nothing when a piece is open at its end.
std::optional<std::string> without_code(const std::string& line) {
  std::string rest;
  bool is_code = false;
  for (const char byte : line) {
    if (byte == '`') is_code = !is_code;
    if (!is_code) rest += byte;
  }
  return is_code ? std::nullopt : std::optional(rest);
}

TEST(Mrkdwn, FormatsNothingOfHostileTextsHoweverTheyAreCut) {
  const std::vector<std::string> pieces = {"<!channel>",
                                           "<@U1>",
                                           "<https://evil.example|bank>",
                                           "*b*",
                                           "_i_",
                                           "~s~",
                                           "`",
                                           "``",
                                           "```",
                                           ":tada:",
                                           "&lt;!here&gt;",
                                           "> q",
                                           "word",
                                           "a_b",
                                           "/",
                                           "\"",
                                           "12:30:45",
                                           "*",
                                           "_"};
  for (unsigned seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    std::string text;
    for (auto left = 1 + random() % 6; left > 0; --left)
      text += pieces[random() % pieces.size()] + (random() % 2 == 0 ? " " : "");
    const auto line = mrkdwn_line(text, 6 + random() % 80);
    const auto rest = without_code(line);
    ASSERT_TRUE(rest) << seed << ": " << text << "\n" << line;
    EXPECT_EQ(rest->find_first_of("<>*~"), std::string::npos) << seed << ": " << text << "\n" << line;
    EXPECT_EQ(rest->find(":tada:"), std::string::npos) << seed << ": " << text << "\n" << line;
    EXPECT_FALSE(rest->starts_with("&gt;")) << seed << ": " << text << "\n" << line;
    for (const auto* italic : {" _", "_ "}) EXPECT_EQ(rest->find(italic), std::string::npos) << seed << ": " << line;
  }
}

TEST(Mrkdwn, LetsNoBacktickEndASpan) {
  EXPECT_EQ(mrkdwn_span("a`b", 20), "`a'b`");
  EXPECT_EQ(mrkdwn_span("  ", 20), "");
}

TEST(Mrkdwn, KeepsTheLinesOfCodeAndLetsNoFenceEndIt) {
  EXPECT_EQ(mrkdwn_code("nginx -t\r\n  systemctl reload nginx <x>\n", 200),
            "```nginx -t\n  systemctl reload nginx &lt;x&gt;```");
  EXPECT_EQ(mrkdwn_code("a```b", 200), "```a'''b```");
}

TEST(Mrkdwn, SaysHowManyLinesOfCodeAreMissing) {
  EXPECT_EQ(mrkdwn_code("1111111111\n2222222222\n3333333333\n4444444444", 80),
            "```1111111111\n2222222222\n… and 2 more lines```");
  EXPECT_EQ(mrkdwn_code(std::string(300, 'x'), 80), "```" + std::string(31, 'x') + "…```");
}

TEST(MrkdwnRows, AddsRowsWhileTheyFitAndCountsTheRest) {
  MrkdwnRows rows(70);
  rows.add("one");
  rows.add("");
  rows.add(std::string(20, 'x'));
  EXPECT_FALSE(rows.has_omitted());
  rows.add(std::string(20, 'y'));
  rows.add("z");
  EXPECT_TRUE(rows.has_omitted());
  EXPECT_EQ(rows.text(), "one\n" + std::string(20, 'x') + "\n_… and 2 more_");
}

}  // namespace
}  // namespace triaged::sinks

#include "values/wrap_text.hpp"

#include <gtest/gtest.h>

namespace triaged::inline values {
namespace {

using Rows = std::vector<std::string>;

TEST(WrapText, BreaksAtBlanks) { EXPECT_EQ(wrap("one two three", 7), (Rows{"one two", "three"})); }

TEST(WrapText, MakesOneBlankOfManyAndOfLineEnds) { EXPECT_EQ(wrap("  a \t b\r\nc  ", 20), (Rows{"a b c"})); }

TEST(WrapText, HasNoRowForNothing) { EXPECT_EQ(wrap(" \n ", 20), Rows{}); }

TEST(WrapText, SplitsAWordThatIsLongerThanARow) { EXPECT_EQ(wrap("ab cdefgh", 4), (Rows{"ab", "cdef", "gh"})); }

TEST(WrapText, BreaksBetweenWideCharactersAndCountsThemTwice) {
  EXPECT_EQ(wrap("上游拒绝连接", 5), (Rows{"上游", "拒绝", "连接"}));
  EXPECT_EQ(wrap("nginx 上游", 8), (Rows{"nginx 上", "游"}));
}

TEST(WrapText, EndsWithAnEllipsisWhereRowsAreMissing) {
  EXPECT_EQ(wrap("one two three", 7, 1), (Rows{"one tw…"}));
  EXPECT_EQ(wrap("上游拒绝", 4, 1), (Rows{"上…"}));
  EXPECT_EQ(wrap("one two", 7, 1), (Rows{"one two"}));
}

TEST(WrapText, CountsACombiningMarkAsNothing) { EXPECT_EQ(columns_of("e\xcc\x81t\xc3\xa9"), 3U); }

TEST(WrapText, PadsToColumns) {
  EXPECT_EQ(padded("上a", 5), "上a  ");
  EXPECT_EQ(padded("abcdef", 5), "abcdef");
}

}  // namespace
}  // namespace triaged::inline values

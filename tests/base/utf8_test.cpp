#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace triaged::inline base {
namespace {

using namespace std::string_literals;

TEST(Utf8, LeavesValidTextAlone) { EXPECT_EQ(to_valid_utf8("上游 é \U0001F600"), "上游 é \U0001F600"); }

TEST(Utf8, ReplacesEachByteThatBelongsToNoCharacter) {
  EXPECT_EQ(to_valid_utf8("a\xffz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(to_valid_utf8("\xe4\xb8"), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // cut in the middle
  EXPECT_EQ(to_valid_utf8("\xc0\xaf"), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // over-long '/'
  EXPECT_EQ(to_valid_utf8("\xed\xa0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
}

TEST(Utf8, ShowsControlCharactersInsteadOfLettingThemAct) {
  EXPECT_EQ(to_printable("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
  EXPECT_EQ(to_printable("nul\0!"s), "nul\\x00!");
  EXPECT_EQ(to_printable("\xc2\x9b"
                         "31m"),
            "\\x9b31m");  // the one-byte escape of C1
  EXPECT_EQ(to_printable("tab\tstays"), "tab\tstays");
  EXPECT_EQ(to_printable("safe\u202Etxt.exe\u2066\u2028!"), "safe\\u202etxt.exe\\u2066\\u2028!");
}

TEST(Utf8, CutsBetweenCharacters) {
  EXPECT_EQ(prefix_of("上游", 4), "上");
  EXPECT_EQ(prefix_of("上游", 6), "上游");
  EXPECT_EQ(prefix_of("abc", 0), "");
}

}  // namespace
}  // namespace triaged::inline base

#include "values/html.hpp"

#include <gtest/gtest.h>

namespace triaged::inline values {
namespace {

TEST(EscapedHtml, LetsNothingEndATagOrAnAttribute) {
  EXPECT_EQ(escaped_html(R"(<a href="x" id='y'>&amp;</a>)"),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
}

TEST(EscapedHtml, ShowsWhatNoPageMayHold) {
  EXPECT_EQ(escaped_html("a\x1b[31mb\rc\n\td\n"), "a\\x1b[31mb\\x0dc\n\td\n");
  EXPECT_EQ(escaped_html("a\u202eb\u0085"), "a\\u202eb\\x85");
  EXPECT_EQ(escaped_html("caf\xc3\xa9 \xff"), "caf\xc3\xa9 \xef\xbf\xbd");
}

}  // namespace
}  // namespace triaged::inline values

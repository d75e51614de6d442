#include "formats/plain_lines.hpp"

#include <gtest/gtest.h>

namespace triaged::formats {
namespace {

std::string words(const std::string& text) {
  return words_for_plain_lines(text, {.source_name = "some.log"}, *usual_redactor());
}

std::string ten_times(const std::string& line) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += line + "\n";
  return text;
}

TEST(PlainLines, AreSaidToLookLikeTheFormatThatTheyComeNearestTo) {
  EXPECT_EQ(words(ten_times("2026/11/21 01:15:46 [error] *115 connect() failed (111: Connection refused)")),
            "they look like nginx.error as far as \"2026/11/21 01:15:46 [error] \" (byte 28), which goes on like "
            "\"31473#31473: \"");
}

TEST(PlainLines, AreSaidToStandBehindTheWrapperThatWasTakenOff) {
  EXPECT_EQ(words(ten_times("web-1  | order 17 was placed")),
            "behind compose's \"web-1  | \" they look like no known format: \"order 17 was placed\"");
}

TEST(PlainLines, AreSaidToHoldRequests) {
  EXPECT_EQ(
      words(ten_times(R"(127.0.2.39 [21/Nov/2026:01:13:19 +0000] "GET / HTTP/1.1" 200 333 0.004)")),
      "they look like nginx.access as far as \"127.0.2.39 \" (byte 11), which goes on like \"- - "
      "[21/Nov/2026:01:13:19 +0000] \"GET /\"; they hold requests in a form of their own, which --nginx-config or "
      "--haproxy-config can tell (triaged run: topology, or log_format of the source)");
}

TEST(PlainLines, AreShownWithoutTheirSecrets) {
  EXPECT_EQ(words(ten_times("shop login password=hunter2XQ149")),
            "they look like no known format: \"shop login password=[redacted: password]\"");
  EXPECT_EQ(words(ten_times("web-1  | Authorization: Bearer hunter2XQ149hunter2XQ149hunter2XQ149hunter2XQ149")),
            "behind compose's \"web-1  | \" they look like no known format: \"Authorization: Bearer [redacted: "
            "authorization]\"");
}

TEST(PlainLines, AreNothingToWonderAboutInSyslog) {
  EXPECT_EQ(words(ten_times("Nov 21 01:08:11 web1 CRON[24684]: pam_unix(cron:session): session opened for user root")),
            "");
  EXPECT_EQ(words("\n\n  \n"), "");
  EXPECT_EQ(words(""), "");
}

}  // namespace
}  // namespace triaged::formats

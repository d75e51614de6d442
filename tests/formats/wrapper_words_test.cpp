#include "formats/wrapper_words.hpp"

#include <gtest/gtest.h>

namespace triaged::formats {
namespace {

const std::string nginx =
    "2026/11/21 01:13:21 [error] 31473#31473: *118 connect() failed (111: Connection refused) while connecting to "
    "upstream";

/// What stands around a line of nginx's in words.
std::string around(const std::string& line) {
  LineReader reader({.source_name = "some.log"});
  ReadLine read;
  reader.read(line, read);
  EXPECT_EQ(read.format, Format::nginx_error) << line;
  return to_text(wrappers_around(line, read));
}

TEST(WrapperWords, NameTheToolAndShowWhatItWrote) {
  EXPECT_EQ(around(nginx), "");
  EXPECT_EQ(around("nginx-1  | " + nginx), R"(compose's "nginx-1  | ")");
  EXPECT_EQ(around("12:00:01 web.1  | " + nginx), R"(foreman's "12:00:01 web.1  | ")");
  EXPECT_EQ(around("[pod/web-7d9f/app] " + nginx), R"(kubectl's "[pod/web-7d9f/app] ")");
  EXPECT_EQ(around("logs/error.log:12:" + nginx), R"(grep's "logs/error.log:12:")");
  EXPECT_EQ(around("2026-11-21T01:13:21.123456789Z stderr F " + nginx),
            R"(the container runtime's "2026-11-21T01:13:21.123456789Z stderr F ")");
  EXPECT_EQ(around(R"({"log":")" + nginx + R"(\n","stream":"stderr","time":"2026-11-21T01:13:21.123456789Z"})"),
            "a JSON object");
}

TEST(WrapperWords, GoFromTheOutermostLayerToASyslogHeader) {
  EXPECT_EQ(around("nginx-1  | 2026-11-21T01:13:21.123456789Z " + nginx),
            R"(compose's "nginx-1  | " and a time "2026-11-21T01:13:21.123456789Z ")");
  EXPECT_EQ(around("Nov 21 01:13:21 web1 nginx[7]: " + nginx), R"(a syslog header "Nov 21 01:13:21 web1 nginx[7]: ")");
}

}  // namespace
}  // namespace triaged::formats

#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class UwsgiLines : public testing::Test {
 protected:
  LogLines lines{"uwsgi.log"};
};

TEST_F(UwsgiLines, ReadsARequest) {
  lines.read(
      "[pid: 20831|app: 0|req: 1/1] 127.0.0.10 () {34 vars in 497 bytes} [Sat Nov 21 01:08:05 2026] GET "
      "/api/items?page=2452&sort=price => generated 521 bytes in 2 msecs (HTTP/1.1 200) 2 headers in 72 bytes (1 "
      "switches on core 0)");
  EXPECT_EQ(lines.format(), "uwsgi");
  EXPECT_EQ(lines.message(),
            "generated 521 bytes in 2 msecs (HTTP/1.1 200) 2 headers in 72 bytes (1 switches on core 0)");
  EXPECT_EQ(lines.time(), "2026-11-21T01:08:05.000000Z");
  EXPECT_THAT(lines.fields(),
              ElementsAre("pid=20831", "client=127.0.0.10", "method=GET", "path=/api/items", "status=200"));
}

TEST_F(UwsgiLines, ReadsAnEventWithADate) {
  lines.read("Sat Nov 21 01:08:09 2026 - *** HARAKIRI ON WORKER 1 (pid: 20830, try: 1) ***");
  EXPECT_EQ(lines.format(), "uwsgi");
  EXPECT_EQ(lines.message(), "*** HARAKIRI ON WORKER 1 (pid: 20830, try: 1) ***");
  EXPECT_EQ(lines.time(), "2026-11-21T01:08:09.000000Z");
  EXPECT_THAT(lines.fields(), ElementsAre("pid=20830"));
}

TEST_F(UwsgiLines, CutsTheRequestOutOfAnEvent) {
  lines.read("Sat Nov 21 01:08:09 2026 - HARAKIRI [core 0] 127.0.0.247 - GET /api/reports?s=8&id=0 since 1795223286");
  EXPECT_EQ(lines.message(), "HARAKIRI [core 0]");
  EXPECT_THAT(lines.fields(), ElementsAre("client=127.0.0.247", "method=GET", "path=/api/reports"));
  lines.read(
      "Sat Nov 21 01:08:09 2026 - uwsgi_response_write_body_do(): Broken pipe [core/writer.c line 341] during GET /x "
      "(127.0.0.1)");
  EXPECT_EQ(lines.message(), "uwsgi_response_write_body_do(): Broken pipe [core/writer.c line 341]");
}

TEST_F(UwsgiLines, KnowsSentencesWithoutADate) {
  lines.read("DAMN ! worker 1 (pid: 20830) died, killed by signal 9 :( trying respawn ...");
  EXPECT_EQ(lines.format(), "uwsgi");
  EXPECT_EQ(lines.message(), "DAMN ! worker 1 (pid: 20830) died, killed by signal 9 :( trying respawn ...");
  EXPECT_THAT(lines.fields(), ElementsAre("pid=20830"));
  lines.read("Respawned uWSGI worker 1 (new pid: 20950)");
  EXPECT_THAT(lines.fields(), ElementsAre("pid=20950"));
  lines.read("worker 1 buried after 1 seconds");
  EXPECT_EQ(lines.format(), "uwsgi");
}

TEST_F(UwsgiLines, ASentenceBelowATracebackAndItsRequestIsUwsgisOwn) {
  lines.read("Traceback (most recent call last):");
  lines.read("MemoryError");
  lines.read(
      "[pid: 20831|app: 0|req: 1/1] 127.0.0.10 () {34 vars in 497 bytes} [Sat Nov 21 01:08:05 2026] GET /api/bulk => "
      "generated 0 bytes "
      "in 2 msecs (HTTP/1.1 500) 0 headers in 0 bytes (0 switches on core 0)");
  EXPECT_EQ(lines.field("status"), "500");
  lines.read("DAMN ! worker 1 (pid: 20830) died, killed by signal 9 :( trying respawn ...");
  EXPECT_EQ(lines.format(), "uwsgi");
}

TEST_F(UwsgiLines, NothingThatAClientSentStandsInAMessage) {
  HostileTexts texts({" ", "=> generated ", " => generated 1 bytes in ", "(HTTP/1.1 500)", " during ", "] ", "[", "{",
                      "- ", "since "});
  for (int i = 0; i < 2000; ++i) {
    const std::string text = texts.next();
    lines.read("[pid: 20831|app: 0|req: 1/1] 127.0.0.10 () {34 vars in 497 bytes} [Sat Nov 21 01:08:05 2026] GET /" +
               text + " => generated 521 bytes in 2 msecs (HTTP/1.1 200) 2 headers in 72 bytes (1 switches on core 0)");
    ASSERT_THAT(lines.message(), Not(HasSubstr("CLIENT"))) << text;
    ASSERT_EQ(lines.field("status"), "200") << text;
    lines.read("Sat Nov 21 01:08:09 2026 - HARAKIRI [core 0] 127.0.0.247 - GET /" + text + " since 1795223286");
    ASSERT_THAT(lines.message(), Not(HasSubstr("CLIENT"))) << text;
  }
}

}  // namespace
}  // namespace triaged::formats

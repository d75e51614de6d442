#include <gmock/gmock.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class PhpFpmLines : public testing::Test {
 protected:
  LogLines lines{"php-fpm.log"};
};

TEST_F(PhpFpmLines, ReadsLevelAndTime) {
  lines.read("[21-Nov-2026 01:07:59] NOTICE: fpm is running, pid 20711");
  EXPECT_EQ(lines.format(), "php-fpm");
  EXPECT_EQ(lines.message(), "fpm is running, pid 20711");
  EXPECT_EQ(lines.time(), "2026-11-21T01:07:59.000000Z");
  EXPECT_THAT(lines.fields(), ElementsAre("level=NOTICE"));
}

TEST_F(PhpFpmLines, ReadsPoolAndChild) {
  lines.read(
      "[21-Nov-2026 01:08:03] WARNING: [pool www] child 20712 exited on signal 15 (SIGTERM) after 3.674074 seconds "
      "from start");
  EXPECT_EQ(lines.message(), "[pool www] child 20712 exited on signal 15 (SIGTERM) after 3.674074 seconds from start");
  EXPECT_THAT(lines.fields(), ElementsAre("level=WARNING", "pool=www", "pid=20712"));
}

TEST_F(PhpFpmLines, CutsScriptAndRequestOut) {
  lines.read(
      R"([21-Nov-2026 01:08:03] WARNING: [pool www] child 20712, script '/srv/php/report.php' (request: "GET /report.php?s=6&id=0") )"
      R"(execution timed out (1.172439 sec), terminating)");
  EXPECT_EQ(lines.message(),
            R"([pool www] child 20712, script '' (request: "") execution timed out (1.172439 sec), terminating)");
  EXPECT_THAT(lines.fields(), ElementsAre("level=WARNING", "pool=www", "pid=20712", "file=/srv/php/report.php",
                                          "request=GET /report.php?s=6&id=0", "method=GET", "path=/report.php"));
}

TEST_F(PhpFpmLines, NothingThatAClientSentStandsInAMessage) {
  HostileTexts texts(
      {" ", "\"", "') ", "\") ", "' (request: \"", ", script '", "child 1", "server reached pm.max_children", "\xff"});
  for (int i = 0; i < 2000; ++i) {
    const std::string text = texts.next();
    lines.read("[21-Nov-2026 01:08:03] WARNING: [pool www] child 20712, script '/srv/php/" + text +
               "' (request: \"GET /" + text + "\") execution timed out (1.172439 sec), terminating");
    ASSERT_EQ(lines.format(), "php-fpm");
    ASSERT_THAT(lines.message(), Not(HasSubstr("CLIENT"))) << text;
    ASSERT_THAT(lines.message(), HasSubstr("execution timed out")) << text;
  }
}

}  // namespace
}  // namespace triaged::formats

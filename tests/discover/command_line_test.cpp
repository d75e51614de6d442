#include "discover/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triaged::discover {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> command = {"gunicorn",     "-b",       "127.0.0.1:8000",  "--bind=unix:/run/a.sock",
                                          "-b[::1]:8000", "--reload", "shop:application"};

TEST(CommandLine, HasTheValuesOfAnOptionInEachWayOfWritingIt) {
  EXPECT_THAT(option_values(command, {"-b", "--bind"}),
              ElementsAre("127.0.0.1:8000", "unix:/run/a.sock", "[::1]:8000"));
  EXPECT_EQ(option_value(command, {"-b", "--bind"}), "[::1]:8000");
}

TEST(CommandLine, HasNoValueOfWhatIsNotThere) {
  EXPECT_THAT(option_values(command, {"--error-logfile"}), IsEmpty());
  EXPECT_EQ(option_value({"nginx", "-c"}, {"-c"}), std::nullopt);
  EXPECT_TRUE(has_option(command, "--reload"));
  EXPECT_FALSE(has_option(command, "--rel"));
}

TEST(CommandLine, TakesATitleApart) {
  EXPECT_THAT(words_in({"nginx: master process /usr/sbin/nginx -c /etc/nginx.conf"}),
              ElementsAre("nginx:", "master", "process", "/usr/sbin/nginx", "-c", "/etc/nginx.conf"));
}

TEST(CommandLine, IsSplitAsAShellSplitsIt) {
  EXPECT_THAT(
      shell_words("--bind=127.0.0.1:9000  --access-logformat '%(h)s \"%(r)s\"' --name \"my shop\" a\\ b ''"),
      ElementsAre("--bind=127.0.0.1:9000", "--access-logformat", "%(h)s \"%(r)s\"", "--name", "my shop", "a b", ""));
  EXPECT_THAT(shell_words(""), IsEmpty());
}

}  // namespace
}  // namespace triaged::discover

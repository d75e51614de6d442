#include "diagnosis/fill_text.hpp"

#include <gtest/gtest.h>

namespace triaged::diagnosis {
namespace {

std::string_view lookup(std::string_view name) {
  if (name == "upstream") return "127.0.0.1:8003";
  if (name == "file") return "/srv/it's; rm -rf /\x1b[2J";
  if (name == "flag") return "--help";
  return {};
}

TEST(FillText, PutsTheIncidentsOwnValuesIn) {
  EXPECT_EQ(fill_text("Nothing listens at {upstream}.", lookup), "Nothing listens at 127.0.0.1:8003.");
}

TEST(FillText, ShowsAnUnknownFieldInCapitals) { EXPECT_EQ(fill_text("kill {worker_pid}", lookup), "kill WORKER_PID"); }

TEST(FillText, LeavesBracesThatAreNoFieldAlone) {
  EXPECT_EQ(fill_text("awk '{print $1}' ${HOME} {} {", lookup), "awk '{print $1}' ${HOME} {} {");
}

TEST(FillCommand, QuotesHostileValuesForTheShell) {
  EXPECT_EQ(fill_command("ls {file}", lookup), "ls '/srv/it'\\''s; rm -rf /\\x1b[2J'");
  EXPECT_EQ(fill_command("curl http://{upstream}/", lookup), "curl http://127.0.0.1:8003/");
}

TEST(FillCommand, LeavesThePlaceholdersOfOtherProgramsAlone) {
  EXPECT_EQ(fill_command("curl -w '%{time_connect}' ${upstream} http://{upstream}/", lookup),
            "curl -w '%{time_connect}' ${upstream} http://127.0.0.1:8003/");
}

TEST(FillCommand, PutsOnlyHarmlessValuesInsideQuotes) {
  EXPECT_EQ(fill_command("echo \"{upstream}\" '{upstream}'", lookup), "echo \"127.0.0.1:8003\" '127.0.0.1:8003'");
  EXPECT_EQ(fill_command("ls \"{file}\" '{file}' {file}", lookup),
            "ls \"FILE\" 'FILE' '/srv/it'\\''s; rm -rf /\\x1b[2J'");
  EXPECT_EQ(fill_command("echo \"a \\\" {file}\"", lookup), "echo \"a \\\" FILE\"");
}

TEST(FillCommand, ShowsTheNameOfAValueThatIsTooLongToBeNamed) {
  const std::string path(201, 'x');
  EXPECT_EQ(fill_command("ls {path}", [&](std::string_view) { return std::string_view(path); }), "ls PATH");
}

TEST(FillCommand, QuotesAValueThatWouldBeReadAsAnOption) {
  EXPECT_EQ(fill_command("ls {flag}", lookup), "ls '--help'");
}

}  // namespace
}  // namespace triaged::diagnosis

// From the fields of an entry to a line. The entries are those that journald 252 wrote of real programs.
#include "sources/journal/journal_entry.hpp"

#include <gtest/gtest.h>

#include "sources/journal/journal_position.hpp"

namespace triaged::sources {
namespace {

constexpr TimePoint received{std::chrono::seconds(1'795'223'793)};

class Entry : public testing::Test {
 protected:
  JournalFields fields_;

  JournalLine line_of(std::initializer_list<std::string> fields) {
    fields_ = {};
    for (const auto& field : fields) fields_.add(field);
    return fields_.take_line(received);
  }
  bool is_kernel(std::initializer_list<std::string> fields) { return line_of(fields).envelope.is_kernel.value(); }
};

TEST_F(Entry, HasTheTimeThatItsTransportKnew) {
  EXPECT_EQ(line_of({"MESSAGE=x"}).envelope.at, received);
  EXPECT_EQ(line_of({"MESSAGE=x", "_SOURCE_REALTIME_TIMESTAMP=1795223792999000"}).envelope.at,
            received - std::chrono::milliseconds(1));
  for (const auto* odd : {"0", "-1", "", "soon", "99999999999999999999", "9223372036854775807"}) {
    EXPECT_EQ(line_of({"MESSAGE=x", std::string("_SOURCE_REALTIME_TIMESTAMP=") + odd}).envelope.at, received) << odd;
  }
}

TEST_F(Entry, IsTheKernelsOnlyWhereJournaldReadItFromTheKernel) {
  EXPECT_TRUE(is_kernel({"MESSAGE=x", "_TRANSPORT=kernel", "SYSLOG_IDENTIFIER=kernel", "SYSLOG_FACILITY=0"}));
  // logger -t kernel -p kern.err (glibc and journald make 1 of facility 0), systemd-cat -t kernel, logger --journald
  EXPECT_FALSE(is_kernel({"MESSAGE=x", "_TRANSPORT=syslog", "SYSLOG_IDENTIFIER=kernel", "SYSLOG_FACILITY=0"}));
  EXPECT_FALSE(is_kernel({"MESSAGE=x", "_TRANSPORT=stdout", "SYSLOG_IDENTIFIER=kernel", "SYSLOG_FACILITY=0"}));
  EXPECT_FALSE(is_kernel({"MESSAGE=x", "_TRANSPORT=journal", "SYSLOG_IDENTIFIER=kernel", "SYSLOG_FACILITY=0"}));
  // echo '<14>kernel: x' >/dev/kmsg
  EXPECT_FALSE(is_kernel({"MESSAGE=x", "_TRANSPORT=kernel", "SYSLOG_IDENTIFIER=kernel", "SYSLOG_FACILITY=1"}));
  EXPECT_FALSE(is_kernel({"MESSAGE=x", "_TRANSPORT=kernel", "SYSLOG_IDENTIFIER=systemd", "SYSLOG_FACILITY=3"}));
  // A field that a program sends in journald's name is none of journald's: it has no underscore.
  EXPECT_FALSE(is_kernel({"MESSAGE=x", "TRANSPORT=kernel", "SYSLOG_IDENTIFIER=kernel", "SYSLOG_FACILITY=0"}));
  EXPECT_FALSE(is_kernel({"MESSAGE=x", "SYSLOG_IDENTIFIER=kernel", "SYSLOG_FACILITY=0"}));
}

TEST_F(Entry, NamesItsProgramByWhatIsKnown) {
  EXPECT_EQ(line_of({"SYSLOG_IDENTIFIER=gunicorn", "_COMM=python3"}).envelope.program, "gunicorn");
  EXPECT_EQ(line_of({"_COMM=python3"}).envelope.program, "python3");
  EXPECT_EQ(line_of({"_PID=7", "SYSLOG_PID=8"}).envelope.pid, "7");
  EXPECT_EQ(line_of({"SYSLOG_PID=8"}).envelope.pid, "8");
}

TEST_F(Entry, OfSystemdNamesTheUnitThatItIsAbout) {
  const auto line = line_of({"_SYSTEMD_UNIT=init.scope", "UNIT=app.service", "SYSLOG_IDENTIFIER=systemd"});
  EXPECT_EQ(line.envelope.unit, "app.service");
  EXPECT_EQ(line.envelope.stream, "init.scope/systemd");
  EXPECT_EQ(line_of({"_SYSTEMD_UNIT=evil.service", "UNIT=app.service"}).envelope.unit, "evil.service");
}

TEST_F(Entry, OfAContainerIsOfTheContainersStream) {
  const auto line = line_of({"_SYSTEMD_UNIT=docker.service", "CONTAINER_NAME=shop-web-1", "SYSLOG_IDENTIFIER=0a1b2c"});
  EXPECT_EQ(line.envelope.container, "shop-web-1");
  EXPECT_EQ(line.envelope.stream, "shop-web-1/0a1b2c");
}

TEST_F(Entry, GoesOnInTheNextOneWhereItsLineWasCut) {
  EXPECT_TRUE(line_of({"MESSAGE=x", "_LINE_BREAK=line-max"}).envelope.is_partial);
  EXPECT_FALSE(line_of({"MESSAGE=x", "_LINE_BREAK=eof"}).envelope.is_partial);
  EXPECT_TRUE(line_of({"MESSAGE=x", "CONTAINER_PARTIAL_MESSAGE=true"}).envelope.is_partial);
}

TEST_F(Entry, TakesTheFirstOfSeveralFieldsOfAName) {
  const auto line = line_of({"MESSAGE=one", "MESSAGE=two", "SYSLOG_IDENTIFIER=a", "SYSLOG_IDENTIFIER=b"});
  EXPECT_EQ(line.text, "one");
  EXPECT_EQ(line.envelope.program, "a");
}

TEST_F(Entry, BoundsWhatAProgramCallsItself) {
  EXPECT_EQ(line_of({"SYSLOG_IDENTIFIER=" + std::string(100'000, 'x')}).envelope.program.size(), 256u);
}

TEST_F(Entry, IsNoneWithoutAMessageOrOfOurs) {
  (void)line_of({"PRIORITY=3", "NOFIELD", "=x", ""});
  EXPECT_FALSE(fields_.has_line());
  for (const auto* ours : {"SYSLOG_IDENTIFIER=triaged", "_COMM=triaged"}) {
    JournalFields fields;
    fields.add("MESSAGE=x");
    EXPECT_TRUE(fields.has_line());
    fields.add(ours);
    EXPECT_FALSE(fields.has_line());
  }
}

constexpr std::string_view numbered = "s=9f98;i=1f;b=01;m=f4241;t=660bf1c795e41;x=190b60d77e2f0445";

TEST(JournalPositions, TellEntriesByTheirTimesBootAndHash) {
  EXPECT_TRUE(is_same_entry(numbered, "s=0000;i=7;b=01;m=f4241;t=660bf1c795e41;x=190b60d77e2f0445"));
  EXPECT_FALSE(is_same_entry(numbered, "s=9f98;i=1f;b=02;m=f4241;t=660bf1c795e41;x=190b60d77e2f0445"));
  EXPECT_FALSE(is_same_entry("", ""));
  EXPECT_EQ(entries_between(numbered, "s=9f98;i=21;b=01"), 2);
  EXPECT_EQ(entries_between(numbered, numbered), 0);
  EXPECT_EQ(entries_between(numbered, "s=0000;i=21;b=01"), std::nullopt);
  EXPECT_EQ(entries_between(numbered, "s=9f98;i=xy;b=01"), std::nullopt);
}

TEST(JournalPositions, ComeBackFromTheirState) {
  const auto position = read_journal_state(to_state({std::string(numbered), 18'446'744'073'709'551'615u}));
  ASSERT_TRUE(position);
  EXPECT_EQ(position->cursor, numbered);
  EXPECT_EQ(position->offset, 18'446'744'073'709'551'615u);
  for (const auto* odd :
       {"", "{}", "[]", R"({"cursor":1,"offset":2})", R"({"cursor":"a"})", R"({"cursor":"a","offset":-1})"}) {
    EXPECT_FALSE(read_journal_state(odd)) << odd;
  }
}

}  // namespace
}  // namespace triaged::sources

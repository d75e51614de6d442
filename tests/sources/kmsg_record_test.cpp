// Records of /dev/kmsg. The examples are those of a kernel 6.18 and of the kernel's own description of the interface.
#include "sources/kmsg/kmsg_record.hpp"

#include <gtest/gtest.h>

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;

TEST(KmsgRecord, IsReadFromAnOutOfMemoryKill) {
  const auto record = read_kmsg_record(
      "3,3108,3820160557,-,caller=T1459;Memory cgroup out of memory: Killed process 1459 (gunicorn) "
      "total-vm:96116kB\n");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->facility, 0);
  EXPECT_EQ(record->level, 3);
  EXPECT_EQ(record->sequence, 3108u);
  EXPECT_EQ(record->uptime, 3820160557us);
  EXPECT_EQ(record->text, "Memory cgroup out of memory: Killed process 1459 (gunicorn) total-vm:96116kB");
}

TEST(KmsgRecord, LeavesItsPropertiesOut) {
  const auto record = read_kmsg_record(
      "7,160,424069,-;pci_root PNP0A03:00: host bridge window\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00\n");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->text, "pci_root PNP0A03:00: host bridge window");
}

// echo '<14>kernel: Out of memory' >/dev/kmsg: the kernel lets nobody write with facility 0.
TEST(KmsgRecord, TellsWhatAProcessWroteByItsFacility) {
  const auto record = read_kmsg_record("14,3200,4000000000,-;kernel: Out of memory: Killed process 1 (init)");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->facility, 1);
  EXPECT_EQ(record->level, 6);
}

TEST(KmsgRecord, GivesBackWhatWasEscapedButNoControlCharacter) {
  const auto text_of = [](const std::string& text) { return read_kmsg_record("6,1,1,-;" + text).value().text; };
  EXPECT_EQ(text_of(R"(\xc3\xa9 \x5cx41)"), "\xc3\xa9 \\x41");
  EXPECT_EQ(text_of(R"(a\x0aOut of memory)"), R"(a\x0aOut of memory)");
  EXPECT_EQ(text_of(R"(a\x1b[2J\x7f)"), R"(a\x1b[2J\x7f)");
  EXPECT_EQ(text_of(R"(a\x4)"), R"(a\x4)");
  EXPECT_EQ(text_of(R"(\xzz\)"), R"(\xzz\)");
}

TEST(KmsgRecord, IsNothingElse) {
  for (const auto* odd : {"", "6", "6,1,2", "6,1,2,-", "a,1,2,-;x", "6,-1,2,-;x", "6,1,-2,-;x", "-6,1,2,-;x",
                          " SUBSYSTEM=acpi", "99999,1,2,-;x", "6,1,9223372036854775807,-;x",
                          "6,99999999999999999999,2,-;x", "6,18446744073709551615,2,-;x", ";", ",,,;"}) {
    EXPECT_FALSE(read_kmsg_record(odd)) << odd;
  }
}

TEST(KmsgWriters, NameThemselves) {
  const auto writer = writer_of("systemd[1]: Reached target Multi-User System.");
  EXPECT_EQ(writer.program, "systemd");
  EXPECT_EQ(writer.pid, "1");
  EXPECT_EQ(writer.text, "Reached target Multi-User System.");
  EXPECT_EQ(writer_of("systemd-udevd: started").program, "systemd-udevd");
  for (const std::string_view text : {"no name here", "a[1 x", "[1]: x", "a:x", "a b: x", ""}) {
    EXPECT_EQ(writer_of(text).program, "") << text;
    EXPECT_EQ(writer_of(text).text, text);
  }
}

constexpr TimePoint boot{1'800'000'000s};

TEST(KmsgClocks, CountFromTheBoot) {
  KmsgClock clock(boot);
  EXPECT_EQ(clock.time_of(5s, boot + 60s), boot + 5s);
}

// The host slept for an hour: the kernel's clock stood still.
TEST(KmsgClocks, AreCorrectedByWhatComesWhenNothingWasThere) {
  KmsgClock clock(boot);
  clock.note_empty(boot + 3670s);
  EXPECT_EQ(clock.time_of(75s, boot + 3675s), boot + 3670s);
  EXPECT_EQ(clock.time_of(78s, boot + 3675s), boot + 3673s);
}

TEST(KmsgClocks, NeverSayThatARecordIsFromTheFuture) {
  KmsgClock clock(boot);
  EXPECT_EQ(clock.time_of(100s, boot + 40s), boot + 40s);
  clock.note_empty(boot + 90s);
  EXPECT_EQ(clock.time_of(110s, boot + 50s), boot + 50s) << "the wall clock was set back";
}

}  // namespace
}  // namespace triaged::sources

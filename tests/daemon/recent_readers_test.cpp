#include "daemon/recent_readers.hpp"

#include <gtest/gtest.h>

namespace triaged::daemon {
namespace {

formats::LineReader reader() {
  return formats::LineReader({.source_name = "error.log", .format = std::nullopt, .zone = {}, .reference = {}});
}

/// Of the record that the line continues: what there is to remember.
std::string header_of(formats::LineReader& reader, std::string_view line) {
  formats::ReadLine read;
  reader.read(line, read);
  return std::string(read.header);
}

constexpr std::string_view header = "[2026-11-21 00:31:19 +0000] [31622] [ERROR] Exception in worker process";
constexpr std::string_view traceback = "Traceback (most recent call last):";
constexpr std::string_view frame = "  File \"/srv/app.py\", line 3, in <module>";

TEST(RecentReaders, PutsTheOneToSleepThatWasUsedLongestAgo) {
  RecentReaders readers(2, 10);
  readers.wake("a", reader());
  readers.wake("b", reader());
  EXPECT_NE(readers.find("a"), nullptr);
  readers.wake("c", reader());
  EXPECT_EQ(readers.find("b"), nullptr);
  EXPECT_NE(readers.find("a"), nullptr);
  EXPECT_NE(readers.find("c"), nullptr);
}

TEST(RecentReaders, GoOnWhenTheyWakeWithWhatTheyRememberedAsTheyFellAsleep) {
  RecentReaders readers(1, 10);
  auto& sleeper = readers.wake("a", reader());
  for (const auto line : {header, traceback}) (void)header_of(sleeper, line);
  readers.wake("b", reader());
  EXPECT_EQ(header_of(readers.wake("a", reader()), frame), header);
  EXPECT_EQ(header_of(readers.wake("c", reader()), frame), frame) << "of a stream of its own";
}

TEST(RecentReaders, StillKnowWhenTheyWakeThatATracebackWasReadLongAgo) {
  RecentReaders readers(1, 10);
  auto& sleeper = readers.wake("a", reader());
  for (const auto line : {header, traceback}) (void)header_of(sleeper, line);
  readers.wake("b", reader());
  auto& awake = readers.wake("a", reader());
  awake.set_reference(TimePoint(std::chrono::minutes(1)));
  EXPECT_EQ(header_of(awake, frame), frame);
}

TEST(RecentReaders, ForgetWhatIsBeyondTheNumberOfThoseThatMaySleep) {
  RecentReaders readers(1, 1);
  for (const auto* stream : {"a", "b", "c"}) {
    auto& each = readers.wake(stream, reader());
    for (const auto line : {header, traceback}) (void)header_of(each, line);
  }
  EXPECT_EQ(header_of(readers.wake("b", reader()), frame), frame);
  EXPECT_EQ(header_of(readers.wake("a", reader()), frame), header);
}

TEST(RecentReaders, HaveRoomAgainWhenOneHasEnded) {
  RecentReaders readers(2, 10);
  readers.wake("a", reader());
  readers.wake("b", reader());
  readers.erase("b");
  readers.wake("c", reader());
  EXPECT_NE(readers.find("a"), nullptr);
  EXPECT_EQ(readers.find("b"), nullptr);
}

TEST(RecentReaders, KeepNothingOfAStreamThatEndedInItsSleep) {
  RecentReaders readers(1, 10);
  readers.remember(
      "a", R"({"header":"[2026-11-21 00:31:19 +0000] [31622] [ERROR] x","record_format":"gunicorn.error","stage":1})");
  readers.erase("a");
  EXPECT_EQ(header_of(readers.wake("a", reader()), frame), frame);
}

}  // namespace
}  // namespace triaged::daemon

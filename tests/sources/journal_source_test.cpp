// A journal as the daemon reads it: what comes, what was read before, what was deleted, what is damaged.
#include "sources/journal/journal_source.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "tests/support/written_journal.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using JournalLines = WrittenJournal;

TEST_F(JournalLines, HaveAnEnvelopeAndACursorBehindThem) {
  write({entry("one"), entry("two", {{"PRIORITY", "3"}})});
  open();
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->source_name, "journal " + path());
  EXPECT_EQ(batch->cursor.stream, "journal:" + path());
  EXPECT_EQ(batch->observed_at, now);
  EXPECT_EQ(batch->bytes, "one\ntwo\n");
  ASSERT_EQ(batch->lines.size(), 2u);
  EXPECT_EQ(batch->text(batch->lines[1]), "two");
  EXPECT_EQ(batch->lines[1].offset, 4u);
  EXPECT_EQ(*batch->envelope(batch->lines[1]), (Envelope{.at = first_entry + 1s,
                                                         .host = "web1",
                                                         .program = "app",
                                                         .pid = "77",
                                                         .unit = "app.service",
                                                         .priority = 3,
                                                         .stream = "app.service",
                                                         .is_kernel = false}));
  EXPECT_FALSE(next());
  EXPECT_EQ(metric("triaged_journal_entries_total"), 2);
}

TEST_F(JournalLines, ArePastWhenJournaldHadThemBeforeTheJournalWasFollowed) {
  write_lines({"one", "two"});
  now = first_entry + 2s;
  open();
  const auto past = next();
  ASSERT_TRUE(past);
  EXPECT_EQ(past->lines.size(), 2U);
  EXPECT_EQ(past->followed_from, 8U);
  commit();
  write_lines({"three"});
  now += 24h;
  open();
  const auto news = next();
  ASSERT_TRUE(news);
  EXPECT_EQ(news->bytes, "three\n");
  EXPECT_EQ(news->followed_from, 0U);
}

TEST_F(JournalLines, ComeWhenTheyAreWritten) {
  write_lines({"one"});
  open();
  EXPECT_THAT(lines(), ElementsAre("one"));
  EXPECT_FALSE(is_readable());
  write_lines({"two"});
  EXPECT_TRUE(is_readable());
  EXPECT_THAT(lines(), ElementsAre("two"));
  EXPECT_FALSE(is_readable());
}

TEST_F(JournalLines, OfSeveralLinesStayTogether) {
  write_lines({"Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'\n"});
  open();
  EXPECT_THAT(lines(), ElementsAre("Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'"));
}

TEST_F(JournalLines, AreTakenUpWhereTheLastRunStopped) {
  write_lines({"one", "two"});
  open();
  EXPECT_THAT(lines(), ElementsAre("one", "two"));
  commit();
  write_lines({"three"});
  open();
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->bytes, "three\n");
  EXPECT_EQ(batch->lines.at(0).offset, 8u);
  EXPECT_THAT(source->take_messages(), IsEmpty());
}

TEST_F(JournalLines, ComeAgainWhenTheyWereNotCommitted) {
  write_lines({"one", "two"});
  open();
  EXPECT_THAT(lines(), ElementsAre("one", "two"));
  open();
  EXPECT_THAT(lines(), ElementsAre("one", "two"));
}

// A kill at any moment: what is committed and what is read again are all lines, each once, with the same offsets.
TEST_F(JournalLines, AreAllReadOnceWhereverTheRunWasKilled) {
  std::vector<std::string> messages;
  for (int i = 0; i < 40; ++i) messages.push_back(fmt::format("{:02} {}", i, std::string(8'000, 'x')));
  write_lines(messages);
  std::vector<std::string> once;
  std::uint64_t offset = 0;
  while (once.size() < messages.size()) {
    open();
    auto committed = next();
    ASSERT_TRUE(committed);
    EXPECT_EQ(committed->lines.front().offset, offset);
    for (const auto& line : committed->lines) once.emplace_back(committed->text(line));
    offset += committed->bytes.size();
    commit();
    (void)next();  // read, and never committed
  }
  EXPECT_EQ(once, messages);
  open();
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(JournalLines, ShowWhatFollowsABatch) {
  write_lines({std::string(63'000, 'x'), std::string(5'000, 'y'), "first\nsecond", "third"});
  open();
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->lines.size(), 2u);
  EXPECT_EQ(batch->ahead, "first\nthird\n");
  ASSERT_EQ(batch->ahead_envelopes.size(), 2u);
  EXPECT_EQ(batch->ahead_envelopes[1].at, first_entry + 3s);
  EXPECT_THAT(lines(), ElementsAre("first\nsecond", "third"));
}

TEST_F(JournalLines, OnlyThatComeAreReadFromTheEnd) {
  options = "start: end";
  write_lines({"old"});
  open();
  const auto begin = next();
  ASSERT_TRUE(begin);
  EXPECT_THAT(begin->lines, IsEmpty());
  EXPECT_FALSE(begin->cursor.state.empty());
  commit();
  write_lines({"new"});
  open();
  EXPECT_THAT(lines(), ElementsAre("new")) << "what came while nobody read is not lost";
}

TEST_F(JournalLines, OfAnEmptyJournalAreReadFromItsFirst) {
  options = "start: end";
  open();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(source->take_messages(),
              ElementsAre("cannot read journal " + path() + ": there are no files of a journal; will look again"));
  write_lines({"first"});
  EXPECT_THAT(lines_after(5s), ElementsAre("first"));
  EXPECT_THAT(source->take_messages(), ElementsAre("journal " + path() + " can be read now"));
}

TEST_F(JournalLines, AreOfTheUnitsAndIdentifiersThatWereAskedFor) {
  options = "start: checkpoint, units: [gunicorn, nginx.service], identifiers: [haproxy]";
  write({entry("a", {{"_SYSTEMD_UNIT", "gunicorn.service"}}), entry("b"),
         entry("c", {{"SYSLOG_IDENTIFIER", "haproxy"}}),
         entry("d", {{"_PID", "1"}, {"UNIT", "nginx.service"}, {"_SYSTEMD_UNIT", "init.scope"}}),
         entry("e", {{"UNIT", "nginx.service"}}),  // only systemd speaks of other units
         entry("f", {{"_SYSTEMD_UNIT", "nginx.service"}})});
  open();
  EXPECT_THAT(lines(), ElementsAre("a", "c", "d", "f"));
}

TEST_F(JournalLines, GoOnWhenOthersAreAskedFor) {
  write({entry("a"), entry("b", {{"SYSLOG_IDENTIFIER", "other"}}), entry("c")});
  options = "start: checkpoint, identifiers: [app]";
  open();
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->bytes, "a\nc\n");
  commit();
  write({entry("d"), entry("e", {{"SYSLOG_IDENTIFIER", "other"}})});
  options = "start: checkpoint, identifiers: [other]";
  open();
  EXPECT_THAT(lines(), ElementsAre("e"));
  EXPECT_THAT(source->take_messages(), IsEmpty());
}

TEST_F(JournalLines, OfSeveralFilesAndBootsComeInTheirOrder) {
  write_lines({"one"}, "system@1.journal");
  write_lines({"two"}, "system.journal");
  reboot();
  write_lines({"three"}, "system@2.journal");
  open();
  EXPECT_THAT(lines(), ElementsAre("one", "two", "three"));
  write_lines({"four"}, "system@3.journal");
  EXPECT_THAT(lines(), ElementsAre("four"));
}

TEST_F(JournalLines, GoOnBehindOnesThatWereDeleted) {
  write_lines({"one", "two"}, "system@1.journal");
  open();
  EXPECT_THAT(lines(), ElementsAre("one", "two"));
  commit();
  write_lines({"three"}, "system@2.journal");
  write_lines({"four", "five"}, "system.journal");
  std::filesystem::remove(file("system@1.journal"));
  std::filesystem::remove(file("system@2.journal"));
  open();
  EXPECT_THAT(lines(), ElementsAre("four", "five"));
  EXPECT_THAT(
      source->take_messages(),
      ElementsAre("journal " + path() +
                  ": the entry where reading stopped was deleted; reading goes on at 2026-11-21T01:16:36.000000Z. "
                  "What was deleted before it was read is lost"));
  EXPECT_EQ(metric("triaged_journal_gaps_total"), 1);
}

// Of the unit that is asked for nothing came, while journald deleted its last entry.
TEST_F(JournalLines, OfOthersMoveThePlaceOn) {
  options = "start: checkpoint, identifiers: [rare]";
  write({entry("rare", {{"SYSLOG_IDENTIFIER", "rare"}})}, "system@1.journal");
  open();
  EXPECT_THAT(lines(), ElementsAre("rare"));
  commit();
  write_lines({"one", "two"}, "system.journal");
  EXPECT_THAT(lines_after(11min), IsEmpty());
  EXPECT_NE(cursor.state, checkpoint[0].state);
  commit();
  std::filesystem::remove(file("system@1.journal"));
  write({entry("rare again", {{"SYSLOG_IDENTIFIER", "rare"}})});
  EXPECT_THAT(lines(), ElementsAre("rare again"));
  open();
  EXPECT_THAT(lines(), ElementsAre("rare again"));
  EXPECT_THAT(source->take_messages(), IsEmpty());
}

// journald moves what it wrote before /var was there from /run, and numbers it anew.
TEST_F(JournalLines, AreKnownAgainInACopyOfTheirFile) {
  write_lines({"one", "two"}, "runtime.journal");
  open();
  const auto batch = next();
  ASSERT_TRUE(batch);
  commit();
  auto& state = checkpoint[0].state;
  const auto numbering = state.find("s=");
  state.replace(numbering + 2, 32, std::string(32, '0'));
  write_lines({"three"}, "runtime.journal");
  open();
  EXPECT_THAT(lines(), ElementsAre("three"));
  EXPECT_THAT(source->take_messages(), IsEmpty());
}

TEST_F(JournalLines, AreNotHeldUpByADamagedFile) {
  write_lines({"one"}, "system@1.journal");
  write_lines({"two"}, "system@2.journal");
  write_lines({"three"}, "system.journal");
  std::fstream(file("system@2.journal"), std::ios::in | std::ios::out | std::ios::binary) << "no journal";
  open();
  EXPECT_THAT(lines(), ElementsAre("one", "three"));
  EXPECT_THAT(source->take_messages(),
              ElementsAre("cannot read " + file("system@2.journal") +
                          ": its header is damaged, so its entries are left out; 'journalctl --verify' says more"));
  EXPECT_EQ(metric("triaged_journal_unreadable_files"), 1);
  write_lines({"four"}, "system.journal");
  EXPECT_THAT(lines(), ElementsAre("four"));
}

TEST_F(JournalLines, AreCountedWhereDamageHidesThem) {
  std::vector<std::string> messages;
  for (int i = 0; i < 60; ++i) messages.push_back(fmt::format("{:02} {}", i, std::string(2'000, 'x')));
  write_lines(messages, "system@1.journal");
  write_lines({"last"}, "system.journal");
  std::fstream damaged(file("system@1.journal"), std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(damaged), {}};
  damaged.clear();
  damaged.seekp(static_cast<std::streamoff>(bytes.find("MESSAGE=40 x")) - 300);
  damaged << std::string(4'000, '\xee') << std::flush;
  open();
  auto read = lines();
  ASSERT_GT(read.size(), 41u);
  EXPECT_EQ(read[39], messages[39]);
  EXPECT_EQ(read[read.size() - 2], messages[59]);
  EXPECT_EQ(read.back(), "last") << "of another file";
  const auto said = source->take_messages();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_THAT(said[0], HasSubstr(fmt::format(": {} entries are missing before s=", 61 - read.size())));
  EXPECT_EQ(metric("triaged_journal_missing_entries_total"), static_cast<double>(61 - read.size()));
}

TEST_F(JournalLines, AreReadOnceMoreWhenTheFolderComesBack) {
  write_lines({"one"});
  open();
  EXPECT_THAT(lines(), ElementsAre("one"));
  const auto aside = path() + ".aside";
  std::filesystem::rename(path(), aside);
  EXPECT_THAT(lines_after(30s), IsEmpty());
  std::filesystem::create_directory(path());
  std::filesystem::rename(aside + "/system.journal", file("system.journal"));
  std::filesystem::remove(aside);
  write_lines({"two"});
  EXPECT_THAT(lines_after(5s), ElementsAre("two"));
}

TEST_F(JournalLines, AreCutWhenTheyAreTooLong) {
  write_lines({std::string(100'000, 'x'), "next"});
  open();
  const auto read = lines();
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0], std::string(longest_message, 'x'));
  EXPECT_EQ(read[1], "next");
  EXPECT_EQ(metric("triaged_journal_cut_entries_total"), 1);
}

TEST_F(JournalLines, AreNoneWhereAnEntryHasNoMessageOrIsOurs) {
  auto silent = entry("");
  std::erase_if(silent, [](const auto& field) { return field.first == "MESSAGE"; });
  write({silent, entry("an incident", {{"SYSLOG_IDENTIFIER", "triaged"}}), entry("one")});
  open();
  EXPECT_THAT(lines(), ElementsAre("one"));
  EXPECT_EQ(metric("triaged_journal_entries_total"), 3);
}

}  // namespace
}  // namespace triaged::sources

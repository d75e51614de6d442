#include "sources/file/file_follower.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/few_descriptors.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class FileFollowerTest : public FollowedFolder {};

TEST_F(FileFollowerTest, GivesOutWhatIsInTheFileAndThenWhatIsAdded) {
  append("error.log", "one\ntwo\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("one", "two"));
  append("error.log", "three\n");
  EXPECT_THAT(lines(), ElementsAre("three"));
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(FileFollowerTest, TellsNameOffsetsAndTimeOfItsLines) {
  append("error.log", "one\r\ntwo\n");
  start();
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->source_name, path("error.log"));
  EXPECT_EQ(batch->cursor.stream, "file:" + path("error.log"));
  EXPECT_EQ(batch->observed_at, now);
  ASSERT_EQ(batch->lines.size(), 2u);
  EXPECT_EQ(batch->lines[0].offset, 0u);
  EXPECT_EQ(batch->lines[1].offset, 5u);
  EXPECT_GE(batch->bytes.capacity(), batch->bytes.size() + 64);
}

TEST_F(FileFollowerTest, RefusesAPathThatIsNotAbsolute) {
  options.sources = {{.globs = {"log/*.log"}, .rotated = {}}};
  EXPECT_EQ(FileFollower::open(options, {}, now).error().message, "cannot follow log/*.log: the path is not absolute");
}

TEST_F(FileFollowerTest, StartsAtTheEndOfFilesThatAreThereWhenItIsToldSo) {
  source.start = StartAt::end;
  source.globs = {path("*.log")};
  append("error.log", "old\nunfinished");
  start();
  EXPECT_THAT(lines(), IsEmpty());
  append("error.log", " business\nnew\n");
  append("later.log", "first\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("unfinished business", "new", "first"));
}

TEST_F(FileFollowerTest, LeavesFilesAndWhatIsRotatedFromThemToTheFirstSourceAndSaysSoOnce) {
  options.sources = {{.globs = {path("error.log")}, .rotated = {}}, {.globs = {path("*")}, .rotated = {}}};
  append("error.log", "theirs\n");
  append("access.log", "ours\n");
  start();
  EXPECT_THAT(lines_of(1), ElementsAre("ours"));
  rename("error.log", "error.log.1");
  append("error.log", "theirs too\n");
  append("access.log", "more\n");
  wait(2s);
  EXPECT_THAT(lines_of(1), ElementsAre("more"));
  EXPECT_THAT(follower->take_messages(),
              ElementsAre("two sources match " + path("error.log") + ": the source of '" + path("error.log") +
                          "' reads it, the source of '" + path("*") +
                          "' skips it and others like it; name each file in one source only"));
}

TEST_F(FileFollowerTest, FindsFilesThatAppearLater) {
  source.globs = {path("*/*.log")};
  start();
  EXPECT_THAT(lines(), IsEmpty());
  std::filesystem::create_directory(path("shop"));
  append("shop/access.log", "hello\n");
  EXPECT_THAT(lines_after(2s), ElementsAre("hello"));
}

TEST_F(FileFollowerTest, HearsOfANewFileWithoutWaitingForTheRescan) {
  start();
  append("error.log", "hello\n");
  EXPECT_THAT(lines(), ElementsAre("hello"));
  EXPECT_EQ(follower->next_deadline(), now + options.rescan_every);
}

TEST_F(FileFollowerTest, LooksAtManyFilesLessOften) {
  source.globs = {path("*.log")};
  for (int number = 0; number < 500; ++number) append(std::to_string(number) + ".log", "");
  start();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_EQ(follower->next_deadline(), now + 3s);
  append("499.log", "hello\n");
  EXPECT_THAT(lines(), ElementsAre("hello"));
}

TEST_F(FileFollowerTest, IgnoresFoldersAndPipesThatMatch) {
  source.globs = {path("*.log")};
  std::filesystem::create_directory(path("folder.log"));
  ASSERT_EQ(::mkfifo(path("pipe.log").c_str(), 0600), 0);
  append("error.log", "one\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("one"));
  EXPECT_EQ(follower->counts().files, 1u);
  EXPECT_THAT(follower->take_messages(), IsEmpty());
}

TEST_F(FileFollowerTest, DoesNotFollowCompressedFilesAndSaysSoOnce) {
  source.globs = {path("*")};
  append("a.log", "one\n");
  append("b.log", "two\n");
  compress("a.log");
  compress("b.log");
  start();
  EXPECT_THAT(lines_after(2s), IsEmpty());
  EXPECT_THAT(
      follower->take_messages(),
      ElementsAre(path("a.log.gz") + " is compressed; compressed files are not followed (triaged scan reads them)"));
}

TEST_F(FileFollowerTest, GivesOutAnUnterminatedLineAfterAWhileAndTheWholeLineWhenItEnds) {
  append("error.log", "half a");
  start();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_EQ(follower->next_deadline(), now + options.partial_line_wait);
  EXPECT_THAT(lines_after(499ms), IsEmpty());
  wait(1ms);
  const auto half = next();
  ASSERT_TRUE(half);
  EXPECT_EQ(half->text(half->lines.front()), "half a");
  EXPECT_TRUE(half->is_unterminated);
  EXPECT_THAT(lines_after(60s), IsEmpty());
  append("error.log", " line\nnext\n");
  const auto whole = next();
  ASSERT_TRUE(whole);
  EXPECT_FALSE(whole->is_unterminated);
  EXPECT_EQ(whole->already_emitted, 6u);
  Lines all;
  append_lines(*whole, all);
  EXPECT_THAT(all, ElementsAre("half a line", "next"));
  EXPECT_EQ(whole->lines.front().offset, 0u);
}

TEST_F(FileFollowerTest, RemembersOverARestartHowMuchOfALineItHasGivenOut) {
  append("error.log", "before\nhalf a");
  start();
  EXPECT_THAT(lines(), ElementsAre("before"));
  EXPECT_THAT(lines_after(500ms), ElementsAre("half a"));
  restart();
  EXPECT_THAT(lines_after(60s), IsEmpty());
  append("error.log", " line");
  EXPECT_THAT(lines(), IsEmpty());
  wait(500ms);
  const auto longer = next();
  ASSERT_TRUE(longer);
  EXPECT_EQ(longer->text(longer->lines.front()), "half a line");
  EXPECT_EQ(longer->already_emitted, 6u);
  rename("error.log", "error.log.1");
  append("error.log.1", "!\n");
  restart();
  const auto whole = next();
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->text(whole->lines.front()), "half a line!");
  EXPECT_EQ(whole->already_emitted, 11u);
}

TEST_F(FileFollowerTest, GivesOutTheHeadOfALineThatGrowsTooLongAfterPartOfItWasTold) {
  options.longest_line = 8;
  append("error.log", "0123");
  start();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(lines_after(500ms), ElementsAre("0123"));
  append("error.log", "456789");
  const auto head = next();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->text(head->lines.front()), "01234567");
  EXPECT_EQ(head->already_emitted, 4u);
  append("error.log", "abc\nnext\n");
  EXPECT_THAT(lines(), ElementsAre("next"));
}

TEST_F(FileFollowerTest, GivesOutNothingForTheBareEndOfALineThatWasTold) {
  append("error.log", "complete");
  start();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(lines_after(500ms), ElementsAre("complete"));
  restart();
  append("error.log", "\nnext\n");
  EXPECT_THAT(lines(), ElementsAre("next"));
}

TEST_F(FileFollowerTest, WaitsAnewWhenAnUnterminatedLineGrows) {
  append("error.log", "a");
  start();
  EXPECT_THAT(lines(), IsEmpty());
  wait(400ms);
  append("error.log", "b");
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(lines_after(400ms), IsEmpty());
  append("error.log", "c\n");
  EXPECT_THAT(lines(), ElementsAre("abc"));
}

TEST_F(FileFollowerTest, GoesOnWhenTheClockIsSetBack) {
  append("error.log", "a");
  start();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(lines_after(-24h), IsEmpty());
  EXPECT_THAT(lines_after(500ms), ElementsAre("a"));
}

TEST_F(FileFollowerTest, GivesEachFileItsTurn) {
  source.globs = {path("*.log")};
  options.batch_bytes = 4096;
  options.longest_line = 1024;
  std::string much;
  while (much.size() < 40000) much += "0123456789\n";
  append("busy.log", much);
  append("calm.log", "hello\n");
  start();
  std::vector<std::string> names;
  for (int i = 0; i < 4; ++i) names.push_back(std::filesystem::path(next()->source_name).filename());
  EXPECT_THAT(names, ElementsAre("busy.log", "calm.log", "busy.log", "busy.log"));
}

TEST_F(FileFollowerTest, KeepsTheHeadOfAnEndlessLineAndTheLinesBehindIt) {
  append("error.log", "before\nstart of it");
  shell("head -c 30000000 /dev/zero | tr '\\0' x >> " + path("error.log"));
  append("error.log", "\nafter\n");
  start();
  const Lines all = lines();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0], "before");
  EXPECT_EQ(all[1], "start of it" + std::string(64 * 1024 - 11, 'x'));
  EXPECT_EQ(all[2], "after");
  EXPECT_EQ(follower->counts().cut_lines, 1u);
}

TEST_F(FileFollowerTest, DoesNotWorkThroughAnEndlessLineInOneCall) {
  shell("head -c 40000000 /dev/zero | tr '\\0' x > " + path("error.log"));
  start();
  EXPECT_EQ(next()->lines.size(), 1u);  // its head
  EXPECT_FALSE(follower->next(now));
  EXPECT_EQ(follower->next_deadline(), now);
  EXPECT_LT(follower->counts().bytes, 20'000'000u);
}

TEST_F(FileFollowerTest, SkipsTheHoleThatTruncationLeavesUnderAWriterThatDoesNotAppend) {
  append("error.log", "first\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("first"));
  truncate("error.log");
  truncate("error.log", 124'000'000);
  append("error.log", "second\n");
  EXPECT_THAT(lines(), ElementsAre("second"));
  EXPECT_EQ(follower->counts().nul_bytes, 124'000'000u);
  EXPECT_LT(follower->counts().bytes, 1'000'000u);  // the hole was not read
}

TEST_F(FileFollowerTest, SaysThatAFileCannotBeReadAndWhenItCanAgain) {
  std::filesystem::permissions(path(""), std::filesystem::perms(0755));
  append("error.log", "secret\n");
  std::filesystem::permissions(path("error.log"), std::filesystem::perms(0));
  without_rights([&] { start(); });
  const std::string trouble = "cannot read " + path("error.log") + ": Permission denied (will try again)";
  EXPECT_THAT(follower->take_messages(), ElementsAre(trouble));
  EXPECT_EQ(follower->counts().unreadable_files, 1u);
  without_rights([&] { EXPECT_THAT(lines_after(2s), IsEmpty()); });
  EXPECT_THAT(follower->take_messages(), IsEmpty());
  std::filesystem::permissions(path("error.log"), std::filesystem::perms(0644));
  without_rights([&] { EXPECT_THAT(lines(), ElementsAre("secret")); });
  EXPECT_THAT(follower->take_messages(), ElementsAre(path("error.log") + " can be read now"));
  EXPECT_EQ(follower->counts().unreadable_files, 0u);
}

TEST_F(FileFollowerTest, GoesOnWithTheFilesItHasWhenDescriptorsEnd) {
  source.globs = {path("*.log")};
  options.max_open_files = 1000;
  for (int i = 0; i < 40; ++i) append("log" + std::to_string(100 + i) + ".log", "line\n");
  const FewDescriptors limit(20);
  start();
  const std::size_t at_first = lines().size();
  EXPECT_GT(at_first, 5u);
  EXPECT_LT(at_first, 40u);
  EXPECT_THAT(follower->take_messages(),
              ElementsAre(testing::EndsWith(
                  ": too many open files; raise the limit (LimitNOFILE in systemd) (will try again)")));
  limit.lift();
  EXPECT_EQ(at_first + lines_after(2s).size(), 40u);
}

}  // namespace
}  // namespace triaged::sources

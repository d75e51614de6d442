// A named pipe as the daemon reads it: writers that come and go, lines that are not whole, a path that changes.
#include <gmock/gmock.h>

#include "sources/pipe/pipe_source.hpp"
#include "tests/support/written_pipe.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using NamedPipe = WrittenPipe;

TEST_F(NamedPipe, GivesOutWholeLinesWithACursorBehindThem) {
  start();
  open_writer();
  write("one\ntwo\r\nthr");
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->source_name, path());
  EXPECT_EQ(batch->source, 0u);
  EXPECT_EQ(batch->cursor.stream, "pipe:" + path());
  EXPECT_EQ(batch->cursor.state, R"({"offset":9})");
  EXPECT_EQ(batch->observed_at, now);
  EXPECT_EQ(batch->ahead, "thr");
  EXPECT_TRUE(batch->envelopes.empty());
  ASSERT_EQ(batch->lines.size(), 2u);
  EXPECT_EQ(batch->text(batch->lines[1]), "two");
  EXPECT_EQ(batch->lines[1].offset, 4u);
  EXPECT_THAT(lines(), IsEmpty());
  write("ee\n");
  EXPECT_THAT(lines(), ElementsAre("three"));
}

TEST_F(NamedPipe, IsSilentUntilSomebodyOpensItAndWrites) {
  start();
  EXPECT_FALSE(is_readable());
  open_writer();
  EXPECT_FALSE(is_readable());
  write("one\n");
  EXPECT_TRUE(is_readable());
  EXPECT_THAT(lines(), ElementsAre("one"));
  EXPECT_FALSE(is_readable());
}

TEST_F(NamedPipe, IsReadOnWhenAnotherWriterComes) {
  start();
  for (const char* line : {"one", "two", "three"}) {
    open_writer();
    write(std::string(line) + "\n");
    close_writer();
    EXPECT_THAT(lines(), ElementsAre(line));
    EXPECT_FALSE(is_readable()) << "the end is not met again and again";
  }
  EXPECT_EQ(metric("triaged_stream_ends_total"), 3);
  EXPECT_EQ(source->ending(), Ending::of_itself);
  EXPECT_THAT(source->take_messages(), IsEmpty());
}

TEST_F(NamedPipe, IsReadInLargeBatchesWhenMuchStandsInIt) {
  start();
  open_writer();
  const auto written = write_until_full("0123456789abcde\n");
  std::size_t lines = 0, batches = 0;
  for (; const auto batch = next(); ++batches) lines += batch->lines.size();
  EXPECT_EQ(lines, written);
  EXPECT_LE(batches, written * 16 / (60 * 1024) + 1) << "what was seen ahead makes no batch of its own";
}

TEST_F(NamedPipe, EndsALineWithItsWriter) {
  start();
  open_writer();
  write("no line end");
  close_writer();
  EXPECT_THAT(lines(), ElementsAre("no line end"));
  open_writer();
  write("next\n");
  EXPECT_THAT(lines(), ElementsAre("next"));
}

TEST_F(NamedPipe, GivesOutALineWhoseEndDoesNotComeAndAgainWhenItIsWhole) {
  start();
  open_writer();
  write("half");
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_EQ(source->next_deadline(), now + 500ms);
  now += 500ms;
  const auto half = next();
  ASSERT_TRUE(half);
  EXPECT_TRUE(half->is_unterminated);
  EXPECT_EQ(half->bytes, "half");
  write(" a line\n");
  const auto whole = next();
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->text(whole->lines.at(0)), "half a line");
  EXPECT_EQ(whole->already_emitted, 4u);
  EXPECT_FALSE(whole->is_unterminated);
}

TEST_F(NamedPipe, GivesOutNothingTwiceWhenTheWriterLeavesBehindALineWithoutAnEnd) {
  start();
  open_writer();
  write("half");
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(lines_after(500ms), ElementsAre("half"));
  close_writer();
  EXPECT_THAT(lines(), IsEmpty());
  open_writer();
  write("next\n");
  EXPECT_THAT(lines(), ElementsAre("next"));
}

TEST_F(NamedPipe, CutsALineThatIsTooLong) {
  start();
  open_writer();
  const std::string part(32 * 1024, 'x');
  Lines all;
  for (int i = 0; i < 4; ++i) {
    write(part);
    for (auto& line : lines()) all.push_back(std::move(line));
  }
  write("\nnext\n");
  for (auto& line : lines()) all.push_back(std::move(line));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0], std::string(64 * 1024, 'x'));
  EXPECT_EQ(all[1], "next");
  EXPECT_EQ(metric("triaged_stream_cut_lines_total"), 1);
}

TEST_F(NamedPipe, IsFoundWhenItIsMadeLater) {
  std::filesystem::remove(path());
  start();
  EXPECT_THAT(source->take_messages(),
              ElementsAre("cannot read " + path() + ": No such file or directory (will try again)"));
  EXPECT_THAT(lines_after(1s), IsEmpty());
  EXPECT_THAT(source->take_messages(), IsEmpty()) << "said once";
  make_pipe();
  EXPECT_THAT(lines_after(1s), IsEmpty());
  EXPECT_THAT(source->take_messages(), ElementsAre(path() + " can be read now"));
  open_writer();
  write("one\n");
  EXPECT_THAT(lines(), ElementsAre("one"));
}

TEST_F(NamedPipe, IsFoundWhenItIsMadeAnew) {
  start();
  open_writer();
  write("old\n");
  std::filesystem::remove(path());
  make_pipe();
  EXPECT_THAT(lines(), ElementsAre("old"));
  close_writer();
  EXPECT_THAT(lines(), IsEmpty());
  open_writer();
  write("new\n");
  EXPECT_THAT(lines(), ElementsAre("new"));
}

TEST_F(NamedPipe, IsFoundWhenItIsMadeAnewAndNobodyHadWrittenIntoTheOldOne) {
  start();
  std::filesystem::remove(path());
  make_pipe();
  EXPECT_THAT(lines_after(1s), IsEmpty());
  open_writer();
  write("new\n");
  EXPECT_THAT(lines(), ElementsAre("new"));
}

TEST_F(NamedPipe, IsNotReadWhenSomethingElseStandsThere) {
  std::filesystem::remove(path());
  Descriptor(::open(path().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)).close();
  start();
  EXPECT_THAT(source->take_messages(),
              ElementsAre("cannot read " + path() + ": it is not a named pipe (will try again)"));
  EXPECT_EQ(metric("triaged_stream_open"), 0);
}

TEST_F(NamedPipe, EndsTheDaemonWithItsWriterWhenItIsToldTo) {
  at_end = "stop";
  start();
  EXPECT_EQ(source->ending(), Ending::awaited);
  open_writer();
  write("one\n");
  close_writer();
  EXPECT_THAT(lines(), ElementsAre("one"));
  EXPECT_EQ(source->ending(), Ending::awaited) << "nobody knows yet what came of the line";
  EXPECT_THAT(source->take_messages(), ElementsAre(path() + " has ended"));
  EXPECT_EQ(source->next_deadline(), TimePoint::max());
  commit();
  EXPECT_EQ(source->ending(), Ending::reached);
}

TEST_F(NamedPipe, SaysWhatItCounts) {
  start();
  open_writer();
  write("one\ntwo\n");
  EXPECT_THAT(lines(), ElementsAre("one", "two"));
  std::vector<Metric> metrics;
  source->add_to(metrics);
  for (const auto& metric : metrics) {
    EXPECT_EQ(metric.values.at(0).labels, (std::vector<std::pair<std::string, std::string>>{{"source", path()}}));
  }
  EXPECT_EQ(metric("triaged_stream_open"), 1);
  EXPECT_EQ(metric("triaged_stream_read_bytes_total"), 8);
  EXPECT_EQ(source->summary(), path());
}

}  // namespace
}  // namespace triaged::sources

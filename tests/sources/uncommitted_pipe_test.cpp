// What was read of a stream and not committed: it is emitted again after a reload, and too much of it stops reading.
#include <gmock/gmock.h>

#include "sources/line_splitter.hpp"
#include "sources/pipe/pipe_source.hpp"
#include "tests/support/written_pipe.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class UncommittedStream : public WrittenPipe {
 protected:
  /// start() takes what is emitted again; here it is to be seen.
  Lines reload() {
    open();
    return lines();
  }
};

TEST_F(UncommittedStream, IsGivenOutAgainAfterAReload) {
  start();
  open_writer();
  write("one\n");
  EXPECT_THAT(lines(), ElementsAre("one"));
  commit();
  write("two\n");
  EXPECT_THAT(lines(), ElementsAre("two"));
  write("three\n");
  EXPECT_THAT(lines(), ElementsAre("three"));
  EXPECT_THAT(reload(), ElementsAre("two", "three"));
  EXPECT_THAT(reload(), ElementsAre("two", "three")) << "still not committed";
  commit();
  EXPECT_THAT(reload(), IsEmpty());
  write("four\n");
  EXPECT_THAT(lines(), ElementsAre("four"));
}

TEST_F(UncommittedStream, IsGivenOutAgainAsItWas) {
  start();
  open_writer();
  write("one\nha");
  const auto before = next();
  EXPECT_THAT(lines_after(500ms), ElementsAre("ha"));
  open();
  const auto again = next();
  ASSERT_TRUE(before && again);
  EXPECT_EQ(again->bytes, before->bytes);
  EXPECT_EQ(again->ahead, before->ahead);
  EXPECT_EQ(again->lines.at(0).offset, before->lines.at(0).offset);
  EXPECT_EQ(again->cursor.state, before->cursor.state);
  EXPECT_EQ(again->observed_at, before->observed_at);
  EXPECT_GE(again->bytes.capacity(), again->bytes.size() + padding_after_text);
  const auto half = next();
  ASSERT_TRUE(half);
  EXPECT_TRUE(half->is_unterminated);
  write("lf\n");
  EXPECT_THAT(lines(), ElementsAre("half")) << "what is in memory of an open line is kept, too";
}

TEST_F(UncommittedStream, KeepsItsPipeOpenThroughAReload) {
  start();
  open_writer();
  write("one\n");
  EXPECT_THAT(lines(), ElementsAre("one"));
  commit();
  source.reset();
  kept.forget_unused();
  EXPECT_THROW(open_writer(), std::runtime_error) << "without a source in the new configuration it is closed";
  EXPECT_THAT(reload(), IsEmpty());
  open_writer();
  write("two\n");
  EXPECT_THAT(lines(), ElementsAre("two"));
  source.reset();
  write("three\n");
  EXPECT_THAT(reload(), ElementsAre("two", "three"));
}

TEST_F(UncommittedStream, StopsReadingUntilThereIsRoomAgainAndLosesNothing) {
  start();
  open_writer();
  const std::string line = std::string(1023, 'x') + "\n";
  std::size_t written = 0, read = 0;
  while (metric("triaged_stream_waiting") == 0) {
    written += write_until_full(line);
    read += lines().size();
  }
  EXPECT_GE(read * line.size(), max_uncommitted_bytes - max_uncommitted_bytes / 8);
  EXPECT_LE(read * line.size(), max_uncommitted_bytes);
  written += write_until_full(line);
  EXPECT_EQ(write_until_full(line), 0u) << "the writer would wait now";
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_FALSE(is_readable()) << "nobody is woken for what is not to be read";
  EXPECT_EQ(source->next_deadline(), TimePoint::max());
  commit();
  EXPECT_EQ(metric("triaged_stream_uncommitted_bytes"), 0);
  read += lines().size();
  EXPECT_EQ(read, written);
  EXPECT_FALSE(is_readable());
  write("last\n");
  EXPECT_TRUE(is_readable());
  EXPECT_THAT(lines(), ElementsAre("last"));
}

TEST_F(UncommittedStream, GoesOnCountingAfterARestart) {
  start();
  open_writer();
  write("one\n");
  EXPECT_THAT(lines(), ElementsAre("one"));
  commit();
  write("lost\n");
  EXPECT_THAT(lines(), ElementsAre("lost"));
  write("in the pipe\n");
  restart();  // reads what stands in the pipe
  EXPECT_EQ(cursor.state, R"({"offset":16})") << "behind what was committed, by the length of the line in the pipe";
  EXPECT_THAT(source->take_messages(), IsEmpty());
}

TEST_F(UncommittedStream, SaysWhatADamagedLedgerHasCost) {
  start();
  open_writer();
  write("one\n");
  EXPECT_THAT(lines(), ElementsAre("one"));
  commit();
  checkpoint.clear();
  EXPECT_THAT(reload(), IsEmpty());
  EXPECT_THAT(
      source->take_messages(),
      ElementsAre("4 bytes of " + path() + " were read before the ledger was damaged and cannot be read again"));
}

}  // namespace
}  // namespace triaged::sources

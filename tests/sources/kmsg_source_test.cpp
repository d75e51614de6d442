// The kernel's log as the daemon reads it, from a copy of records: what comes, what was read before, what is missing.
#include "sources/kmsg/kmsg_source.hpp"

#include <fstream>
#include <limits>
#include <memory>

#include <gmock/gmock.h>

#include "sources/make_source.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Texts = std::vector<std::string>;

class KernelLog : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return (folder_.path() / "kmsg").string(); }

  void write(std::uint64_t sequence, const std::string& text, int priority = 6) {
    std::ofstream(path(), std::ios::app) << priority << ',' << sequence << ',' << 1000 * sequence << ",-;" << text
                                         << "\n SUBSYSTEM=acpi\n";
  }

  void open() {
    source_ =
        std::make_unique<KmsgSource>(KmsgOptions{.path = path(), .start = start},
                                     SourceOrigin{.checkpoint = checkpoint_, .now = now, .kept = kept_}, HostBoot{});
  }
  std::optional<LineBatch> next() {
    auto batch = source_->next(now);
    if (batch) cursor_ = batch->cursor;
    return batch;
  }
  Texts lines() {
    Texts lines;
    while (auto batch = next()) {
      for (const auto& line : batch->lines) lines.emplace_back(batch->text(line));
    }
    return lines;
  }
  void commit() { checkpoint_ = {cursor_}; }
  [[nodiscard]] Texts messages() { return source_->take_messages(); }
  [[nodiscard]] double metric(std::string_view name) const {
    std::vector<Metric> metrics;
    source_->add_to(metrics);
    for (const auto& metric : metrics) {
      if (metric.name == name) return metric.values.at(0).value;
    }
    throw std::runtime_error("no metric " + std::string(name));
  }

  KmsgOptions::Start start = KmsgOptions::Start::checkpoint;
  TimePoint now{1'800'000'000s};

 private:
  TemporaryFolder folder_;
  KeptStates kept_;
  std::vector<Cursor> checkpoint_;
  Cursor cursor_;
  std::unique_ptr<KmsgSource> source_;
};

TEST_F(KernelLog, HasNoPastInACopyWhichDoesNotSayWhenItWasWritten) {
  write(7, "Out of memory: Killed process 7 (python3)", 3);
  open();
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->followed_from, 0U);
}

TEST(KernelLogPosition, KeepsSinceWhenTheLogIsFollowed) {
  const auto known =
      read_kmsg_state(to_state({.boot = "b", .sequence = 7, .offset = 9, .followed_since = TimePoint(3s)}));
  ASSERT_TRUE(known);
  EXPECT_EQ(known->followed_since, TimePoint(3s));
  EXPECT_EQ(known->sequence, 7U);
}

TEST_F(KernelLog, HasAnEnvelopeThatSaysWhoWroteIt) {
  write(7, "Out of memory: Killed process 7 (python3)", 3);
  write(8, "systemd[1]: Out of memory", 30);
  open();
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->source_name, "kernel");
  EXPECT_EQ(batch->cursor.stream, "kernel:" + path());
  EXPECT_EQ(batch->cursor.state, R"({"boot":"0","offset":56,"sequence":8})");
  EXPECT_EQ(batch->bytes, "Out of memory: Killed process 7 (python3)\nOut of memory\n");
  ASSERT_EQ(batch->envelopes.size(), 2u);
  EXPECT_EQ(batch->envelopes[0], (Envelope{.program = "kernel", .priority = 3, .is_kernel = true}));
  EXPECT_EQ(
      batch->envelopes[1],
      (Envelope{.program = "systemd", .pid = "1", .priority = 6, .stream = "written by systemd", .is_kernel = false}));
}

TEST_F(KernelLog, IsReadOnWhereTheLastRunStopped) {
  write(1, "one");
  write(2, "two");
  open();
  EXPECT_THAT(lines(), ElementsAre("one", "two"));
  commit();
  write(3, "three");
  open();
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->bytes, "three\n");
  EXPECT_EQ(batch->lines.at(0).offset, 8u);
  EXPECT_THAT(messages(), IsEmpty());
}

TEST_F(KernelLog, CountsTheRecordsThatAreMissing) {
  write(1, "one");
  write(5, "five");
  write(7, "seven");
  open();
  EXPECT_THAT(lines(), ElementsAre("one", "five", "seven"));
  EXPECT_EQ(metric("triaged_kernel_lost_records_total"), 4);
  EXPECT_THAT(messages(), ElementsAre("the kernel overwrote 3 records of its log before they were read (3 so far); a "
                                      "larger buffer (log_buf_len=) keeps more"));
  commit();
  write(10, "ten");
  open();
  EXPECT_THAT(lines(), ElementsAre("ten"));
  EXPECT_EQ(metric("triaged_kernel_lost_records_total"), 2) << "also while nobody read";
}

TEST_F(KernelLog, GoesOnBehindANumberThatNoKernelReaches) {
  write(1, "one");
  write(std::numeric_limits<std::uint64_t>::max(), "the last number there is");
  write(2, "two");
  open();
  EXPECT_THAT(lines(), ElementsAre("one", "two"));
  EXPECT_EQ(metric("triaged_kernel_damaged_records_total"), 1);
  EXPECT_EQ(metric("triaged_kernel_lost_records_total"), 0);
  EXPECT_EQ(metric("triaged_kernel_boots_total"), 0);
}

TEST_F(KernelLog, IsReadFromItsEndWhenThatIsAskedFor) {
  start = KmsgOptions::Start::end;
  write(1, "one");
  write(9, "nine");
  open();
  EXPECT_THAT(lines(), IsEmpty());
  commit();
  write(10, "ten");
  open();
  EXPECT_THAT(lines(), ElementsAre("ten")) << "what came while nobody read is not lost";
  EXPECT_EQ(metric("triaged_kernel_lost_records_total"), 0);
}

TEST_F(KernelLog, BeginsAnewWithABoot) {
  write(1, "one");
  write(2, "two");
  write(1, "one again");
  open();
  EXPECT_THAT(lines(), ElementsAre("one", "two", "one again"));
  EXPECT_EQ(metric("triaged_kernel_boots_total"), 1);
  commit();
  write(2, "two again");
  open();
  EXPECT_THAT(lines(), ElementsAre("two again"));
}

TEST_F(KernelLog, OfAnotherBootIsReadFromItsBeginning) {
  KeptStates kept;
  const std::vector<Cursor> checkpoint{
      {"kernel:/dev/kmsg", to_state({.boot = "before", .sequence = 4000, .offset = 9})}};
  KmsgSource source({.start = KmsgOptions::Start::end}, {.checkpoint = checkpoint, .now = now, .kept = kept},
                    {.id = "after", .at = now});
  EXPECT_THAT(source.take_messages(), ElementsAre("the host has booted since the kernel's log was read last; what the "
                                                  "kernel wrote before and was not read is gone"));
}

TEST_F(KernelLog, PassesOverWhatIsNoRecord) {
  std::ofstream(path()) << "no record\n6,1,1,-;one\n6,2,2,-;never ended";
  open();
  EXPECT_THAT(lines(), ElementsAre("one"));
  EXPECT_EQ(metric("triaged_kernel_damaged_records_total"), 1);
}

TEST_F(KernelLog, IsWaitedForWhereThereIsNone) {
  open();
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(messages(), ElementsAre("cannot read " + path() + ": No such file or directory; will try again"));
  write(1, "one");
  now += 5s;
  EXPECT_THAT(lines(), ElementsAre("one"));
  EXPECT_THAT(messages(), ElementsAre(path() + " can be read now"));
}

TEST(KmsgPositions, ComeBackFromTheirState) {
  const auto position = read_kmsg_state(to_state({.boot = "b", .sequence = 18'446'744'073'709'551'615u, .offset = 3}));
  ASSERT_TRUE(position);
  EXPECT_EQ(position->sequence, 18'446'744'073'709'551'615u);
  EXPECT_EQ(read_kmsg_state(to_state({.boot = "b"}))->sequence, std::nullopt);
  for (const auto* odd : {"", "{}", "[]", R"({"boot":1,"offset":2})", R"({"boot":"a","offset":"x"})",
                          R"({"boot":"a","offset":1,"sequence":-1})"}) {
    EXPECT_FALSE(read_kmsg_state(odd)) << odd;
  }
}

}  // namespace
}  // namespace triaged::sources

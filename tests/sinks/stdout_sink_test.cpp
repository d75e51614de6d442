#include "sinks/stdout_sink.hpp"

#include <array>
#include <csignal>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "tests/support/sample_incidents.hpp"
#include "values/incident_text.hpp"

namespace triaged::sinks {
namespace {

class StdoutSinkOnAPipe : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reader_ = Descriptor(ends[0]);
    writer_ = Descriptor(ends[1]);
  }

  std::string written_for(const Incident& incident, StdoutSink::Format format) {
    StdoutSink sink(writer_.get(), format, TimeZone::utc());
    EXPECT_EQ(sink.deliver({0, "stdout", "key", incident}).outcome, Outcome::delivered);
    std::string bytes(65536, '\0');
    bytes.resize(static_cast<std::size_t>(::read(reader_.get(), bytes.data(), bytes.size())));
    return bytes;
  }

  Descriptor reader_, writer_;
};

TEST_F(StdoutSinkOnAPipe, WritesAPageWithoutColourIntoAPipe) {
  EXPECT_EQ(written_for(samples::killed_worker(), StdoutSink::Format::text),
            to_text(samples::killed_worker(), {.zone = TimeZone::utc()}) + "\n");
}

TEST_F(StdoutSinkOnAPipe, IsBriefAboutAResolvedIncident) {
  EXPECT_EQ(written_for(samples::resolved_worker(), StdoutSink::Format::text),
            to_text(samples::resolved_worker(), {.brief = true, .zone = TimeZone::utc()}) + "\n");
}

TEST_F(StdoutSinkOnAPipe, WritesALineOfJson) {
  EXPECT_EQ(written_for(samples::killed_worker(), StdoutSink::Format::json), to_json(samples::killed_worker()) + "\n");
}

TEST_F(StdoutSinkOnAPipe, TriesAgainWhenNobodyReads) {
  reader_.close();
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  const auto delivery =
      StdoutSink(writer_.get(), StdoutSink::Format::json).deliver({0, "stdout", "key", samples::killed_worker()});
  std::signal(SIGPIPE, before);
  EXPECT_EQ(delivery.outcome, Outcome::try_again);
  EXPECT_EQ(delivery.detail, "cannot write to standard output: Broken pipe");
}

TEST_F(StdoutSinkOnAPipe, DoesNotWaitForEverAndEndsWhatItBegan) {
  ASSERT_GT(::fcntl(writer_.get(), F_SETPIPE_SZ, 4096), 0);
  auto incident = samples::killed_worker();
  incident.title = std::string(20'000, 'x');
  StdoutSink sink(writer_.get(), StdoutSink::Format::json, TimeZone::utc(), std::chrono::milliseconds(1));
  const Notification notification{0, "stdout", "key", incident};
  std::string bytes, chunk(65536, '\0');
  int tries = 1;
  for (; tries < 100; ++tries) {
    const auto delivery = sink.deliver(notification);
    const auto length = ::read(reader_.get(), chunk.data(), chunk.size());
    ASSERT_GT(length, 0);
    bytes.append(chunk, 0, static_cast<std::size_t>(length));
    if (delivery.outcome == Outcome::delivered) break;
    EXPECT_EQ(delivery.detail, "cannot write to standard output: nobody reads it");
  }
  EXPECT_GT(tries, 2);
  EXPECT_EQ(bytes, to_json(incident) + "\n");
}

TEST_F(StdoutSinkOnAPipe, LeavesNothingBehindOfWhatItCouldNotBegin) {
  const int size = ::fcntl(writer_.get(), F_SETPIPE_SZ, 4096);
  const std::string filler(static_cast<std::size_t>(size), '-');
  ASSERT_EQ(::write(writer_.get(), filler.data(), filler.size()), size);
  StdoutSink sink(writer_.get(), StdoutSink::Format::text, TimeZone::utc(), std::chrono::milliseconds(1));
  EXPECT_EQ(sink.deliver({0, "stdout", "1", samples::killed_worker()}).outcome, Outcome::try_again);
  std::string bytes(65536, '\0');
  ASSERT_EQ(::read(reader_.get(), bytes.data(), bytes.size()), size);
  EXPECT_EQ(sink.deliver({0, "stdout", "2", samples::resolved_worker()}).outcome, Outcome::delivered);
  bytes.resize(static_cast<std::size_t>(::read(reader_.get(), bytes.data(), bytes.size())));
  EXPECT_EQ(bytes, to_text(samples::resolved_worker(), {.brief = true, .zone = TimeZone::utc()}) + "\n");
}

}  // namespace
}  // namespace triaged::sinks

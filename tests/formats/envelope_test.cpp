// What the transport says about a line fills in what the line leaves open.
#include "values/envelope.hpp"

#include <gtest/gtest.h>

#include "formats/line_reader.hpp"

namespace triaged::formats {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint sent{1'800'000'000s};

ReadLine read(std::string_view line, const Envelope* envelope) {
  LineReader reader({.source_name = "a.log", .zone = {0s}, .reference = sent});
  ReadLine read;
  reader.read(line, read, 1, envelope);
  return read;
}

TEST(Envelope, GivesTimeAndHostToALineThatSaysNone) {
  const Envelope envelope{.at = sent, .host = "web1", .program = "app", .pid = "7"};
  const auto line = read("something failed", &envelope);
  EXPECT_EQ(line.time, sent);
  EXPECT_EQ(line.host, "web1");
  EXPECT_EQ(line.message, "something failed");
}

TEST(Envelope, LeavesALineItsOwnTimeAndHost) {
  const Envelope envelope{.at = sent, .host = "web1"};
  const auto line = read("2026-11-21T01:08:11+00:00 lb haproxy[24684]: Server app/a1 is DOWN.", &envelope);
  EXPECT_EQ(line.time, parse_rfc3339("2026-11-21T01:08:11Z"));
  EXPECT_EQ(line.host, "lb");
}

TEST(Envelope, SaysNothingWhenThereIsNoneOrItIsEmpty) {
  const Envelope empty;
  for (const auto* envelope : {&empty, static_cast<const Envelope*>(nullptr)}) {
    const auto line = read("something failed", envelope);
    EXPECT_FALSE(line.time.has_value());
    EXPECT_EQ(line.host, "");
  }
}

}  // namespace
}  // namespace triaged::formats

#include "scan/line_origins.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triaged::scan {
namespace {

const TimePoint noon = *parse_rfc3339("2026-11-21T12:00:00Z");
const TimePoint modified = *parse_rfc3339("2026-11-21T14:30:00Z");

Evidence piece(std::uint64_t offset, TimePoint at = noon) {
  return {.source = "error.log", .offset = offset, .at = at, .line = "a line"};
}

MatchedLine line_at(std::uint64_t offset) { return {.source = "error.log", .offset = offset, .at = noon}; }

/// A log in three files, the second of which begins at its byte 100.
std::vector<LogReading> rotated() {
  return {{.name = "error.log",
           .parts = {{"error.log.2.gz", 0}, {"error.log.1", 100}, {"error.log", 250}},
           .modified_at = modified}};
}

TEST(LineOrigins, NameTheFileInWhichEachLineStands) {
  Incident incident{.evidence = {piece(40), piece(100), piece(249), piece(300)}};
  LineOrigins().complete(incident, rotated());
  std::vector<std::pair<std::string, std::uint64_t>> places;
  for (const auto& each : incident.evidence) places.emplace_back(each.source, each.offset);
  EXPECT_THAT(places, testing::ElementsAre(std::pair("error.log.2.gz", 40), std::pair("error.log.1", 0),
                                           std::pair("error.log.1", 149), std::pair("error.log", 50)));
  EXPECT_EQ(incident.written_before, TimePoint{});
}

TEST(LineOrigins, NameTheFileOfALinkOfTheChain) {
  Incident incident{.chain = {{.at = noon, .source = "error.log", .line = "a line"}}, .evidence = {piece(40)}};
  LineOrigins().complete(incident, rotated());
  EXPECT_EQ(incident.chain[0].source, "error.log.2.gz");
  EXPECT_EQ(incident.chain[0].at, noon);
}

TEST(LineOrigins, TakeAwayATimeThatIsNotTheLinesOwn) {
  Incident incident{.first_seen = noon,
                    .last_seen = noon,
                    .causes = {{.cause = "because", .because = {{to_rfc3339(noon) + " app: it failed", 1.0}}}},
                    .chain = {{.at = noon, .source = "error.log", .line = "a line"}},
                    .evidence = {piece(40)}};
  LineOrigins origins;
  origins.note_undated(line_at(40));
  origins.complete(incident, rotated());
  EXPECT_EQ(incident.evidence[0].at, TimePoint{});
  EXPECT_EQ(incident.chain[0].at, TimePoint{});
  EXPECT_EQ(incident.causes[0].because[0].text, "app: it failed");
  EXPECT_EQ(incident.written_before, modified);
  EXPECT_EQ(incident.first_seen, modified);
  EXPECT_EQ(incident.last_seen, modified);
}

TEST(LineOrigins, LeaveAnIncidentItsTimeWhenOneLineHasOne) {
  Incident incident{.first_seen = noon, .last_seen = noon, .evidence = {piece(40), piece(90)}};
  LineOrigins origins;
  origins.note_undated(line_at(40));
  origins.complete(incident, rotated());
  EXPECT_EQ(incident.evidence[0].at, TimePoint{});
  EXPECT_EQ(incident.evidence[1].at, noon);
  EXPECT_EQ(incident.written_before, TimePoint{});
  EXPECT_EQ(incident.first_seen, noon);
}

}  // namespace
}  // namespace triaged::scan

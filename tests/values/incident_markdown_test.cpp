#include "values/incident_markdown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/sample_incidents.hpp"

namespace triaged {
namespace {

using testing::HasSubstr;

TEST(IncidentMarkdown, LetsNothingActThatAClientWrote) {
  auto incident = samples::killed_worker();
  incident.title = "404 for /![x](http://evil.example/x.png)";
  incident.causes.front().because = {{"only /<img src=x> fails", 1.5}};
  incident.workarounds.front().action = "look at /*a*_b_";
  const auto markdown = to_markdown(incident);
  EXPECT_THAT(markdown, HasSubstr("# critical: 404 for /\\!\\[x\\](http://evil.example/x.png)\n"));
  EXPECT_THAT(markdown, HasSubstr("  - +1.5 only /\\<img src=x\\> fails\n"));
  EXPECT_THAT(markdown, HasSubstr("look at /\\*a\\*\\_b\\_"));
}

TEST(IncidentMarkdown, SaysWhatTheSiteHasReportedOfAWorkaround) {
  auto incident = samples::killed_worker();
  incident.workarounds[1].here = {.worked = 7, .failed = 2};
  const auto markdown = to_markdown(incident);
  EXPECT_THAT(markdown,
              HasSubstr("2. Run fewer workers, so that each has more memory (60% success, worked 7 of 9 here)"));
  EXPECT_THAT(markdown, HasSubstr("(85% success)\n"));
}

TEST(IncidentMarkdown, FencesALineThatHoldsAFence) {
  auto incident = samples::killed_worker();
  incident.evidence.front().line = "``` # not a heading";
  EXPECT_THAT(to_markdown(incident), HasSubstr("````\n``` # not a heading\n````\n"));
}

}  // namespace
}  // namespace triaged

#include "values/incident_markdown.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/sample_incidents.hpp"

namespace triaged::inline values {
namespace {

using testing::HasSubstr;

TEST(IncidentMarkdown, LetsNothingActThatAClientWrote) {
  auto incident = samples::killed_worker();
  incident.title = "404 for /![x](http://evil.example/x.png)";
  incident.causes.front().because = {{"only /<img src=x> fails", 1.5}};
  incident.workarounds.front().action = "look at /*a*_b_";
  const auto markdown = to_markdown(incident, TimeZone::utc());
  EXPECT_THAT(markdown, HasSubstr("# critical: 404 for `/![x](http://evil.example/x.png)`\n"));
  EXPECT_THAT(markdown, HasSubstr("  - +1.5 only /\\<img src=x\\> fails\n"));
  EXPECT_THAT(markdown, HasSubstr("look at /\\*a\\*\\_b\\_"));
}

/// The Markdown with an "x" for each piece of code and each escaped character: the rest is what a program may act on.
std::string without_code(const std::string& markdown) {
  std::string rest;
  for (std::size_t at = 0; at < markdown.size();) {
    if (markdown[at] == '\\') {
      at += 2;
      rest += 'x';
      continue;
    }
    if (markdown[at] != '`') {
      rest += markdown[at++];
      continue;
    }
    const auto length = std::min(markdown.find_first_not_of('`', at), markdown.size()) - at;
    auto end = at + length;
    for (std::size_t run = 0; end < markdown.size() && run != length;) {
      const auto begin = std::min(markdown.find('`', end), markdown.size());
      end = std::min(markdown.find_first_not_of('`', begin), markdown.size());
      run = end - begin;
    }
    at = end;
    rest += 'x';
  }
  return rest;
}

TEST(IncidentMarkdown, MakesNoLinkMentionOrFormattingOfAnyField) {
  const std::vector<std::string> pieces = {"http://evil.example/x",
                                           "www.evil.example",
                                           "@everyone",
                                           "a@evil.example",
                                           "~~gone~~",
                                           "#12",
                                           "!34",
                                           "$x^2$",
                                           ":tada:",
                                           "&commat;team",
                                           "<b>",
                                           "**bold**",
                                           "_it_",
                                           "`code`",
                                           "``",
                                           "[a](b)",
                                           "![a](b)",
                                           "\\",
                                           "- item",
                                           "1. item",
                                           "+ item",
                                           "= =",
                                           "> quote",
                                           "| a | b |",
                                           "    four",
                                           "HTTPS://EVIL.example",
                                           "mailto:a",
                                           "xmpp:a",
                                           "`",
                                           " ",
                                           "word"};
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    const auto hostile = [&] {
      std::string text;
      for (auto left = 1 + random() % 4; left > 0; --left)
        text += pieces[random() % pieces.size()] + (random() % 2 == 0 ? " " : "");
      return text;
    };
    auto incident = samples::killed_worker();
    incident.docs.clear();
    incident.title = hostile();
    incident.entity.value = hostile();
    incident.host = hostile();
    incident.causes.front().text = hostile();
    incident.causes.front().because = {{hostile(), 1.5}};
    incident.workarounds.front().action = hostile();
    incident.workarounds.front().how = hostile();
    incident.dead_ends = {{hostile(), hostile(), 0.5}};
    incident.chain.front().source = incident.evidence.front().source = hostile();
    incident.evidence.front().line = hostile();
    const auto markdown = to_markdown(incident, TimeZone::utc());
    auto rest = without_code(markdown);
    for (const auto* ours : {"# critical: ", "## Root cause", "## What to do", "## What not to bother with", "## Chain",
                             "## Evidence", "**About:**", "**Seen:**", "**Incident:**", "**oom-kill**"}) {
      for (auto at = rest.find(ours); at != std::string::npos; at = rest.find(ours))
        rest.erase(at, std::string(ours).size());
    }
    for (const auto* acting :
         {"://", "www.", "@", "~", "#", "!", "$", "&", "<", "_", "[", "`", "|", ":tada", "mailto:", "xmpp:"}) {
      ASSERT_EQ(rest.find(acting), std::string::npos) << "seed " << seed << ": " << acting << "\n" << markdown;
    }
    ASSERT_THAT(rest, testing::Not(testing::ContainsRegex("\n *(=|\\+|[0-9]+[.)] +([-+]|[0-9]+[.)]) )"))) << markdown;
  }
}

TEST(IncidentMarkdown, SaysWhatTheSiteHasReportedOfAWorkaround) {
  auto incident = samples::killed_worker();
  incident.workarounds[1].here = {.worked = 7, .failed = 2};
  const auto markdown = to_markdown(incident, TimeZone::utc());
  EXPECT_THAT(markdown,
              HasSubstr("2. Run fewer workers, so that each has more memory (60% success, worked 7 of 9 here)"));
  EXPECT_THAT(markdown, HasSubstr("(85% success)\n"));
}

TEST(IncidentMarkdown, SaysThatTheTimeIsUnknownWhenTheLinesCarryNone) {
  Incident incident{.written_before = samples::at("2026-11-21T03:12:44Z"), .count = 1};
  incident.chain = {{.rule = "app/rule", .source = "app.log", .says = "app: it failed"}};
  const auto text = to_markdown(incident, TimeZone::utc());
  EXPECT_NE(text.find("- **Seen:** time unknown: no line has one; written before 2026-11-21 03:12:44 UTC, 1 time\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("- app: it failed (symptom), app.log\n"), std::string::npos) << text;
}

TEST(IncidentMarkdown, FencesALineThatHoldsAFence) {
  auto incident = samples::killed_worker();
  incident.evidence.front().line = "``` # not a heading";
  EXPECT_THAT(to_markdown(incident, TimeZone::utc()), HasSubstr("````\n``` # not a heading\n````\n"));
}

}  // namespace
}  // namespace triaged::inline values

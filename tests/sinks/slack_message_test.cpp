#include "sinks/slack_message.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/utf8.hpp"
#include "tests/support/sample_incidents.hpp"

namespace triaged::sinks {
namespace {

namespace dom = simdjson::dom;

/// Every text of a message, the fallback first.
/// Of somebody who reads the message an hour later.
const LocalClock clock_of_reader{.zone = TimeZone::utc(), .today = samples::at("2026-11-21T02:00:00Z")};

std::vector<std::string> texts_of(dom::element message) {
  std::vector<std::string> texts = {std::string(message["text"].get_string().value())};
  const dom::array blocks = message["blocks"];
  for (const dom::element block : blocks) {
    dom::element holder;
    if (block["text"].get(holder) != simdjson::SUCCESS) holder = block["elements"].at(0).value();
    texts.emplace_back(holder["text"].get_string().value());
  }
  return texts;
}

std::vector<std::string> texts_of(const Incident& incident) {
  dom::parser parser;
  return texts_of(parser.parse(slack_message(incident, clock_of_reader)).value());
}

std::string all_of(const Incident& incident) {
  std::string all;
  for (const auto& text : texts_of(incident)) all += text + "\n";
  return all;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

TEST(SlackMessage, TellsTheDiagnosisInTheOrderInWhichItIsRead) {
  EXPECT_EQ(
      texts_of(samples::killed_worker()),
      (std::vector<std::string>{
          "critical: The kernel killed a Gunicorn worker for want of memory (upstream 127.0.0.1:8000 on web1), 12 "
          "times in 3s. Cause (93%): The memory limit of gunicorn.service was reached while a request was served; the "
          "kernel killed worker 1459. Do first: Raise the memory limit of the service, then find the request that "
          "needs so much.",
          "🔴 The kernel killed a Gunicorn worker for want of memory",
          "upstream 127.0.0.1:8000 on web1\ncritical, seen 12 times, first 01:15:18 UTC, last 01:15:22 (3s later)",
          R"(*Root cause* (93%) `oom-kill`
The memory limit of gunicorn.service was reached while a request was served; the kernel killed worker 1459.
• 01:15:18 kernel: The kernel killed a process because memory ran out
• the worker ended by signal 9
• no worker time-out was logged before it
• against it: one request path is behind all failures)",
          R"(*Do this first*
Raise the memory limit of the service, then find the request that needs so much (works in 85% of cases)
```systemctl set-property gunicorn.service MemoryMax=512M
journalctl -k --since -10min | grep -i 'killed process'```)",
          R"(*Otherwise*
2. Run fewer workers, so that each has more memory (works in 60% of cases)
```gunicorn --workers 2 shop.wsgi```
3. Recycle workers before they grow (works in 40% of cases)
```gunicorn --max-requests 500 --max-requests-jitter 50 shop.wsgi```)",
          R"(*Do not bother:* Raise proxy_read_timeout in nginx (fails in 95% of cases) – The connection was closed at once; nobody waited for an answer.
*Do not bother:* Restarting nginx changes nothing: nginx only reports what happened behind it. (fails in 90% of cases))",
          R"(*Chain*
`01:15:18` root kernel: The kernel killed a process because memory ran out kernel.log
`01:15:18` then gunicorn: Worker was killed with SIGKILL gunicorn-error.log
`01:15:18` symptom nginx: 502: the upstream closed the connection without an answer nginx-error.log)",
          R"(*Evidence*
01:15:18 kernel: The kernel killed a process because memory ran out, kernel.log
```2026-11-21T01:15:18.112866+00:00 web1 kernel: [ 3820.160557] Memory cgroup out of memory: Killed process 1459 (gunicorn) total-vm:96116kB, anon-rss:78760kB, file-rss:8556kB, shmem-rss:0kB, UID:33 pgtables:220kB oom_score_adj:0```
01:15:18 nginx: 502: the upstream closed the connection without an answer, nginx-error.log
```2026/11/21 01:15:18 [error] 1474#1474: *114 upstream prematurely closed connection while reading response header from upstream, client: 127.0.0.34, server: shop.example.com, request: "GET /api/export?mb=400&amp;id=0 HTTP/1.1", upstream: "http://127.0.0.1:8000/api/export?mb=400&amp;id=0", host: "shop.example.com", referrer: "https://shop.example.com/"```
01:15:19 nginx: 502: the upstream closed the connection without an answer, nginx-error.log
```2026/11/21 01:15:19 [error] 1473#1473: *138 upstream prematurely closed connection while reading response header from upstream, client: 127.0.1.124, server: shop.example.com, request: "GET /api/export?mb=400&amp;id=1 HTTP/1.1", upstream: "http://127.0.0.1:8000/api/export?mb=400&amp;id=1", host: "shop.example.com"```)",
          "Incident `01KAJ0Z5V0W5X9GQ3T7C2M4N6P` · <https://docs.gunicorn.org/en/stable/faq.html|Documentation>"}));
}

TEST(SlackMessage, NamesTheDateWhenItIsNotToday) {
  dom::parser parser;
  const LocalClock tomorrow{.zone = TimeZone::utc(), .today = samples::at("2026-11-22T02:00:00Z")};
  const auto texts = texts_of(parser.parse(slack_message(samples::killed_worker(), tomorrow)).value());
  EXPECT_TRUE(contains(texts.at(2), "first 2026-11-21 01:15:18 UTC, last 2026-11-21 01:15:22 (3s later)")) << texts[2];
}

TEST(SlackMessage, SaysWhatTheSiteHasReportedOfAWorkaround) {
  auto incident = samples::killed_worker();
  incident.workarounds[1].here = {.worked = 7, .failed = 2};
  const auto all = all_of(incident);
  EXPECT_NE(all.find("more memory (works in 60% of cases, worked 7 of 9 times here)"), std::string::npos) << all;
}

TEST(SlackMessage, IsShortWhenResolved) {
  EXPECT_EQ(
      texts_of(samples::resolved_worker()),
      (std::vector<std::string>{
          "resolved: The kernel killed a Gunicorn worker for want of memory (upstream 127.0.0.1:8000 on web1) after "
          "3s, seen 12 times. Cause (93%): The memory limit of gunicorn.service was reached while a request was "
          "served; the kernel killed worker 1459.",
          "✅ Resolved: The kernel killed a Gunicorn worker for want of memory",
          "upstream 127.0.0.1:8000 on web1\nseen 12 times, first 01:15:18 UTC, last 01:15:22 "
          "(3s later)",
          "*It was* (93%) The memory limit of gunicorn.service was reached while a request was served; the kernel "
          "killed worker 1459.",
          "Incident `01KAJ0Z5V0W5X9GQ3T7C2M4N6P` · <https://docs.gunicorn.org/en/stable/faq.html|Documentation>"}));
}

TEST(SlackMessage, HasBlocksOfTheRightKinds) {
  dom::parser parser;
  const dom::array blocks = parser.parse(slack_message(samples::killed_worker(), clock_of_reader))["blocks"];
  const auto text_at = [&](std::size_t block, std::string_view pointer) {
    return blocks.at(block).value().at_pointer(pointer).get_string().value();
  };
  EXPECT_EQ(text_at(0, "/type"), "header");
  EXPECT_EQ(text_at(0, "/text/type"), "plain_text");
  EXPECT_EQ(text_at(1, "/type"), "section");
  EXPECT_EQ(text_at(1, "/text/type"), "mrkdwn");
  EXPECT_TRUE(blocks.at(1)["text"]["verbatim"].get_bool().value());
  EXPECT_EQ(text_at(blocks.size() - 1, "/type"), "context");
}

TEST(SlackMessage, CutsEvidenceFirstAndSaysSo) {
  auto incident = samples::killed_worker();
  incident.evidence.assign(30, {"app.log", 0, TimePoint{}, std::string(400, 'e')});
  const auto all = all_of(incident);
  EXPECT_TRUE(contains(all, "_… and 26 more_")) << all;
  EXPECT_TRUE(contains(all, "Shortened for Slack: evidence. "));
  EXPECT_TRUE(contains(all, "*Do not bother:* Raise proxy_read_timeout in nginx"));
}

TEST(SlackMessage, KeepsFirstWorkaroundAndDeadEndsWhenEverythingIsLong) {
  auto incident = samples::killed_worker();
  const std::string long_text(3000, 'x');
  for (auto& cause : incident.causes) cause.text = cause.because.emplace_back().text = long_text;
  incident.workarounds.assign(9, {"Do " + long_text, long_text + "\n" + long_text, 0.5, 0.5, ""});
  incident.dead_ends.assign(9, {"Not " + long_text, long_text, 0.5});
  incident.chain.assign(50, {long_text, ChainRole::symptom, TimePoint{}, long_text, long_text});
  incident.evidence.assign(50, {long_text, 0, TimePoint{}, long_text});
  const auto all = all_of(incident);
  EXPECT_TRUE(contains(all, "*Do this first*\nDo xxx"));
  EXPECT_TRUE(contains(all, "*Do not bother:* Not xxx"));
  EXPECT_TRUE(contains(all, "Shortened for Slack: dead ends, other workarounds, chain, evidence. ")) << all;
  EXPECT_FALSE(contains(all, "*Evidence*"));
}

TEST(SlackMessage, LinksToDocumentationOnlyWhenTheAddressIsPlain) {
  auto incident = samples::killed_worker();
  const auto linked = [&](const std::string& docs) {
    incident.docs = docs;
    return contains(all_of(incident), "|Documentation>");
  };
  EXPECT_TRUE(linked("https://nginx.org/?a=1&b=2"));
  EXPECT_FALSE(linked("javascript:alert(1)"));
  EXPECT_FALSE(linked("https://nginx.org/|evil>"));
  EXPECT_FALSE(linked("https://nginx.org/ x"));
  EXPECT_FALSE(linked(""));
}

/// Nothing in it mentions anybody or links anywhere, but for the link to documentation; no entity is cut.
bool is_inert(std::string_view text) {
  for (auto at = text.find_first_of("&<>"); at != std::string_view::npos; at = text.find_first_of("&<>", at + 1)) {
    const auto rest = text.substr(at);
    const bool is_entity = rest.starts_with("&amp;") || rest.starts_with("&lt;") || rest.starts_with("&gt;");
    const auto end = rest.find("|Documentation>");
    const bool is_link = rest.starts_with("<http") && end != std::string_view::npos &&
                         rest.substr(1, end).find_first_of("<>") == std::string_view::npos;
    if (!is_entity && !is_link) return false;
    if (is_link) at += end + 14;
  }
  return true;
}

void expect_within_limits(const std::string& body) {
  ASSERT_EQ(to_valid_utf8(body), body);
  dom::parser parser;
  const dom::element message = parser.parse(body);
  ASSERT_LE(message["blocks"].get_array().value().size(), SlackLimits::blocks);
  const auto texts = texts_of(message);
  ASSERT_LE(texts.at(1).size(), SlackLimits::header);
  std::size_t total = 0;
  for (const auto& text : texts) {
    ASSERT_FALSE(text.empty());
    ASSERT_LE(text.size(), SlackLimits::section);
    ASSERT_TRUE(is_inert(text)) << text;
    ASSERT_EQ(std::count_if(
                  text.begin(), text.end(),
                  [](char byte) { return static_cast<unsigned char>(byte) < 0x20 && byte != '\n' && byte != '\t'; }),
              0);
    total += text.size();
  }
  ASSERT_LE(total, SlackLimits::all_text);
}

TEST(SlackMessage, NeverExceedsALimitWhateverTheIncidentHolds) {
  samples::HostileIncidents incidents(3000);
  for (int i = 0; i < 3000; ++i) {
    ASSERT_NO_FATAL_FAILURE(expect_within_limits(slack_message(incidents.next(), clock_of_reader))) << i;
  }
}

TEST(SlackMessage, HasTextEvenForAnIncidentOfWhichNothingIsKnown) {
  EXPECT_EQ(texts_of(Incident{}), (std::vector<std::string>{"info: .", "🔵 Incident", "info, seen 0 times"}));
}

}  // namespace
}  // namespace triaged::sinks

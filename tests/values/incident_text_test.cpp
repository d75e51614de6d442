#include "values/incident_text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/utf8.hpp"
#include "tests/support/sample_incidents.hpp"
#include "values/wrap_text.hpp"

namespace triaged::inline values {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::size_t widest_row(std::string_view text) {
  std::size_t widest = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    widest = std::max(widest, columns_of(text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  return widest;
}

Incident incident_with_text(std::string text) {
  Incident incident;
  incident.title = text;
  incident.causes = {{"cause", "rule", 0.5, text, {{text, 1.0}}}};
  incident.chain = {{text, ChainRole::root, TimePoint{}, text, text},
                    {text, ChainRole::symptom, TimePoint{}, text, text}};
  incident.workarounds = {{text, text + text, 0.5, 0.5, ""}, {text, "", 0.5, 0.5, ""}};
  incident.dead_ends = {{text, text, 0.5}};
  incident.evidence = {{text, 0, TimePoint{}, text}};
  incident.docs = text;
  incident.id = text;
  return incident;
}

TEST(IncidentText, TellsTheWholeStoryOnOnePage) {
  EXPECT_EQ(to_text(samples::killed_worker(), {.width = 100, .zone = TimeZone::utc()}),
            R"(CRITICAL  The kernel killed a Gunicorn worker for want of memory
          upstream 127.0.0.1:8000 on web1
          first seen 2026-11-21 01:15:18 UTC, last seen 01:15:22 (3s later), 12 times

Root cause  93%, oom-kill
  The memory limit of gunicorn.service was reached while a request was served; the kernel killed
  worker 1459.
    + 01:15:18 kernel: The kernel killed a process because memory ran out
    + the worker ended by signal 9
    + no worker time-out was logged before it
    - one request path is behind all failures
  or  5%  Somebody sent SIGKILL to the worker.
  or  2%  The application closed the connection itself.

Do this first  works in 85% of cases
  Raise the memory limit of the service, then find the request that needs so much
      systemctl set-property gunicorn.service MemoryMax=512M
      journalctl -k --since -10min | grep -i 'killed process'

Otherwise
  2. Run fewer workers, so that each has more memory (works in 60% of cases)
         gunicorn --workers 2 shop.wsgi
  3. Recycle workers before they grow (works in 40% of cases)
         gunicorn --max-requests 500 --max-requests-jitter 50 shop.wsgi

Do not bother
  x Raise proxy_read_timeout in nginx (fails in 95% of cases)
    The connection was closed at once; nobody waited for an answer.
  x Restarting nginx changes nothing: nginx only reports what happened behind it (fails in 90% of
    cases)

Chain  what led to what
  01:15:18  root     kernel: The kernel killed a process because memory ran out (kernel.log)
                     2026-11-21T01:15:18.112866+00:00 web1 kernel: [ 3820.160557] Memory cgroup out
                     of memory: Killed process 1459 (gunicorn) total-vm:96116kB, anon-rss:78760kB,…
  01:15:18  then     gunicorn: Worker was killed with SIGKILL (gunicorn-error.log)
                     [2026-11-21 01:15:18 +0000] [1457] [WARNING] Worker with pid 1459 was
                     terminated due to signal 9
  01:15:18  symptom  nginx: 502: the upstream closed the connection without an answer
                     (nginx-error.log)
                     2026/11/21 01:15:18 [error] 1474#1474: *114 upstream prematurely closed
                     connection while reading response header from upstream, client: 127.0.0.34,…

Evidence
  01:15:19 nginx: 502: the upstream closed the connection without an answer (nginx-error.log)
    2026/11/21 01:15:19 [error] 1473#1473: *138 upstream prematurely closed connection while reading
    response header from upstream, client: 127.0.1.124, server: shop.example.com, request: "GET
    /api/export?mb=400&id=1 HTTP/1.1", upstream: "http://127.0.0.1:8000/api/export?mb=400&id=1",
    host: "shop.example.com"

Docs      https://docs.gunicorn.org/en/stable/faq.html
Rules     kernel/oom-kill, gunicorn/worker-sigkill, nginx/upstream-premature-close
Incident  01KAJ0Z5V0W5X9GQ3T7C2M4N6P
)");
}

TEST(IncidentText, TellsOnlyHeadingAndRootCauseWhenBrief) {
  EXPECT_EQ(to_text(samples::resolved_worker(), {.width = 60, .brief = true, .zone = TimeZone::utc()}),
            R"(RESOLVED  The kernel killed a Gunicorn worker for want of
          memory
          upstream 127.0.0.1:8000 on web1
          first seen 2026-11-21 01:15:18 UTC, last seen
          01:15:22 (3s later), 12 times

Root cause  93%, oom-kill
  The memory limit of gunicorn.service was reached while a
  request was served; the kernel killed worker 1459.
)");
}

TEST(IncidentText, NumbersAnUpdate) {
  auto incident = samples::killed_worker();
  incident.change = Change::updated;
  incident.change_number = 3;
  EXPECT_TRUE(contains(to_text(incident, {}), "for want of memory (update 2)\n"));
}

TEST(IncidentText, ColoursOnlyWhenAsked) {
  EXPECT_TRUE(to_text(samples::killed_worker(), {.colour = true}).starts_with("\x1b[1;31mCRITICAL  \x1b[0m"));
  EXPECT_FALSE(contains(to_text(samples::killed_worker(), {.colour = false}), "\x1b"));
}

TEST(IncidentText, NeverLetsALogLineActOnTheTerminal) {
  const auto page = to_text(incident_with_text("a\x1b[2J\x1b]0;t\x07\r\0b\xff\xc2\x9b"s), {});
  for (const char byte : page) ASSERT_TRUE(static_cast<unsigned char>(byte) >= 0x20 || byte == '\n') << page;
  EXPECT_FALSE(contains(page, "\xc2\x9b"));
  EXPECT_EQ(to_valid_utf8(page), page);
  EXPECT_TRUE(contains(page, "a\\x1b[2J\\x1b]0;t\\x07"));
}

TEST(IncidentText, StaysInsideItsWidthExceptWhereACommandMustStayWhole) {
  const auto incident =
      incident_with_text("Why, 汉字漢字漢字漢字漢字漢字漢字漢字 and " + std::string(300, 'x') + " end.");
  EXPECT_LE(widest_row(to_text(incident, {.width = 60, .brief = true})), 60U);
  auto with_command = samples::killed_worker();
  with_command.workarounds[0].how = std::string(150, 'c');
  EXPECT_TRUE(contains(to_text(with_command, {.width = 60}), "\n      " + std::string(150, 'c') + "\n"));
}

TEST(IncidentText, BreaksNoRowWithoutAWidth) {
  auto incident = samples::killed_worker();
  incident.causes[0].text = std::string(500, 'x') + " " + std::string(500, 'y');
  EXPECT_TRUE(contains(to_text(incident, {.width = 0}), "\n  " + incident.causes[0].text + "\n"));
}

TEST(IncidentText, WrapsASentenceAmongTheCommands) {
  auto incident = samples::killed_worker();
  incident.workarounds[0].how =
      "Check upstream server logs for application crashes or resource exhaustion.\ngunicorn --workers=4";
  EXPECT_TRUE(contains(to_text(incident, {.width = 60}), R"(
      Check upstream server logs for application crashes or
      resource exhaustion.
      gunicorn --workers=4
)"));
}

TEST(IncidentText, SaysHowManyMoreWorkaroundsThereAre) {
  auto incident = samples::killed_worker();
  incident.workarounds.resize(9, {"Wait", "", 0.1, 0.1, ""});
  const auto page = to_text(incident, {});
  EXPECT_TRUE(contains(page, "  5. Wait (works in 10% of cases)\n  and 4 more\n\nDo not bother"));
}

TEST(IncidentText, SaysWhatTheSiteHasReportedOfAWorkaround) {
  auto incident = samples::killed_worker();
  incident.workarounds[0].here = {.worked = 7, .failed = 2, .rule_success_rate = 0.85, .rule_weight = 4};
  incident.workarounds[1].here = {.worked = 0, .failed = 1, .rule_success_rate = 0.6, .rule_weight = 4};
  const auto page = to_text(incident, {.width = 0});
  EXPECT_TRUE(contains(page, "Do this first  works in 85% of cases, worked 7 of 9 times here\n"));
  EXPECT_TRUE(contains(page, "more memory (works in 60% of cases, worked 0 of 1 time here)\n"));
  incident.workarounds[1].success_rate = 0;
  EXPECT_TRUE(contains(to_text(incident, {.width = 0}), "more memory (worked 0 of 1 time here)\n"));
}

TEST(IncidentText, HasTimesOfTheReadersZoneAndTheDateOnOtherDays) {
  auto incident = samples::killed_worker();
  incident.first_seen = incident.evidence[2].at = samples::at("2026-11-21T04:59:58Z");
  incident.last_seen = samples::at("2026-11-21T05:00:03Z");
  const auto page = to_text(incident, {.width = 0, .zone = *TimeZone::named("America/New_York")});
  EXPECT_TRUE(contains(page, "first seen 2026-11-20 23:59:58 EST, last seen 2026-11-21 00:00:03 (5s later)")) << page;
  EXPECT_TRUE(contains(page, "\n  23:59:58 nginx: 502: the upstream closed the connection")) << page;
}

TEST(IncidentText, ShowsTheRuleWhereAnOlderVersionKeptNoWords) {
  auto incident = samples::killed_worker();
  for (auto& link : incident.chain) link.says.clear();
  EXPECT_TRUE(contains(to_text(incident, {.width = 0}), "root     kernel/oom-kill (kernel.log)\n"));
}

TEST(IncidentText, SaysThatAnIncidentIsAcknowledged) {
  auto incident = samples::killed_worker();
  incident.acknowledged = samples::at("2026-11-21T01:20:00Z");
  EXPECT_TRUE(contains(to_text(incident, {.zone = TimeZone::utc()}), "\n          acknowledged at 01:20:00\n"));
}

TEST(IncidentText, SaysWhatIsStillOpen) {
  auto incident = samples::killed_worker();
  incident.open_questions = {{"oom-kill", "kernel/oom-kill", "No kernel log of that time was read."}};
  EXPECT_TRUE(contains(to_text(incident, {}), "Still open\n  ? No kernel log of that time was read.\n"));
}

TEST(IncidentText, SaysWhyTheSeverityIsAnotherAndHowManyRequestsFailed) {
  auto incident = samples::killed_worker();
  incident.impact = {.failing = 3, .of = 300, .users_see = true};
  EXPECT_TRUE(contains(to_text(incident, {}), "\n          3 of 300 requests failed\n"));
  incident.impact->users_see = false;
  EXPECT_TRUE(
      contains(to_text(incident, {}), "\n          no request failed: other servers answered 300 after a retry\n"));
  incident.severity_because = "error, not critical: 3 of 300 requests failed in 60 s";
  EXPECT_TRUE(contains(to_text(incident, {}), "\n          error, not critical: 3 of 300 requests failed in 60 s\n"));
}

TEST(IncidentText, ShowsTheOldestAndTheTwoNewestLinesOfMuchEvidence) {
  Incident incident;
  for (int i = 0; i < 9; ++i) incident.evidence.push_back({"app.log", 0, TimePoint{}, "line " + std::to_string(i)});
  const auto page = to_text(incident, {});
  EXPECT_TRUE(contains(page, "line 0") && contains(page, "line 7") && contains(page, "line 8"));
  EXPECT_FALSE(contains(page, "line 1") || contains(page, "line 6"));
}

TEST(IncidentText, ShowsAllEvidenceAndWorkaroundsWhenAsked) {
  auto incident = samples::killed_worker();
  for (int i = 0; i < 7; ++i) incident.workarounds.push_back({fmt::format("Advice {}", i), "", 0.1, 0.1, ""});
  incident.chain.clear();
  incident.evidence.clear();
  for (int i = 0; i < 9; ++i)
    incident.evidence.push_back({"error.log", 0, samples::at("2026-11-21T01:15:18Z"), fmt::format("line {}", i)});
  const auto text = to_text(incident, {.width = 0, .shows_all = true, .zone = TimeZone::utc()});
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(contains(text, fmt::format("Advice {}", i))) << i;
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(contains(text, fmt::format("line {}\n", i))) << i;
  EXPECT_FALSE(contains(text, " more\n"));
}

TEST(IncidentText, SaysThatTheTimeIsUnknownWhenTheLinesCarryNone) {
  auto incident = samples::killed_worker();
  incident.first_seen = incident.last_seen = incident.written_before = samples::at("2026-11-21T03:12:44Z");
  incident.evidence = {{"app.log", 0, TimePoint{}, "a line", "app/rule", "app: it failed"}};
  incident.chain.clear();
  const auto text = to_text(incident, {.width = 0, .zone = TimeZone::utc()});
  EXPECT_TRUE(contains(text,
                       "\n          time unknown: no line has one; written before 2026-11-21 03:12:44 UTC, "
                       "12 times\n"))
      << text;
  EXPECT_TRUE(contains(text, "\n  app: it failed (app.log)\n")) << text;
}

TEST(IncidentText, IsShortForAnIncidentOfWhichNothingIsKnown) {
  Incident incident;
  incident.title = "Something";
  incident.count = 1;
  EXPECT_EQ(to_text(incident, {}), "INFO  Something\n      once\n\n");
}

TEST(IncidentText, SurvivesAnyIncident) {
  samples::HostileIncidents incidents(7);
  for (int i = 0; i < 100; ++i) {
    const auto incident = incidents.next();
    const auto page = to_text(incident, {.width = 80}) + to_summary(incident);
    ASSERT_EQ(to_valid_utf8(page), page);
    ASSERT_FALSE(contains(page, "\x1b"));
    ASSERT_FALSE(contains(to_summary(incident), "\n"));
  }
}

TEST(IncidentSummary, SaysWhatWhereWhyAndWhatFirst) {
  EXPECT_EQ(
      to_summary(samples::killed_worker()),
      "critical: The kernel killed a Gunicorn worker for want of memory (upstream 127.0.0.1:8000 on web1), 12 times in "
      "3s. Cause (93%): The memory limit of gunicorn.service was reached while a request was served; the kernel killed "
      "worker 1459. Do first: Raise the memory limit of the service, then find the request that needs so much.");
}

TEST(IncidentSummary, SaysHowLongAResolvedIncidentLasted) {
  EXPECT_EQ(
      to_summary(samples::resolved_worker()),
      "resolved: The kernel killed a Gunicorn worker for want of memory (upstream 127.0.0.1:8000 on web1) after 3s, "
      "seen "
      "12 times. Cause (93%): The memory limit of gunicorn.service was reached while a request was served; the kernel "
      "killed worker 1459.");
}

TEST(IncidentPhrases, NeverRoundToCertainty) {
  EXPECT_EQ(percent(0), "0%");
  EXPECT_EQ(percent(0.0004), "<1%");
  EXPECT_EQ(percent(0.934), "93%");
  EXPECT_EQ(percent(0.9999), "99%");
  EXPECT_EQ(percent(1), "100%");
  EXPECT_EQ(percent(std::nan("")), "?");
}

TEST(IncidentPhrases, GiveADurationInItsTwoLargestUnits) {
  Incident incident;
  const auto lasting = [&](std::chrono::seconds seconds) {
    incident.last_seen = incident.first_seen + seconds;
    return span_of(incident);
  };
  EXPECT_EQ(lasting(0s), "0s");
  EXPECT_EQ(lasting(125s), "2m5s");
  EXPECT_EQ(lasting(24h + 3h + 59min), "1d3h");
  EXPECT_EQ(lasting(24h + 59min), "1d");
  EXPECT_EQ(lasting(-5s), "0s");
}

TEST(IncidentPhrases, NameTheSubject) {
  Incident incident;
  EXPECT_EQ(subject_of(incident), "");
  incident.host = "web1";
  EXPECT_EQ(subject_of(incident), "on web1");
  incident.entity = {"upstream", "10.0.0.5:80"};
  EXPECT_EQ(subject_of(incident), "upstream 10.0.0.5:80 on web1");
  incident.entity = {"host", "web1"};
  EXPECT_EQ(subject_of(incident), "host web1");
  incident.entity = {"host", ""};
  EXPECT_EQ(subject_of(incident), "host web1");
  incident.host = "";
  EXPECT_EQ(subject_of(incident), "host (its name is in no line)");
}

TEST(IncidentPhrases, TellTheSentenceOfAnAdviceFromItsCommands) {
  const auto sentence_and_commands = [](const char* action, const char* how) {
    const auto advice = advice_of({action, how, 0, 0, ""});
    return std::pair(advice.sentence, advice.commands);
  };
  EXPECT_EQ(sentence_and_commands("Restart", "systemctl restart app\n"),
            std::pair("Restart"s, "systemctl restart app"s));
  EXPECT_EQ(sentence_and_commands("Add workers:\ngunicorn -w 4", "Add workers:\ngunicorn -w 4"),
            std::pair("Add workers:"s, "gunicorn -w 4"s));
  EXPECT_EQ(sentence_and_commands("", "Add workers\ngunicorn -w 4"), std::pair("Add workers"s, "gunicorn -w 4"s));
  EXPECT_EQ(sentence_and_commands("Add\na", "b"), std::pair("Add"s, "a\nb"s));
}

}  // namespace
}  // namespace triaged::inline values

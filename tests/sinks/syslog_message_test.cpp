#include "sinks/syslog_message.hpp"

#include <regex>

#include <gtest/gtest.h>

#include "base/utf8.hpp"
#include "tests/support/sample_incidents.hpp"

namespace triaged::sinks {
namespace {

const SyslogSender sender{
    .facility = 3, .app_name = "triaged", .host_name = "web1", .process_id = 1457, .zone = TimeZone::utc()};

TEST(SyslogMessage, SaysEverythingTheWayRfc5424Wants) {
  EXPECT_EQ(
      rfc5424_message(samples::killed_worker(), sender, 2048),
      "<26>1 2026-11-21T01:15:22.000000Z web1 triaged 1457 opened "
      "[triaged@32473 incident=\"01KAJ0Z5V0W5X9GQ3T7C2M4N6P\" key=\"9f2c61d07be4a835\" change=\"opened\" "
      "severity=\"critical\" cause=\"oom-kill\" probability=\"93%\" rule=\"kernel/oom-kill\" count=\"12\" "
      "entityKind=\"upstream\" entity=\"127.0.0.1:8000\" host=\"web1\"] "
      "\xEF\xBB\xBF"
      "critical: The kernel killed a Gunicorn worker for want of memory (upstream 127.0.0.1:8000 on web1), 12 times in "
      "3s. Cause (93%): The memory limit of gunicorn.service was reached while a request was served; the kernel killed "
      "worker 1459. Do first: Raise the memory limit of the service, then find the request that needs so much. "
      "At 01:15:18 UTC: kernel: The kernel killed a process because memory ran out: "
      "2026-11-21T01:15:18.112866+00:00 web1 kernel: [ 3820.160557] Memory cgroup out of memory: Killed process 1459 "
      "(gunicorn) total-vm:96116kB, anon-rss:78760kB, file-rss:8556kB, shmem-rss:0kB, UID:33 pgtables:220kB "
      "oom_score_adj:0");
}

TEST(SyslogMessage, MapsSeveritiesAndTheEndToThoseOfSyslog) {
  const auto priority_of = [](Severity severity, IncidentState state) {
    Incident incident;
    incident.severity = severity;
    incident.state = state;
    const auto message = rfc5424_message(incident, {.facility = 16, .host_name = "h"}, 2048);
    return message.substr(0, message.find('>') + 1);
  };
  EXPECT_EQ(priority_of(Severity::critical, IncidentState::open), "<130>");
  EXPECT_EQ(priority_of(Severity::error, IncidentState::open), "<131>");
  EXPECT_EQ(priority_of(Severity::warning, IncidentState::open), "<132>");
  EXPECT_EQ(priority_of(Severity::info, IncidentState::open), "<134>");
  EXPECT_EQ(priority_of(Severity::critical, IncidentState::resolved), "<133>");
}

TEST(SyslogMessage, WritesADashForWhatIsNotKnown) {
  EXPECT_TRUE(
      rfc5424_message(Incident{}, {.process_id = 1}, 2048)
          .starts_with("<30>1 - - triaged 1 opened [triaged@32473 change=\"opened\" severity=\"info\" count=\"0\"] "));
}

TEST(SyslogMessage, EscapesWhatWouldEndAValue) {
  Incident incident;
  incident.entity = {"path", "a]\"\\\n\x1b\xff"};
  EXPECT_NE(rfc5424_message(incident, sender, 2048)
                .find(R"( entity="a\]\"\\\\x0a\\x1b)"
                      "\xEF\xBF\xBD\"]"),
            std::string::npos)
      << rfc5424_message(incident, sender, 2048);
}

TEST(SyslogMessage, CutsTheTextAndNeverTheStructure) {
  auto incident = samples::killed_worker();
  incident.causes[0].text = std::string(9000, 'x');
  const auto message = rfc5424_message(incident, sender, 2048);
  EXPECT_EQ(message.size(), 2048U);
  EXPECT_TRUE(message.ends_with("xxx…"));
  EXPECT_NE(message.find("host=\"web1\"] \xEF\xBB\xBF"), std::string::npos);
}

TEST(SyslogMessage, KeepsEveryLimitWhateverTheIncidentHolds) {
  // The grammar of RFC 5424, section 6, with its lengths.
  const std::regex header(
      R"(^<(0|[1-9][0-9]{0,2})>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) [!-~]{1,255} [!-~]{1,48} [!-~]{1,128} [!-~]{1,32} \[triaged@32473)");
  samples::HostileIncidents incidents(5424);
  for (int i = 0; i < 1000 && !testing::Test::HasFailure(); ++i) {
    const auto message = rfc5424_message(
        incidents.next(),
        {.facility = 23, .app_name = incidents.text(100), .host_name = incidents.text(400), .process_id = 99999}, 2048);
    ASSERT_LE(message.size(), 2048U);
    ASSERT_EQ(to_valid_utf8(message), message);
    for (const char byte : message) ASSERT_TRUE(static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7F) << message;
    ASSERT_TRUE(std::regex_search(message.substr(0, 600), header)) << message;
    ASSERT_NE(message.find("\"] \xEF\xBB\xBF"), std::string::npos) << message;
  }
}

TEST(SyslogMessage, SpeaksTheLocalFormInOneLine) {
  EXPECT_EQ(
      local_message(samples::resolved_worker(), sender, 8192),
      "<29>triaged[1457]: resolved: The kernel killed a Gunicorn worker for want of memory (upstream 127.0.0.1:8000 on "
      "web1) after 3s, seen 12 times. Cause (93%): The memory limit of gunicorn.service was reached while a request "
      "was "
      "served; the kernel killed worker 1459. [incident 01KAJ0Z5V0W5X9GQ3T7C2M4N6P]");
}

}  // namespace
}  // namespace triaged::sinks

#include <gtest/gtest.h>

#include "base/utf8.hpp"
#include "tests/support/must.hpp"
#include "tests/support/sample_incidents.hpp"
#include "values/incident.hpp"

namespace triaged::inline values {
namespace {

using namespace std::string_literals;

/// The incident with every text as JSON can hold it.
Incident with_valid_text(Incident incident) {
  const auto mend = [](std::string& text) { text = to_valid_utf8(text); };
  for (auto* text : {&incident.id, &incident.key, &incident.title, &incident.entity.kind, &incident.entity.value,
                     &incident.host, &incident.docs}) {
    mend(*text);
  }
  for (auto& cause : incident.causes) {
    mend(cause.cause), mend(cause.rule), mend(cause.text);
    for (auto& reason : cause.because) mend(reason.text), reason.log_odds = std::round(reason.log_odds * 1e4) / 1e4;
  }
  for (auto& link : incident.chain) mend(link.rule), mend(link.source), mend(link.line);
  for (auto& advice : incident.workarounds) {
    mend(advice.action), mend(advice.how), mend(advice.cause), mend(advice.rule), mend(advice.id);
  }
  for (auto& dead_end : incident.dead_ends) mend(dead_end.action), mend(dead_end.why_fails);
  for (auto& piece : incident.evidence) mend(piece.source), mend(piece.line);
  for (auto& rule : incident.rules) mend(rule);
  return incident;
}

void expect_equal_lists(const Incident& read, const Incident& written) {
  ASSERT_EQ(read.causes.size(), written.causes.size());
  for (std::size_t i = 0; i < read.causes.size(); ++i) {
    const auto &a = read.causes[i], &b = written.causes[i];
    EXPECT_EQ(std::tie(a.cause, a.rule, a.probability, a.text), std::tie(b.cause, b.rule, b.probability, b.text));
    ASSERT_EQ(a.because.size(), b.because.size());
    for (std::size_t j = 0; j < a.because.size(); ++j) {
      EXPECT_EQ(a.because[j].text, b.because[j].text);
      EXPECT_DOUBLE_EQ(a.because[j].log_odds, b.because[j].log_odds);
    }
  }
  ASSERT_EQ(read.chain.size(), written.chain.size());
  for (std::size_t i = 0; i < read.chain.size(); ++i) {
    const auto &a = read.chain[i], &b = written.chain[i];
    EXPECT_EQ(std::tie(a.rule, a.role, a.at, a.source, a.line), std::tie(b.rule, b.role, b.at, b.source, b.line));
  }
  ASSERT_EQ(read.evidence.size(), written.evidence.size());
  for (std::size_t i = 0; i < read.evidence.size(); ++i) {
    const auto &a = read.evidence[i], &b = written.evidence[i];
    EXPECT_EQ(std::tie(a.source, a.offset, a.at, a.line), std::tie(b.source, b.offset, b.at, b.line));
  }
}

void expect_equal_advice(const Incident& read, const Incident& written) {
  ASSERT_EQ(read.workarounds.size(), written.workarounds.size());
  for (std::size_t i = 0; i < read.workarounds.size(); ++i) {
    const auto &a = read.workarounds[i], &b = written.workarounds[i];
    EXPECT_EQ(std::tie(a.action, a.how, a.success_rate, a.score, a.cause, a.rule, a.id, a.here),
              std::tie(b.action, b.how, b.success_rate, b.score, b.cause, b.rule, b.id, b.here));
  }
  ASSERT_EQ(read.dead_ends.size(), written.dead_ends.size());
  for (std::size_t i = 0; i < read.dead_ends.size(); ++i) {
    const auto &a = read.dead_ends[i], &b = written.dead_ends[i];
    EXPECT_EQ(std::tie(a.action, a.why_fails, a.fail_rate), std::tie(b.action, b.why_fails, b.fail_rate));
  }
}

void expect_equal(const Incident& read, const Incident& written) {
  EXPECT_EQ(std::tie(read.id, read.key, read.state, read.change, read.change_number, read.severity, read.title),
            std::tie(written.id, written.key, written.state, written.change, written.change_number, written.severity,
                     written.title));
  EXPECT_EQ(read.acknowledged, written.acknowledged);
  EXPECT_EQ(std::tie(read.entity, read.host, read.first_seen, read.last_seen, read.count, read.rules, read.confidence,
                     read.docs),
            std::tie(written.entity, written.host, written.first_seen, written.last_seen, written.count, written.rules,
                     written.confidence, written.docs));
  expect_equal_lists(read, written);
  expect_equal_advice(read, written);
}

std::string message_of(std::string_view json) {
  const auto incident = incident_from_json(json);
  return incident ? "" : incident.error().message;
}

TEST(IncidentJson, WritesTheFieldsOfSchemaOneInTheirOrder) {
  Incident incident;
  incident.id = "01KAJ0Z5V0";
  incident.key = "9f2c";
  incident.severity = Severity::critical;
  incident.title = "One of three upstreams is registered but gone";
  incident.entity = {"upstream", "127.0.0.1:8003"};
  incident.host = "web-1";
  incident.first_seen = incident.last_seen = samples::at("2026-11-21T00:36:06Z");
  incident.count = 31;
  incident.causes = {{"stale-upstream-registration",
                      "nginx/upstream-connection-refused",
                      0.93,
                      "Nobody lives there.",
                      {{"only 1 of 3 fails", 2.1}}}};
  incident.chain = {{"nginx/a", ChainRole::root, samples::at("2026-11-21T00:36:06Z"), "nginx-error.log", "x"}};
  incident.workarounds = {{"Remove it", "nginx -t", 0.9, 0.84, "stale-upstream-registration"}};
  incident.dead_ends = {{"Restart nginx", "It is healthy.", 0.9}};
  incident.evidence = {{"nginx-error.log", 1234, samples::at("2026-11-21T00:36:06Z"), "y"}};
  incident.rules = {"nginx/a"};
  incident.confidence = 0.9;
  incident.docs = "https://nginx.org/";
  EXPECT_EQ(
      to_json(incident),
      R"({"schema":1,"incident":"01KAJ0Z5V0","key":"9f2c","state":"open","change":"opened","change_number":1,)"
      R"("severity":"critical","title":"One of three upstreams is registered but gone",)"
      R"("entity":{"kind":"upstream","value":"127.0.0.1:8003"},"host":"web-1",)"
      R"("first_seen":"2026-11-21T00:36:06.000000Z","last_seen":"2026-11-21T00:36:06.000000Z","count":31,)"
      R"("root_cause":{"cause":"stale-upstream-registration","rule":"nginx/upstream-connection-refused","probability":0.93,"text":"Nobody lives there."},)"
      R"("causes":[{"cause":"stale-upstream-registration","rule":"nginx/upstream-connection-refused","probability":0.93,"text":"Nobody lives there.",)"
      R"("because":[{"text":"only 1 of 3 fails","log_odds":2.1}]}],"open_questions":[],)"
      R"("chain":[{"rule":"nginx/a","role":"root","at":"2026-11-21T00:36:06.000000Z","source":"nginx-error.log","line":"x"}],)"
      R"("workarounds":[{"action":"Remove it","how":"nginx -t","success_rate":0.9,"score":0.84,"cause":"stale-upstream-registration"}],)"
      R"("dead_ends":[{"action":"Restart nginx","why_fails":"It is healthy.","fail_rate":0.9}],)"
      R"("evidence":[{"source":"nginx-error.log","offset":1234,"at":"2026-11-21T00:36:06.000000Z","line":"y"}],)"
      R"("rules":["nginx/a"],"confidence":0.9,"docs":"https://nginx.org/"})");
}

TEST(IncidentJson, SaysBeforeWhenLinesWithoutATimeWereWritten) {
  Incident incident;
  incident.first_seen = incident.last_seen = incident.written_before = samples::at("2026-11-21T03:12:44Z");
  const auto json = to_json(incident);
  EXPECT_NE(json.find(R"("last_seen":"2026-11-21T03:12:44.000000Z","written_before":"2026-11-21T03:12:44.000000Z",)"),
            std::string::npos)
      << json;
  EXPECT_EQ(must(incident_from_json(json)).written_before, incident.written_before);
}

TEST(IncidentJson, HasWhatIsStillOpenAndWhatItHarms) {
  Incident incident;
  incident.severity_because = "error, not critical: 3 of 300 requests failed in 60 s";
  incident.impact = {.failing = 3, .of = 300, .users_see = true};
  incident.open_questions = {{"oom-kill", "kernel/oom-kill", "No kernel log of that time was read."}};
  const auto json = to_json(incident);
  EXPECT_NE(json.find(R"("severity":"info","severity_because":"error, not critical: 3 of 300 requests failed in 60 s",)"
                      R"("impact":{"failing":3,"of":300,"share":0.01,"users_see":true},)"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("open_questions":[{"cause":"oom-kill","rule":"kernel/oom-kill",)"
                      R"("text":"No kernel log of that time was read."}])"),
            std::string::npos)
      << json;
  const auto read = must(incident_from_json(json));
  EXPECT_EQ(read.severity_because, incident.severity_because);
  EXPECT_EQ(read.impact, incident.impact);
  EXPECT_EQ(read.open_questions, incident.open_questions);
}

TEST(IncidentJson, LeavesUnknownValuesOut) {
  EXPECT_EQ(
      to_json(Incident{}),
      R"({"schema":1,"state":"open","change":"opened","change_number":1,"severity":"info","count":0,"causes":[],)"
      R"("open_questions":[],"chain":[],"workarounds":[],"dead_ends":[],"evidence":[],"rules":[],"confidence":0})");
}

TEST(IncidentJson, RoundsNumbersToFourDigitsAndLeavesOutWhatIsNone) {
  Incident incident;
  incident.causes = {{"a", "", 0.123449, "", {{"", -0.00001}}}, {"b", "", std::nan(""), "", {}}};
  const auto json = to_json(incident);
  EXPECT_NE(
      json.find(
          R"("causes":[{"cause":"a","probability":0.1234,"because":[{"log_odds":0}]},{"cause":"b","because":[]}])"),
      std::string::npos)
      << json;
}

TEST(IncidentJson, IsValidWhateverBytesALogLineHolds) {
  Incident incident;
  incident.title = "nul \0 esc \x1b[2J del \x7f bad \xff\xc3( c1 \xc2\x9b line \xe2\x80\xa8 \"q\" \\ \r\n"s;
  const auto json = to_json(incident);
  EXPECT_NE(json.find(R"("title":"nul \u0000 esc \u001b[2J del \u007f bad ��( c1 \u009b line \u2028 \"q\" \\ \r\n")"),
            std::string::npos)
      << json;
}

TEST(IncidentJson, ComesBackAsItWasFromARealIncident) {
  const auto incident = samples::resolved_worker();
  expect_equal(must(incident_from_json(to_json(incident))), incident);
}

TEST(IncidentJson, ComesBackAsItWasFromAnyIncident) {
  samples::HostileIncidents incidents(20261121);
  for (int i = 0; i < 200 && !HasFailure(); ++i) {
    const auto incident = incidents.next();
    const auto json = to_json(incident);
    ASSERT_TRUE(to_valid_utf8(json) == json);
    ASSERT_EQ(
        std::count_if(json.begin(), json.end(), [](char byte) { return static_cast<unsigned char>(byte) < 0x20; }), 0);
    const auto read = incident_from_json(json);
    ASSERT_TRUE(read) << read.error().message;
    expect_equal(*read, with_valid_text(incident));
  }
}

TEST(IncidentJson, PassesOverFieldsOfALaterVersion) {
  EXPECT_EQ(must(incident_from_json(R"({"schema":1,"weather":{"sun":[1,2]},"title":"t","host":null})")).title, "t");
}

TEST(IncidentJson, SaysWhyItCannotBeRead) {
  EXPECT_EQ(message_of(R"({"schema":2})"), "incident JSON has schema 2; this version reads schema 1");
  EXPECT_EQ(message_of(R"({"schema":1,"title":7})"), "incident JSON cannot be read: 'title' is not text");
  EXPECT_EQ(message_of(R"({"schema":1,"first_seen":"yesterday"})"),
            "incident JSON cannot be read: 'first_seen' is not a time");
  EXPECT_EQ(message_of(R"({"schema":1,"change":"gone"})"),
            "incident JSON cannot be read: 'change' is not a known name");
  EXPECT_EQ(message_of(R"({"schema":1,"severity":"dire"})"),
            "incident JSON cannot be read: 'severity' is not a severity");
  EXPECT_EQ(message_of(R"({"schema":1,"causes":{}})"), "incident JSON cannot be read: 'causes' is not a list");
  EXPECT_EQ(message_of(R"({"schema":1,"causes":[3]})"), "incident JSON cannot be read: 'cause' is not in an object");
  EXPECT_EQ(message_of(R"({"schema":1,"rules":[3]})"), "incident JSON cannot be read: 'rules' is not a list of texts");
  EXPECT_EQ(message_of("[1]"), "incident JSON cannot be read: 'schema' is not in an object");
  EXPECT_TRUE(message_of("{\"schema\":").starts_with("incident JSON cannot be read: "));
}

TEST(Incident, NamesItsEnumerators) {
  EXPECT_EQ(name_of(IncidentState::open), "open");
  EXPECT_EQ(name_of(IncidentState::resolved), "resolved");
  EXPECT_EQ(name_of(Change::opened), "opened");
  EXPECT_EQ(name_of(Change::updated), "updated");
  EXPECT_EQ(name_of(Change::resolved), "resolved");
  EXPECT_EQ(name_of(ChainRole::root), "root");
  EXPECT_EQ(name_of(ChainRole::intermediate), "intermediate");
  EXPECT_EQ(name_of(ChainRole::symptom), "symptom");
}

}  // namespace
}  // namespace triaged::inline values

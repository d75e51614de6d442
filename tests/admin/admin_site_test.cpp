#include "admin/admin_site.hpp"

#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <simdjson.h>

#include "store/ledger.hpp"
#include "store/stored_incidents.hpp"
#include "tests/support/must.hpp"
#include "tests/support/sample_incidents.hpp"
#include "tests/support/state_rows.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::admin {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string id = "01KAJ0Z5V0W5X9GQ3T7C2M4N6P", other_id = "01KAJ0Z5V0W5X9GQ3T7C2M4N6Q";

/// A site beside a daemon's ledger with an open incident and a resolved one.
class AdminSiteTest : public testing::Test {
 protected:
  AdminSiteTest() {
    auto open = samples::killed_worker();
    open.title = "Killed <script>alert(1)</script>";
    for (auto& workaround : open.workarounds) {
      workaround.id = "w" + std::to_string(&workaround - &open.workarounds[0]);
      workaround.rule = "kernel/oom-kill";
      workaround.cause = "oom-kill";
    }
    auto resolved = samples::killed_worker();
    resolved.id = other_id;
    resolved.state = IncidentState::resolved;
    must(ledger_->commit({.state = {saved_incident(id)}, .reported = {open, resolved}}));
  }

  AdminAnswer get(const std::string& path, std::map<std::string, std::string> query = {}) {
    return site_.answer({.method = "GET", .path = path, .query = std::move(query), .headers = {{"host", "localhost"}}});
  }
  AdminAnswer post(const std::string& path, std::string body, std::map<std::string, std::string> headers = {}) {
    headers.emplace("host", "localhost");
    headers.emplace("content-type", "application/x-www-form-urlencoded");
    return site_.answer({.method = "POST", .path = path, .headers = std::move(headers), .body = std::move(body)});
  }
  std::vector<WorkaroundReport> reports() {
    return must(must(store::StoredIncidents::open(folder_.path(), store::StoredFor::reading)).reports());
  }

  TemporaryFolder folder_;
  std::unique_ptr<store::Ledger> ledger_ = must(store::Ledger::open(folder_.path(), store::Durability::process));
  std::string trouble_;
  const AdminSite site_{{.state = folder_.path(),
                         .metrics = [] { return std::vector{gauge("triaged_files", "open", 7)}; },
                         .trouble = [this] { return trouble_; },
                         .now = [] { return samples::at("2026-11-21T01:20:00Z"); },
                         .zone = TimeZone::utc()},
                        {}};
  const std::string feedback_ = "/api/v1/incidents/" + id + "/feedback";
};

TEST_F(AdminSiteTest, ShowsOpenIncidentsAndAllOfThemWhenAsked) {
  const auto page = get("/");
  EXPECT_EQ(page.status, 200u);
  EXPECT_EQ(page.type, "text/html; charset=utf-8");
  EXPECT_THAT(page.body, AllOf(HasSubstr("1 open incident<"), HasSubstr("/incidents/" + id), Not(HasSubstr(other_id))));
  EXPECT_THAT(get("/", {{"all", "1"}}).body, AllOf(HasSubstr("2 incidents<"), HasSubstr(other_id)));
}

TEST_F(AdminSiteTest, ShowsAHundredAtOnceAndWhereTheOlderOnesAre) {
  store::Commit many;
  for (int i = 0; i < 250; ++i) {
    auto incident = samples::killed_worker();
    incident.id = fmt::format("01KAJ0Z5V0W5X9GQ3T7C2M5{:03}", i);
    many.state.push_back(saved_incident(incident.id));
    many.reported.push_back(incident);
  }
  must(ledger_->commit(many));
  std::set<std::string> seen;
  std::map<std::string, std::string> query;
  for (const std::size_t expected : {100u, 100u, 51u}) {
    simdjson::dom::parser parser;
    const simdjson::dom::element list = parser.parse(get("/api/v1/incidents", query).body);
    const simdjson::dom::array incidents = list["incidents"];
    EXPECT_EQ(incidents.size(), expected);
    for (const simdjson::dom::element incident : incidents) seen.emplace(incident["incident"].get_string().value());
    const auto page = get("/", query).body;
    EXPECT_THAT(page, HasSubstr("251 open incidents<"));
    if (expected < 100) {
      EXPECT_EQ(list["next"].error(), simdjson::NO_SUCH_FIELD);
      EXPECT_THAT(page, Not(HasSubstr("older ones")));
      break;
    }
    const std::string next(list["next"].get_string().value());
    ASSERT_THAT(next, testing::StartsWith("/api/v1/incidents?before="));
    query["before"] = next.substr(next.find('=') + 1);
    EXPECT_THAT(page, HasSubstr("<a href=\"/?before=" + query["before"] + "\">older incidents</a>"));
  }
  EXPECT_EQ(seen.size(), 251u);
  EXPECT_EQ(get("/api/v1/incidents", {{"before", "nonsense"}}).status, 400u);
  query.clear();
  query["all"] = "1";
  EXPECT_THAT(get("/", query).body, AllOf(HasSubstr("252 incidents<"), HasSubstr("/?all=1&amp;before=")));
}

TEST_F(AdminSiteTest, EscapesWhatComesFromLogs) {
  for (const auto& path : {std::string("/"), "/incidents/" + id}) {
    EXPECT_THAT(get(path).body, AllOf(HasSubstr("Killed &lt;script&gt;"), Not(HasSubstr("<script>")))) << path;
  }
}

TEST_F(AdminSiteTest, GivesIncidentsAsJson) {
  const auto one = get("/api/v1/incidents/" + id);
  EXPECT_EQ(one.type, "application/json");
  EXPECT_EQ(must(incident_from_json(one.body.substr(0, one.body.size() - 1))).id, id);
  EXPECT_EQ(get("/api/v1/incidents").body, "{\"incidents\":[" + one.body.substr(0, one.body.size() - 1) + "]}\n");
}

TEST_F(AdminSiteTest, SaysWhatIsNotThere) {
  EXPECT_EQ(get("/api/v1/incidents/01KAJ0Z5V0W5X9GQ3T7C2M4N6X").status, 404u);
  EXPECT_EQ(get("/incidents/../../etc/passwd").status, 404u);
  EXPECT_EQ(get("/api/v1/incidents/feedback").status, 404u);
  EXPECT_EQ(get("/nothing").body, "there is no such page; / lists the incidents\n");
  EXPECT_EQ(get(feedback_).status, 405u);
  EXPECT_EQ(post("/", "").status, 405u);
}

TEST_F(AdminSiteTest, TakesFeedbackByItsNumberAndByItsName) {
  const auto answer = post(feedback_, "worked=1&failed=w1");
  EXPECT_EQ(answer.status, 200u) << answer.body;
  EXPECT_EQ(answer.type, "application/json");
  const auto noted = reports();
  ASSERT_EQ(noted.size(), 2u);
  EXPECT_EQ(noted[0].incident, id);
  EXPECT_EQ(noted[0].workaround, "w0");
  EXPECT_TRUE(noted[0].has_worked);
  EXPECT_EQ(noted[1].workaround, "w1");
  EXPECT_FALSE(noted[1].has_worked);
  EXPECT_EQ(noted[0].at, samples::at("2026-11-21T01:20:00Z"));
}

TEST_F(AdminSiteTest, LeadsABrowserBackAndSaysThatItWasNoted) {
  const auto answer = post(feedback_, "worked=1", {{"accept", "text/html,application/xhtml+xml"}});
  EXPECT_EQ(answer.status, 303u);
  EXPECT_EQ(answer.location, "/incidents/" + id + "?noted=1");
  EXPECT_THAT(get("/incidents/" + id, {{"noted", "1"}}).body, HasSubstr("Noted. Later diagnoses rank by it."));
}

TEST_F(AdminSiteTest, RefusesFeedbackThatSaysNothingOrTooMuch) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "say what helped: worked=N, or what did not: failed=N\n"},
      {"worked=%", "the form cannot be decoded\n"},
      {"resolved=1", "feedback is worked=N or failed=N and nothing else\n"}};
  for (const auto& [body, why] : wrong) {
    const auto answer = post(feedback_, body);
    EXPECT_EQ(answer.status, 400u) << body;
    EXPECT_EQ(answer.body, why);
  }
  EXPECT_EQ(post(feedback_, "worked=99").status, 400u);
  EXPECT_EQ(post(feedback_, "{}", {{"content-type", "application/json"}}).status, 415u);
  EXPECT_EQ(post(feedback_, "worked=1", {{"origin", "http://evil.example"}}).status, 403u);
  EXPECT_TRUE(reports().empty());
}

TEST_F(AdminSiteTest, TellsMachinesHowItIs) {
  EXPECT_THAT(get("/metrics").body, HasSubstr("triaged_files 7\n"));
  EXPECT_EQ(get("/healthz").body, "ok\n");
  EXPECT_EQ(get("/readyz").status, 200u);
  trouble_ = "the outbox of sink 'hook' is full";
  EXPECT_EQ(get("/readyz").status, 503u);
  EXPECT_EQ(get("/readyz").body, "the outbox of sink 'hook' is full\n");
}

TEST_F(AdminSiteTest, SaysWhenThereIsNoLedger) {
  const AdminSite lost({.state = folder_.path() / "gone", .metrics = {}, .trouble = {}, .now = {}}, {});
  const auto answer = lost.answer({.method = "GET", .path = "/", .headers = {{"host", "localhost"}}});
  EXPECT_EQ(answer.status, 503u);
  EXPECT_THAT(answer.body, HasSubstr("no daemon has used this state folder yet"));
}

}  // namespace
}  // namespace triaged::admin

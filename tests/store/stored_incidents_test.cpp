#include "store/stored_incidents.hpp"

#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "store/ledger.hpp"
#include "tests/support/must.hpp"
#include "tests/support/sample_incidents.hpp"
#include "tests/support/state_rows.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using For = StoredFor;

Incident incident_named(const std::string& id) {
  auto incident = samples::killed_worker();
  incident.id = id;
  return incident;
}

WorkaroundReport report_named(const std::string& id, int second = 0, const std::string& incident = "01B") {
  return {.id = id,
          .at = samples::at("2026-11-21T01:20:00Z") + std::chrono::seconds(second),
          .incident = incident,
          .rule = "kernel/oom-kill",
          .cause = "oom-kill",
          .workaround = "raise-limit"};
}

/// A daemon's ledger with the open incidents 01B and 01C and the resolved one 01A.
class StoredIncidentsBesideADaemon : public testing::Test {
 protected:
  StoredIncidentsBesideADaemon() {
    must(ledger_->commit({.state = {saved_incident("01A"), saved_incident("01B"), saved_incident("01C")},
                          .reported = {incident_named("01A"), incident_named("01B"), incident_named("01C")}}));
    auto resolved = incident_named("01A");
    resolved.state = IncidentState::resolved;
    must(ledger_->commit({.state = {ended_incident("01A")}, .reported = {resolved}}));
    EXPECT_FALSE(must(ledger_->was_changed_by_others()));
  }

  [[nodiscard]] StoredIncidents opened(For purpose = For::changing) const {
    return must(StoredIncidents::open(folder_.path(), purpose));
  }
  [[nodiscard]] std::vector<std::string> ids(std::string_view prefix = {}) const {
    std::vector<std::string> ids;
    for (const auto& story : must(opened(For::reading).all({.prefix = prefix}))) ids.push_back(story.incident.id);
    return ids;
  }
  [[nodiscard]] StoredStory story(std::string_view id) const {
    return must(opened(For::reading).all({.prefix = id})).at(0);
  }
  void leave_request(const std::string& id, IncidentAction action) const {
    must(opened().ask({.id = id, .incident = "01B", .action = action, .at = samples::at("2026-11-21T01:20:00Z")}));
  }

  TemporaryFolder folder_;
  std::unique_ptr<Ledger> ledger_ = must(Ledger::open(folder_.path(), Durability::process));
};

TEST_F(StoredIncidentsBesideADaemon, ShowsIncidentsNewestFirst) {
  EXPECT_THAT(ids(), ElementsAre("01C", "01B", "01A"));
  EXPECT_EQ(to_json(story("01B").incident), to_json(incident_named("01B")));
  EXPECT_EQ(story("01A").incident.state, IncidentState::resolved);
}

TEST_F(StoredIncidentsBesideADaemon, FindsThemByTheBeginningOfTheirIdInAnyCase) {
  EXPECT_THAT(ids("01"), ElementsAre("01C", "01B", "01A"));
  EXPECT_THAT(ids("01b"), ElementsAre("01B"));
  for (const char* other : {"1B", "01%", "01_", "01BB", "' OR 1"}) EXPECT_THAT(ids(other), IsEmpty()) << other;
}

TEST_F(StoredIncidentsBesideADaemon, KeepsTheLastFormThatWasTold) {
  auto worse = incident_named("01B");
  worse.title = "Worse";
  must(ledger_->commit({.reported = {worse}}));
  EXPECT_EQ(story("01B").incident.title, "Worse");
  EXPECT_THAT(ids(), ElementsAre("01C", "01B", "01A"));
}

TEST_F(StoredIncidentsBesideADaemon, KnowsAnIncidentThatTheDaemonForgotAsResolved) {
  must(ledger_->commit({.state = {ended_incident("01B")}}));
  EXPECT_EQ(story("01B").incident.state, IncidentState::resolved);
}

TEST_F(StoredIncidentsBesideADaemon, LeavesARequestUntilTheDaemonHasDoneIt) {
  leave_request("r1", IncidentAction::acknowledge);
  leave_request("r1", IncidentAction::acknowledge);
  EXPECT_TRUE(must(ledger_->was_changed_by_others()));
  EXPECT_EQ(story("01B").requested, IncidentAction::acknowledge);
  EXPECT_EQ(story("01C").requested, std::nullopt);
  const auto requests = must(ledger_->requests());
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(std::tie(requests[0].id, requests[0].incident, requests[0].action),
            std::tuple("r1", "01B", IncidentAction::acknowledge));

  must(ledger_->commit({.acknowledged = {{"01B", requests[0].at}}, .done_requests = {"r1"}}));
  EXPECT_EQ(story("01B").requested, std::nullopt);
  EXPECT_EQ(story("01B").incident.acknowledged, samples::at("2026-11-21T01:20:00Z"));
  EXPECT_THAT(must(ledger_->requests()), IsEmpty());
}

TEST_F(StoredIncidentsBesideADaemon, GivesRequestsInTheirOrder) {
  leave_request("r2", IncidentAction::acknowledge);
  leave_request("r1", IncidentAction::resolve);
  const auto requests = must(ledger_->requests());
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].id, "r2");
  EXPECT_EQ(requests[1].action, IncidentAction::resolve);
}

TEST_F(StoredIncidentsBesideADaemon, IsNoLongerAcknowledgedWhenItIsToldAgain) {
  must(ledger_->commit({.acknowledged = {{"01B", samples::at("2026-11-21T01:20:00Z")}}}));
  must(ledger_->commit({.reported = {incident_named("01B")}}));
  EXPECT_EQ(story("01B").incident.acknowledged, TimePoint{});
}

TEST_F(StoredIncidentsBesideADaemon, AddsAReportOnce) {
  EXPECT_EQ(must(opened().add(std::vector{report_named("a", 2), report_named("b", 1)})), 2U);
  EXPECT_TRUE(must(ledger_->was_changed_by_others()));
  EXPECT_EQ(must(opened().add(std::vector{report_named("a", 2), report_named("c", 3)})), 1U);
  EXPECT_EQ(must(opened().reports()), (std::vector{report_named("b", 1), report_named("a", 2), report_named("c", 3)}));
  EXPECT_EQ(must(ledger_->reports()), must(opened().reports()));
}

TEST_F(StoredIncidentsBesideADaemon, TakesInThatAReportWasWithdrawnAndNeverThatItWasNot) {
  must(opened().add(std::vector{report_named("a")}));
  auto withdrawn = report_named("a");
  withdrawn.is_withdrawn = true;
  EXPECT_EQ(must(opened().add(std::vector{withdrawn})), 1U);
  EXPECT_EQ(must(opened().add(std::vector{withdrawn})), 0U);
  EXPECT_EQ(must(opened().add(std::vector{report_named("a")})), 0U);
  EXPECT_EQ(must(opened().reports()), (std::vector{withdrawn}));
}

TEST_F(StoredIncidentsBesideADaemon, WithdrawsTheNewestReportOfAnIncident) {
  must(opened().add(std::vector{report_named("b", 1), report_named("a", 2), report_named("c", 3, "01C")}));
  EXPECT_EQ(must(opened().withdraw_last("01B")), report_named("a", 2));
  EXPECT_EQ(must(opened().withdraw_last("01B")), report_named("b", 1));
  EXPECT_EQ(must(opened().withdraw_last("01B")), std::nullopt);
  EXPECT_FALSE(must(opened().reports()).at(2).is_withdrawn);
}

TEST_F(StoredIncidentsBesideADaemon, ForgetsOldResolvedIncidentsButNoOpenOnes) {
  std::vector<Incident> many;
  for (int i = 0; i < incidents_kept; ++i) many.push_back(incident_named(fmt::format("02{:06}", i)));
  must(ledger_->commit({.reported = std::move(many)}));
  ledger_.reset();
  ledger_ = must(Ledger::open(folder_.path(), Durability::process));
  EXPECT_THAT(ids("01"), ElementsAre("01C", "01B"));
  EXPECT_EQ(ids("02").size(), static_cast<std::size_t>(incidents_kept));
}

TEST_F(StoredIncidentsBesideADaemon, OutliveTheFileThatIsSetAside) {
  leave_request("r1", IncidentAction::resolve);
  must(opened().add(std::vector{report_named("a")}));
  ledger_.reset();
  // The middle of the outbox's own pages is gone; what operators see and say can still be read.
  ledger_ = must(Ledger::open(folder_.path(), Durability::process));
  Commit many;
  for (int i = 0; i < 200; ++i) many.notifications.push_back({0, "s", std::to_string(i), samples::killed_worker()});
  must(ledger_->commit(many));
  ledger_.reset();
  {
    std::fstream file(folder_.path() / "triaged.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096L * 200);
    file << std::string(4096UL * 4, 'x');
  }
  ledger_ = must(Ledger::open(folder_.path(), Durability::process));
  EXPECT_EQ(ledger_->times_set_aside(), 1U);
  EXPECT_THAT(ids(), ElementsAre("01C", "01B", "01A"));
  EXPECT_EQ(story("01B").requested, IncidentAction::resolve);
  EXPECT_EQ(must(ledger_->reports()), (std::vector{report_named("a")}));
}

TEST(StoredIncidents, SaysThatNothingWasEverKept) {
  const TemporaryFolder folder;
  const auto incidents = StoredIncidents::open(folder.path(), For::changing);
  ASSERT_FALSE(incidents);
  EXPECT_EQ(incidents.error().message,
            "there is no " + (folder.path() / "triaged.db").string() + ": no daemon has used this state folder yet");
}

}  // namespace
}  // namespace triaged::store

#include "daemon/operator_requests.hpp"

#include <gmock/gmock.h>

#include "store/stored_incidents.hpp"
#include "tests/support/diagnosis_fixture.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::daemon {
namespace {

class OperatorRequestsTest : public testing::Test {
 protected:
  OperatorRequestsTest() {
    const auto seen = symptom("refused", start, "10.0.0.5:8080");
    diagnoser.on_findings(std::vector<Finding>{seen});
    diagnoser.advance_to(start + 1s);
    auto told = notifier.on_reports(diagnoser.take_changes(), start + 1s);
    id = told.incidents.at(0).id;
    must(ledger->commit({.reported = told.incidents}));
  }
  void ask(const std::string& request, IncidentAction action) {
    const auto incidents = must(store::StoredIncidents::open(folder.path(), store::StoredFor::changing));
    must(incidents.ask({.id = request, .incident = id, .action = action, .at = start + 2s}));
  }
  store::Commit take_up() { return requests.take_up(*ledger, backlog, diagnoser, notifier); }

  TemporaryFolder folder;
  const std::unique_ptr<store::Ledger> ledger = must(store::Ledger::open(folder.path(), store::Durability::process));
  diagnosis::Diagnoser diagnoser{rule_set({rule("refused", {cause("down", 1)})}), {.settle = 0s}};
  notify::Notifier notifier{{.update_every = 0s}};
  Backlog backlog;
  OperatorRequests requests;
  std::string id;
};

TEST_F(OperatorRequestsTest, AcknowledgeInOneGroupWithTheEndOfTheRequest) {
  ask("r", IncidentAction::acknowledge);
  EXPECT_TRUE(notifier.wants_update(id, start + 3s));
  const auto group = take_up();
  ASSERT_EQ(group.acknowledged.size(), 1U);
  EXPECT_EQ(group.acknowledged[0].incident, id);
  EXPECT_EQ(group.acknowledged[0].at, start + 2s);
  EXPECT_THAT(group.done_requests, testing::ElementsAre("r"));
  EXPECT_FALSE(notifier.wants_update(id, start + 3s));
}

TEST_F(OperatorRequestsTest, ResolveOnceThoughTheyAreAskedTwice) {
  ask("r1", IncidentAction::resolve);
  ask("r2", IncidentAction::resolve);
  EXPECT_THAT(take_up().done_requests, testing::UnorderedElementsAre("r1", "r2"));
  const auto changes = diagnoser.take_changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].change, Change::resolved);
}

TEST_F(OperatorRequestsTest, AreLookedAtWhenTheyAreExpected) {
  EXPECT_TRUE(take_up().done_requests.empty());
  ask("r", IncidentAction::acknowledge);
  EXPECT_TRUE(take_up().done_requests.empty());
  requests.expect();
  EXPECT_THAT(take_up().done_requests, testing::ElementsAre("r"));
}

TEST_F(OperatorRequestsTest, AreDoneOnceWhileTheLedgerCannotBeWritten) {
  ask("r", IncidentAction::acknowledge);
  backlog.add(take_up());
  requests.expect();
  EXPECT_TRUE(take_up().done_requests.empty());
}

}  // namespace
}  // namespace triaged::daemon

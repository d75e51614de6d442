#include "daemon/committer.hpp"

#include <gmock/gmock.h>

#include "tests/support/must.hpp"

namespace triaged::daemon {
namespace {

using testing::IsEmpty;

std::vector<std::string> texts_of(const std::vector<Cursor>& cursors) {
  std::vector<std::string> texts;
  for (const auto& cursor : cursors) texts.push_back(cursor.stream + "=" + cursor.state);
  return texts;
}

class CommitterTest : public testing::Test {
 protected:
  const std::unique_ptr<store::Ledger> ledger = must(store::Ledger::in_memory());
  Committer committer{*ledger, {{"a", "1"}, {"b", "1"}}, {{StateKind::reader, "a", "m1"}}, {}};
};

TEST_F(CommitterTest, CommitsTheGroupsAsOne) {
  committer.add({.cursors = {{"a", "2"}}, .state = {{StateKind::incident, "x", "{}"}}});
  committer.add({.cursors = {{"a", "3"}}, .state = {{StateKind::incident, "x", ""}}});
  EXPECT_FALSE(committer.backlog().is_empty());
  must(committer.commit());
  EXPECT_TRUE(committer.backlog().is_empty());
  EXPECT_THAT(texts_of(must(ledger->cursors())), testing::ElementsAre("a=3"));
  EXPECT_THAT(must(ledger->state()), IsEmpty());
}

TEST_F(CommitterTest, WritesWhereEveryStreamStandsIntoAnotherLedger) {
  committer.add({.cursors = {{"a", "2"}, {"b", ""}, {"c", "1"}}});
  must(committer.commit());
  must(ledger->commit({.cursors = {{"a", ""}, {"c", ""}}}));
  committer.add({.state = {{StateKind::reader, "c", "m2"}}});
  committer.add_everything({{StateKind::incident, "x", "{}"}, {StateKind::notified, "x", "told"}});
  must(committer.commit());
  EXPECT_THAT(texts_of(must(ledger->cursors())), testing::ElementsAre("a=2", "c=1"));
  EXPECT_THAT(
      must(ledger->state()),
      testing::ElementsAre(SavedState{StateKind::incident, "x", "{}"}, SavedState{StateKind::notified, "x", "told"},
                           SavedState{StateKind::reader, "a", "m1"}, SavedState{StateKind::reader, "c", "m2"}));
}

TEST_F(CommitterTest, SeesThatReadingWentBack) {
  EXPECT_FALSE(committer.has_reading_gone_back());
  must(ledger->go_back());
  EXPECT_TRUE(committer.has_reading_gone_back());
}

TEST_F(CommitterTest, FindsASafePlaceWhenNothingIsOpen) {
  committer.look_for_safe_place({});
  committer.look_for_safe_place(SafePlace::Clock::time_point{} + SafePlace::shortest_time);
  must(committer.commit());
  EXPECT_THAT(texts_of(must(ledger->safe_cursors())), testing::ElementsAre("a=1", "b=1"));
  EXPECT_THAT(must(ledger->safe_state()), testing::ElementsAre(SavedState{StateKind::reader, "a", "m1"}));
}

}  // namespace
}  // namespace triaged::daemon

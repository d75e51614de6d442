#include "daemon/safe_place.hpp"

#include <gtest/gtest.h>

namespace triaged::daemon {
namespace {

using namespace std::chrono_literals;

class SafePlaceTest : public testing::Test {
 protected:
  /// "stream=state …" of what became safe; `pending` is the oldest undelivered row.
  std::string advance(std::int64_t highest_row, std::int64_t pending, std::chrono::seconds later) {
    now_ += later;
    std::string text;
    for (const auto& [stream, state] : place.advance(
             cursors, highest_row, [&](std::int64_t row) { return pending != 0 && pending <= row; }, now_)) {
      text += (text.empty() ? "" : " ") + stream + "=" + state;
    }
    return text;
  }
  void opens(const std::string& id) { place.on_commit({.open_incidents = {{id, "{}"}}}); }
  void closes(const std::string& id) { place.on_commit({.closed_incidents = {id}, .told = {resolved(id, "")}}); }
  /// The last notification of an incident; `merged_into`: the one that it has become part of.
  static Incident resolved(const std::string& id, const std::string& merged_into) {
    return {.id = id, .merged_into = merged_into, .change = Change::resolved};
  }

  SafePlace place{{}, {}};
  SafePlace::Cursors cursors{{"a", "1"}, {"told:x", "\n"}};

 private:
  SafePlace::Clock::time_point now_{};
};

TEST_F(SafePlaceTest, IsWhereNothingIsOpenAndNothingIsUndelivered) {
  EXPECT_EQ(advance(0, 0, 0s), "");
  cursors["a"] = "2";
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "a=1");
  EXPECT_EQ(advance(0, 0, 0s), "");
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "a=2");
}

TEST_F(SafePlaceTest, WaitsForTheEndOfWhatWasOpenAndForItsDelivery) {
  opens("x");
  EXPECT_EQ(advance(0, 0, 0s), "");
  cursors["a"] = "2";
  opens("y");  // of lines behind the candidate: not waited for
  EXPECT_EQ(advance(1, 1, SafePlace::shortest_time), "");
  closes("x");
  EXPECT_EQ(advance(2, 2, 0s), "") << "its end is row 2";
  EXPECT_EQ(advance(7, 3, 0s), "a=1") << "what came after row 2 does not matter";
}

TEST_F(SafePlaceTest, WaitsForTheIncidentThatOneBecamePartOf) {
  opens("x");
  EXPECT_EQ(advance(0, 0, 0s), "");
  place.on_commit({.open_incidents = {{"y", "{}"}}, .closed_incidents = {"x"}, .told = {resolved("x", "y")}});
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "") << "y holds the lines of x";
  closes("y");
  EXPECT_EQ(advance(0, 0, 0s), "a=1");
}

TEST_F(SafePlaceTest, WaitsAlsoWhenNothingWasToldOfTheOneThatWasAbsorbed) {
  opens("x");
  EXPECT_EQ(advance(0, 0, 0s), "");
  place.on_commit({.open_incidents = {{"timed:1:", "{}"}, {"y", "{}"}}, .closed_incidents = {"x"}});
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "") << "it was not told yet: its lines are in y";
  closes("y");
  EXPECT_EQ(advance(0, 0, 0s), "a=1") << "a window is nothing that an incident becomes part of";
}

TEST_F(SafePlaceTest, DoesNotWaitForWhatIsOpenBesideOneThatIsOver) {
  opens("x");
  EXPECT_EQ(advance(0, 0, 0s), "");
  place.on_commit({.open_incidents = {{"y", "{}"}}, .closed_incidents = {"x"}, .told = {resolved("x", "")}});
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "a=1");
}

TEST_F(SafePlaceTest, WaitsForWindowsAsLongAsTheyCanHoldALine) {
  opens("timed:1:");
  EXPECT_EQ(advance(0, 0, 0s), "");
  EXPECT_EQ(advance(0, 0, SafePlace::longest_window - 1s), "");
  EXPECT_EQ(advance(0, 0, 1s), "a=1");
}

TEST_F(SafePlaceTest, KnowsWhatTheLastRunLeft) {
  place = SafePlace({{"a", "1"}, {"b", "1"}}, {{"x", "{}"}});
  EXPECT_EQ(advance(0, 0, 0s), "");
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "");
  closes("x");
  EXPECT_EQ(advance(0, 0, 0s), "b=") << "a stands there already, and the stream b has ended";
}

}  // namespace
}  // namespace triaged::daemon

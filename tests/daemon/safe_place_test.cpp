#include "daemon/safe_place.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>

namespace triaged::daemon {
namespace {

using namespace std::chrono_literals;

class SafePlaceTest : public testing::Test {
 protected:
  /// "stream=state …" of what became safe; `pending` is the oldest undelivered row.
  std::string advance(std::int64_t highest_row, std::int64_t pending, std::chrono::seconds later) {
    now_ += later;
    std::string text;
    const auto safe = safe_place.advance(
        here, highest_row, [&](std::int64_t row) { return pending != 0 && pending <= row; }, now_);
    for (const auto& [stream, state] : safe.safe_cursors) text += (text.empty() ? "" : " ") + stream + "=" + state;
    for (const auto& [kind, stream, memory] : safe.safe_state) {
      text += fmt::format("{}{} {}={}", text.empty() ? "" : " ", name_of(kind), stream, memory);
    }
    return text;
  }
  void opens(const std::string& id, StateKind kind = StateKind::incident) {
    safe_place.on_commit({.state = {{kind, id, "{}"}}});
  }
  void closes(const std::string& id) {
    safe_place.on_commit({.state = {{StateKind::incident, id, ""}}, .reported = {resolved(id, "")}});
  }
  void read_to(const std::string& state) { here.go_to({{"a", state}}, {}); }
  /// The last notification of an incident; `merged_into`: the one that it has become part of.
  static Incident resolved(const std::string& id, const std::string& merged_into) {
    return {.id = id, .merged_into = merged_into, .change = Change::resolved};
  }

  SafePlace safe_place;
  Place here{{{"a", "1"}}, {}};

 private:
  SafePlace::Clock::time_point now_{};
};

TEST(Place, KeepsWhereACopyOfItWasTaken) {
  Place place({{"a", "1"}, {"b", "1"}}, {{StateKind::reader, "a", "memory"}});
  const Place copy = place;
  EXPECT_TRUE(place.since(copy).cursors.empty());
  place.go_to({{"a", "2"}, {"c", "1"}}, {{StateKind::reader, "a", ""}});
  ASSERT_EQ(place.since(copy).cursors.size(), 2U);
  EXPECT_EQ(place.since(copy).cursors[0].state, "2");
  EXPECT_EQ(place.since(copy).cursors[1].stream, "c");
  ASSERT_EQ(place.since(copy).readers.size(), 1U);
  EXPECT_EQ(place.since(copy).readers[0].value, "");
  ASSERT_EQ(copy.cursor_rows().size(), 2U);
  EXPECT_EQ(copy.cursor_rows()[0].state, "1");
  ASSERT_EQ(copy.reader_rows().size(), 1U);
  EXPECT_EQ(copy.reader_rows()[0].value, "memory");
}

TEST(Place, KnowsItsStreamsInWhateverOrderTheyCome) {
  Place place;
  place.go_to({{"b", "1"}, {"d", "1"}}, {{StateKind::reader, "c", "memory of c"}});
  place.go_to({{"e", "1"}, {"a", "1"}, {"d", "2"}, {"f", ""}}, {{StateKind::reader, "b", "memory of b"}});
  place.go_to({{"e", ""}, {"c", "1"}, {"c", "2"}}, {});
  std::string text;
  for (const auto& [stream, state] : place.cursor_rows()) text += stream + "=" + state + " ";
  for (const auto& row : place.reader_rows()) text += row.id + "=" + row.value + " ";
  EXPECT_EQ(text, "a=1 b=1 c=2 d=2 b=memory of b c=memory of c ");
}

TEST(Place, StaysWhatItWasWhenItSharesWithAnother) {
  const Place now({{"a", "2"}, {"b", "1"}}, {{StateKind::reader, "b", "memory"}});
  Place before({{"a", "1"}, {"b", "1"}}, {{StateKind::reader, "b", "memory"}});
  before.share_with(now);
  ASSERT_EQ(now.since(before).cursors.size(), 1U);
  EXPECT_EQ(before.cursor_rows()[0].state, "1");
  EXPECT_EQ(before.cursor_rows()[1].state, "1");
  before.go_to({{"b", "3"}}, {});
  EXPECT_EQ(now.cursor_rows()[1].state, "1");
}

TEST(Place, CostsNothingMoreWhenItIsCopied) {
  if (::mallinfo2().uordblks == 0) GTEST_SKIP() << "this allocator does not count";
  std::vector<Cursor> cursors;
  for (int i = 0; i < 1000; ++i) cursors.push_back({fmt::format("file:/var/log/{}.log", i), std::string(300, 'x')});
  const Place place(cursors, {});
  const auto before = ::mallinfo2().uordblks;
  const Place copy = place;
  EXPECT_LT(::mallinfo2().uordblks, before + 1000);
}

TEST_F(SafePlaceTest, IsWhereNothingIsOpenAndNothingIsUndelivered) {
  EXPECT_EQ(advance(0, 0, 0s), "");
  read_to("2");
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "a=1");
  EXPECT_EQ(advance(0, 0, 0s), "");
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "a=2");
}

TEST_F(SafePlaceTest, WaitsForTheEndOfWhatWasOpenAndForItsDelivery) {
  opens("x");
  EXPECT_EQ(advance(0, 0, 0s), "");
  read_to("2");
  opens("y");  // of lines behind the candidate: not waited for
  EXPECT_EQ(advance(1, 1, SafePlace::shortest_time), "");
  closes("x");
  EXPECT_EQ(advance(2, 2, 0s), "") << "its end is row 2";
  EXPECT_EQ(advance(7, 3, 0s), "a=1") << "what came after row 2 does not matter";
}

TEST_F(SafePlaceTest, WaitsForTheIncidentThatOneBecamePartOf) {
  opens("x");
  EXPECT_EQ(advance(0, 0, 0s), "");
  safe_place.on_commit(
      {.state = {{StateKind::incident, "y", "{}"}, {StateKind::incident, "x", ""}}, .reported = {resolved("x", "y")}});
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "") << "y holds the lines of x";
  closes("y");
  EXPECT_EQ(advance(0, 0, 0s), "a=1");
}

TEST_F(SafePlaceTest, WaitsAlsoWhenNothingWasToldOfTheOneThatWasAbsorbed) {
  opens("x");
  EXPECT_EQ(advance(0, 0, 0s), "");
  safe_place.on_commit(
      {.state = {{StateKind::window, "w", "{}"}, {StateKind::incident, "y", "{}"}, {StateKind::incident, "x", ""}}});
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "") << "it was not told yet: its lines are in y";
  closes("y");
  EXPECT_EQ(advance(0, 0, 0s), "a=1") << "a window is nothing that an incident becomes part of";
}

TEST_F(SafePlaceTest, DoesNotWaitForWhatIsOpenBesideOneThatIsOver) {
  opens("x");
  EXPECT_EQ(advance(0, 0, 0s), "");
  safe_place.on_commit(
      {.state = {{StateKind::incident, "y", "{}"}, {StateKind::incident, "x", ""}}, .reported = {resolved("x", "")}});
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "a=1");
}

TEST_F(SafePlaceTest, WaitsForWindowsAsLongAsTheyCanHoldALine) {
  opens("w", StateKind::window);
  EXPECT_EQ(advance(0, 0, 0s), "");
  EXPECT_EQ(advance(0, 0, SafePlace::longest_window - 1s), "");
  EXPECT_EQ(advance(0, 0, 1s), "a=1");
}

TEST_F(SafePlaceTest, DoesNotWaitForWhatIsNoTraceOfLines) {
  for (const auto kind : {StateKind::usual_share, StateKind::process_addresses, StateKind::notified}) opens("x", kind);
  EXPECT_EQ(advance(0, 0, 0s), "");
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "a=1");
}

TEST_F(SafePlaceTest, IsAlsoWhatReadersRememberThere) {
  here.go_to({}, {{StateKind::reader, "a", "an open traceback"}, {StateKind::notified, "x", "of no stream"}});
  EXPECT_EQ(advance(0, 0, 0s), "");
  here.go_to({{"a", "2"}}, {{StateKind::reader, "a", "its end"}});
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "a=1 reader a=an open traceback");
  EXPECT_EQ(advance(0, 0, 0s), "");
  here.go_to({{"a", ""}}, {{StateKind::reader, "a", ""}});
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "a=2 reader a=its end");
  EXPECT_EQ(advance(0, 0, 0s), "");
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "a= reader a=");
}

TEST_F(SafePlaceTest, KnowsWhatTheLastRunLeft) {
  safe_place = SafePlace(Place({{"a", "1"}, {"b", "1"}}, {}), {{StateKind::incident, "x", "{}"}});
  EXPECT_EQ(advance(0, 0, 0s), "");
  EXPECT_EQ(advance(0, 0, SafePlace::shortest_time), "");
  closes("x");
  EXPECT_EQ(advance(0, 0, 0s), "b=") << "a stands there already, and the stream b has ended";
}

}  // namespace
}  // namespace triaged::daemon

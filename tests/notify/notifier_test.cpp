// Stories over time: what the diagnosis reports, what operators do, what a reload changes, and what each sink is told.
#include "notify/notifier.hpp"

#include <functional>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace triaged::notify {
namespace {

using namespace std::chrono_literals;

/// Two sinks and one incident, whose diagnosis is played: it reports a change of what is true at once, and mere growth
/// when the notifier wants to hear of it.
class Site {
 public:
  void open(Severity severity) { report(Change::opened, severity); }
  void worsen(Severity severity) { report(Change::updated, severity); }
  void find_other_cause() { report(Change::updated, incident_.severity); }
  void grow() {
    if (notifier_.wants_update(incident_.id, now_)) report(Change::updated, incident_.severity);
  }
  void resolve() { report(Change::resolved, incident_.severity); }
  void acknowledge() { said_ += notifier_.acknowledge(incident_.id, now_) ? "" : "nothing to acknowledge"; }
  /// The daemon starts again, or its configuration changes, with what the ledger holds.
  void start_with(std::vector<Route> routes) {
    keep();
    notifier_ = Notifier({.routes = std::move(routes), .update_every = 15min});
    std::vector<SavedState> saved;
    for (const auto& [id, state] : ledger_) saved.push_back({StateKind::notified, id, state});
    EXPECT_TRUE(notifier_.restore(saved, now_).empty());
  }
  void start_without_what_was_kept(std::vector<Route> routes) {
    keep();
    ledger_.clear();
    start_with(std::move(routes));
  }

  /// What was said since the last call: "sink change key severity", and the time of its acknowledgement.
  std::string at(TimePoint now, const std::function<void(Site&)>& event) {
    now_ = now;
    event(*this);
    keep();
    return std::exchange(said_, "");
  }
  [[nodiscard]] const std::map<std::string, std::string>& ledger() const { return ledger_; }

 private:
  void report(Change change, Severity severity) {
    auto report = incident_;
    if (reports_ > 0) report.reported_severity = incident_.severity;
    incident_.severity = report.severity = severity;
    report.change = change;
    report.change_number = ++reports_;
    const auto told = notifier_.on_reports({report}, now_);
    for (const auto& sent : told.notifications) {
      said_ += fmt::format("{}{} {} {} {}", said_.empty() ? "" : ", ", sent.sink, name_of(sent.incident.change),
                           sent.idempotency_key, name_of(sent.incident.severity));
      if (sent.incident.acknowledged != TimePoint{}) said_ += " acknowledged";
    }
  }
  void keep() {
    for (auto& [kind, id, value] : notifier_.take_state_changes()) {
      EXPECT_EQ(kind, StateKind::notified);
      if (value.empty()) {
        ledger_.erase(id);
      } else {
        ledger_[id] = std::move(value);
      }
    }
  }

  Notifier notifier_{{}};
  Incident incident_{.id = "01J"};
  std::uint64_t reports_ = 0;
  TimePoint now_;
  std::map<std::string, std::string> ledger_;
  std::string said_;
};

struct Row {
  Microseconds time;
  std::function<void(Site&)> event;
  std::string told;
};
struct Story {
  std::string name;
  std::vector<Row> rows;
};

const Route all{.sink = "all", .min_severity = Severity::info};
const Route errors{.sink = "errors", .min_severity = Severity::error};
const Route fewer{.sink = "all", .min_severity = Severity::critical};

const auto starts = [](Site& site) { site.start_with({all, errors}); };
const auto starts_with_one = [](Site& site) { site.start_with({all}); };
const auto starts_less_curious = [](Site& site) { site.start_with({fewer, errors}); };
const auto starts_without_record = [](Site& site) { site.start_without_what_was_kept({all, errors}); };
const auto opens_mild = [](Site& site) { site.open(Severity::warning); };
const auto opens = [](Site& site) { site.open(Severity::error); };
const auto worsens = [](Site& site) { site.worsen(Severity::critical); };
const auto finds_other_cause = [](Site& site) { site.find_other_cause(); };
const auto grows = [](Site& site) { site.grow(); };
const auto resolves = [](Site& site) { site.resolve(); };
const auto acknowledged = [](Site& site) { site.acknowledge(); };

const Story stories[] = {
    {"IsToldFromItsBeginningToItsEnd",
     {{0min, starts, ""},
      {1min, opens, "all opened 01J/1 error, errors opened 01J/1 error"},
      {2min, finds_other_cause, "all updated 01J/2 error, errors updated 01J/2 error"},
      {3min, resolves, "all resolved 01J/3 error, errors resolved 01J/3 error"}}},
    {"IsNotToldToWhomItIsTooMild",
     {{0min, starts, ""},
      {1min, opens_mild, "all opened 01J/1 warning"},
      {2min, resolves, "all resolved 01J/2 warning"}}},
    {"IsOpenedToASinkWhenItBecomesGraveEnough",
     {{0min, starts, ""},
      {1min, opens_mild, "all opened 01J/1 warning"},
      {2min, worsens, "all updated 01J/2 critical, errors opened 01J/2 critical"},
      {3min, resolves, "all resolved 01J/3 critical, errors resolved 01J/3 critical"}}},
    {"IsToldAgainWhenItGrowsButNotTooOften",
     {{0min, starts_with_one, ""},
      {1min, opens, "all opened 01J/1 error"},
      {15min, grows, ""},
      {16min, grows, "all updated 01J/2 error"},
      {30min, grows, ""},
      {31min, finds_other_cause, "all updated 01J/3 error"},
      {45min, grows, ""},
      {46min, grows, "all updated 01J/4 error"}}},
    {"IsToldAgainAfterARestartAsIfThereWasNone",
     {{0min, starts_with_one, ""},
      {1min, opens, "all opened 01J/1 error"},
      {10min, starts_with_one, ""},
      {15min, grows, ""},
      {16min, grows, "all updated 01J/2 error"}}},
    {"WaitsNoLongerThanFromTheStartWhenTheClockWasSetBack",
     {{60min, starts_with_one, ""},
      {61min, opens, "all opened 01J/1 error"},
      {10min, starts_with_one, ""},
      {24min, grows, ""},
      {25min, grows, "all updated 01J/2 error"}}},
    {"IsNotToldWhileItIsAcknowledgedExceptItsEnd",
     {{0min, starts_with_one, ""},
      {1min, opens, "all opened 01J/1 error"},
      {2min, acknowledged, ""},
      {3min, finds_other_cause, ""},
      {30min, grows, ""},
      {40min, resolves, "all resolved 01J/2 error acknowledged"}}},
    {"IsNoLongerAcknowledgedWhenItGetsWorse",
     {{0min, starts_with_one, ""},
      {1min, opens, "all opened 01J/1 error"},
      {2min, acknowledged, ""},
      {3min, finds_other_cause, ""},
      {4min, worsens, "all updated 01J/2 critical"},
      {5min, finds_other_cause, "all updated 01J/3 critical"},
      {20min, grows, "all updated 01J/4 critical"}}},
    {"StaysAcknowledgedOverARestart",
     {{0min, starts_with_one, ""},
      {1min, opens, "all opened 01J/1 error"},
      {2min, acknowledged, ""},
      {3min, starts_with_one, ""},
      {30min, grows, ""}}},
    {"CannotBeAcknowledgedBeforeItIsToldOrAfterItsEnd",
     {{0min, starts_with_one, ""},
      {1min, acknowledged, "nothing to acknowledge"},
      {2min, opens, "all opened 01J/1 error"},
      {3min, resolves, "all resolved 01J/2 error"},
      {4min, acknowledged, "nothing to acknowledge"}}},
    {"IsOpenedToASinkThatAReloadAdds",
     {{0min, starts_with_one, ""},
      {1min, opens, "all opened 01J/1 error"},
      {2min, starts, ""},
      {3min, finds_other_cause, "all updated 01J/2 error, errors opened 01J/2 error"}}},
    {"IsNotResolvedToASinkThatAReloadAdds",
     {{0min, starts_with_one, ""},
      {1min, opens, "all opened 01J/1 error"},
      {2min, starts, ""},
      {3min, resolves, "all resolved 01J/2 error"}}},
    {"IsToldToTheEndToASinkThatHeardOfItAndIsLessCuriousNow",
     {{0min, starts, ""},
      {1min, opens_mild, "all opened 01J/1 warning"},
      {2min, starts_less_curious, ""},
      {3min, finds_other_cause, "all updated 01J/2 warning"},
      {4min, resolves, "all resolved 01J/3 warning"}}},
    {"IsToldOnToThoseWhoMustHaveHeardWhenTheRecordIsLost",
     {{0min, starts, ""},
      {1min, opens_mild, "all opened 01J/1 warning"},
      {2min, starts_without_record, ""},
      {3min, worsens, "all updated 01J/2 critical, errors opened 01J/2 critical"}}},
};

class NotifierStory : public testing::TestWithParam<Story> {};

TEST_P(NotifierStory, TellsEachSink) {
  Site site;
  const TimePoint begin(1795221366s);
  for (const auto& row : GetParam().rows) {
    EXPECT_EQ(site.at(begin + row.time, row.event), row.told) << row.time / 1min << " min";
  }
}

INSTANTIATE_TEST_SUITE_P(AnIncident, NotifierStory, testing::ValuesIn(stories),
                         [](const auto& story) { return story.param.name; });

TEST(Notifier, KeepsNothingOfWhatIsOver) {
  Site site;
  const TimePoint begin(1795221366s);
  (void)site.at(begin, starts);
  (void)site.at(begin, opens);
  EXPECT_EQ(site.ledger(), (std::map<std::string, std::string>{
                               {"01J", R"({"sinks":["all","errors"],"changes":1,"notified_at":1795221366000000,)"
                                       R"("acknowledged_at":null})"}}));
  (void)site.at(begin, resolves);
  EXPECT_TRUE(site.ledger().empty());
}

TEST(Notifier, ForgetsAndNamesWhatItCannotRead) {
  Notifier notifier({});
  const SavedState saved[] = {{StateKind::notified, "01A", "\nall\n"},
                              {StateKind::notified, "01B", R"({"sinks":[]})"},
                              {StateKind::incident, "01C", "of another stage"}};
  EXPECT_EQ(notifier.restore(saved, {}), (std::vector<std::string>{"01A", "01B"}));
  EXPECT_FALSE(notifier.knows("01A"));
  EXPECT_EQ(notifier.take_state_changes(),
            (std::vector<SavedState>{{StateKind::notified, "01A", ""}, {StateKind::notified, "01B", ""}}));
}

}  // namespace
}  // namespace triaged::notify

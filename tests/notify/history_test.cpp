// The past is not news: who is notified of what is history, and of how much of it there was.
#include <map>

#include <gmock/gmock.h>

#include "notify/notifier.hpp"

namespace triaged::notify {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const TimePoint begun = TimePoint(1'795'221'366s);

/// A first start with two sinks, of which one hears of errors only.
class FirstStart : public testing::Test {
 protected:
  FirstStart() { restart(begun); }

  void restart(TimePoint now) {
    keep();
    notifier = make();
    std::vector<SavedState> saved;
    for (const auto& [key, value] : ledger) saved.push_back({key.kind, key.id, value});
    EXPECT_TRUE(notifier.restore(saved, now).empty());
  }
  static Notifier make() {
    return Notifier(
        {.routes = {{"all", Severity::warning}, {"errors", Severity::error}}, .settle = 2s, .host = "web1"});
  }

  static Incident past(std::string id, Change change, Severity severity = Severity::critical) {
    Incident incident{.id = std::move(id)};
    incident.change = change;
    incident.severity = severity;
    incident.is_history = true;
    incident.first_seen = begun - 24h * 9;
    incident.last_seen = begun - 24h * 8;
    return incident;
  }
  static Incident news(std::string id, Change change) {
    auto incident = past(std::move(id), change);
    incident.is_history = false;
    return incident;
  }

  /// "sink change", in order.
  std::vector<std::string> sent_of(const Incident& report, TimePoint now = begun) {
    std::vector<std::string> sent;
    const auto told = notifier.on_reports({report}, now);
    EXPECT_EQ(told.incidents.size(), 1U);  // the ledger has it, whoever is notified
    for (const auto& each : told.notifications) {
      sent.push_back(each.sink + " " + std::string(name_of(each.incident.change)));
    }
    keep();
    return sent;
  }
  /// "sink severity title" of what is due without a report.
  std::vector<std::string> due_at(TimePoint now) {
    std::vector<std::string> sent;
    for (const auto& each : notifier.advance_to(now).notifications) {
      sent.push_back(each.sink + " " + std::string(name_of(each.incident.severity)) + " " + each.incident.title);
      text = each.incident.causes.at(0).text;
    }
    keep();
    return sent;
  }
  void keep() {
    for (auto& [kind, id, value] : notifier.take_state_changes()) {
      if (value.empty()) {
        ledger.erase({kind, id});
      } else {
        ledger[{kind, id}] = std::move(value);
      }
    }
  }

  Notifier notifier = make();
  std::map<StateKey, std::string> ledger;
  std::string text;
};

TEST_F(FirstStart, NotifiesNobodyOfWhatIsHistory) {
  EXPECT_THAT(sent_of(past("1", Change::opened)), IsEmpty());
  EXPECT_THAT(sent_of(past("1", Change::updated)), IsEmpty());
  EXPECT_THAT(sent_of(past("1", Change::resolved)), IsEmpty());
}

TEST_F(FirstStart, CountsItInOneMessageWhenNoMoreOfItComes) {
  sent_of(past("1", Change::opened));
  sent_of(past("2", Change::opened, Severity::warning));
  sent_of(past("1", Change::resolved));
  sent_of(past("3", Change::opened));
  EXPECT_THAT(due_at(begun + 9s), IsEmpty());
  notifier.on_past_read(begun + 9s);
  EXPECT_THAT(due_at(begun + 18s), IsEmpty());
  EXPECT_THAT(
      due_at(begun + 19s),
      ElementsAre("all warning 3 incidents of the last 9 days stood in the logs when triaged began to follow them"));
  EXPECT_EQ(text,
            "They are older than 'max_age' of 'diagnose', so nobody is notified of each: 2 critical, 1 warning. What "
            "happens from now on is sent as usual");
  EXPECT_THAT(due_at(begun + 1h), IsEmpty());
}

TEST_F(FirstStart, IsInformationWhenNothingOfItWasMore) {
  notifier = Notifier({.routes = {{"curious", Severity::info}, {"all", Severity::warning}}, .settle = 2s});
  sent_of(past("1", Change::opened, Severity::info));
  EXPECT_THAT(
      due_at(begun + 10s),
      ElementsAre("curious info 1 incident of the last 9 days stood in the logs when triaged began to follow them"));
}

TEST_F(FirstStart, SaysNothingWhenThereWasNothing) {
  notifier.on_past_read(begun);
  EXPECT_THAT(due_at(begun + 1h), IsEmpty());
}

TEST_F(FirstStart, CountsNoIncidentThatBecamePartOfAnother) {
  sent_of(past("1", Change::opened));
  sent_of(past("2", Change::opened));
  auto absorbed = past("2", Change::resolved);
  absorbed.merged_into = "1";
  EXPECT_THAT(sent_of(absorbed), IsEmpty());
  EXPECT_THAT(
      due_at(begun + 10s),
      ElementsAre("all warning 1 incident of the last 9 days stood in the logs when triaged began to follow them"));
}

TEST_F(FirstStart, OpensToEverySinkAnIncidentThatHasBecomeNewsAndDoesNotCountIt) {
  sent_of(past("1", Change::opened));
  EXPECT_THAT(sent_of(news("1", Change::updated)), ElementsAre("all opened", "errors opened"));
  EXPECT_THAT(sent_of(news("1", Change::resolved)), ElementsAre("all resolved", "errors resolved"));
  EXPECT_THAT(due_at(begun + 1h), IsEmpty());
}

TEST_F(FirstStart, CountsEachIncidentOnceOverRestarts) {
  sent_of(past("1", Change::opened));
  sent_of(past("2", Change::opened));
  sent_of(past("2", Change::resolved));
  restart(begun + 1h);
  sent_of(past("3", Change::opened), begun + 1h);
  EXPECT_THAT(
      due_at(begun + 1h + 10s),
      ElementsAre("all warning 3 incidents of the last 9 days stood in the logs when triaged began to follow them"));
  restart(begun + 2h);
  sent_of(past("1", Change::updated), begun + 2h);
  sent_of(past("1", Change::resolved), begun + 2h);
  sent_of(past("3", Change::resolved), begun + 2h);
  EXPECT_THAT(due_at(begun + 3h), IsEmpty());
  EXPECT_THAT(ledger, IsEmpty());
}

TEST_F(FirstStart, SaysThatThereAreMoreThanItCounts) {
  for (std::size_t i = 0; i <= HistorySummary::most_incidents; ++i) {
    sent_of(past(std::to_string(i), Change::resolved));
  }
  EXPECT_THAT(due_at(begun + 10s),
              ElementsAre("all warning more than 10000 incidents of the last 9 days stood in the logs "
                          "when triaged began to follow them"));
  EXPECT_THAT(ledger, IsEmpty());
}

TEST_F(FirstStart, SaysHowManyHoursAgoItBeganWhenThatIsLessThanTwoDays) {
  auto report = past("1", Change::opened);
  report.first_seen = begun - 5h;
  sent_of(report);
  EXPECT_THAT(
      due_at(begun + 10s),
      ElementsAre("all warning 1 incident of the last 6 hours stood in the logs when triaged began to follow them"));
}

}  // namespace
}  // namespace triaged::notify

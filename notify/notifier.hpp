// Who is told of an incident, and when. The diagnosis says what is true; this decides which sinks hear of it, whether
// an incident that only grows is told again, and what an operator's acknowledgement keeps quiet. It remembers for each
// incident what was told of it and who has heard. Of what is history nobody hears but by one message that counts it
// (history_summary.hpp).
//
// Values in, values out: no thread, no clock, no ledger. Whoever calls it keeps what take_state_changes() gives, in the
// same transaction as the notifications, and gives it back to restore() at the next start.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "notify/history_summary.hpp"
#include "values/incident.hpp"
#include "values/notification.hpp"
#include "values/saved_state.hpp"
#include "values/severity.hpp"

namespace triaged::notify {

/// Which notifications a sink gets.
struct Route {
  std::string sink;
  Severity min_severity = Severity::info;
};

struct NotifyPolicy {
  std::vector<Route> routes;
  Microseconds update_every = std::chrono::minutes(15);  // notify of a growing incident again, at most this often
  Microseconds settle = std::chrono::seconds(2);         // so long the diagnosis waits before it reports an incident
  std::string host = {};                                 // this one, for messages about triaged itself
};

/// What was told of an open incident.
struct NotifiedIncident {
  std::set<std::string> sinks;  // that have heard of it
  std::uint64_t changes = 0;    // that were told
  TimePoint notified_at;
  TimePoint acknowledged_at;  // none: nobody has, or it got worse since
};

class Notifier {
 public:
  explicit Notifier(NotifyPolicy policy) : policy_(std::move(policy)), history_(policy_.settle) {}

  /// What became of the diagnosis' reports: those that are worth keeping, numbered (Incident::change_number), and which
  /// sinks are notified of them.
  struct Told {
    std::vector<Incident> incidents;
    std::vector<Notification> notifications;
  };
  /// `reports` are what the diagnosis reports of its incidents, in order. One of them may be nothing to tell: its
  /// incident is acknowledged and has not become worse.
  [[nodiscard]] Told on_reports(std::vector<Incident> reports, TimePoint now);

  /// Lines were read that stood in their log before it was followed at all.
  void on_past_read(TimePoint now) { history_.on_past_read(now); }
  /// What is due without a report: the message that counts what is history. It is no incident of the diagnosis.
  [[nodiscard]] Told advance_to(TimePoint now);

  /// Whether it was told and is open.
  [[nodiscard]] bool knows(const std::string& incident) const { return incidents_.contains(incident); }

  /// Whether an incident that has grown, and is neither worse than it was nor of another cause, is to be told again.
  [[nodiscard]] bool wants_update(const std::string& incident, TimePoint now) const;

  /// An operator knows of the incident: nothing more is told of it until its severity rises above what was told (then
  /// it is no longer acknowledged) or it ends. False: no incident of that id was told and is open.
  bool acknowledge(const std::string& incident, TimePoint at);

  /// The incident has ended without a word.
  void forget(const std::string& incident);

  /// What changed since the last call, one row for each incident. The names of sinks are kept, not what they are told
  /// now: a reload may add a sink, or make one more or less curious, in the middle of an incident.
  [[nodiscard]] std::vector<SavedState> take_state_changes();
  /// All of it, for a ledger that must be written anew.
  [[nodiscard]] std::vector<SavedState> saved_state() const;

  /// Takes back what take_state_changes() gave, and leaves rows of other kinds alone; `now` is the time of the new
  /// start. What cannot be read is forgotten and its incident returned.
  [[nodiscard]] std::vector<std::string> restore(std::span<const SavedState> saved, TimePoint now);

 private:
  [[nodiscard]] bool is_to_be_told(const Incident& report) const;
  void note_change(const std::string& incident);
  void end(const std::string& incident);
  [[nodiscard]] NotifiedIncident& note_report(Incident& incident, TimePoint now);
  void tell(const Incident& incident, NotifiedIncident& known, std::vector<Notification>& notifications) const;

  NotifyPolicy policy_;
  HistorySummary history_;
  std::unordered_map<std::string, NotifiedIncident> incidents_;
  std::set<std::string> changed_, ended_;  // ids, in one of the two at most
};

}  // namespace triaged::notify

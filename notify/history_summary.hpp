// The past is not news: of incidents that are history (Incident::is_history) nobody is notified. This keeps count of
// them, and when no more of the past comes, one message says how many there were and how to see them.
//
// It waits until nothing of the past was read for a while, and what was read has settled, so that one message is enough
// for all logs of a first start. Each incident is counted in one message: what comes later, because a reload added a
// source, gets a message of its own.
//
// Bounded: beyond most_incidents an incident that is over is not counted, and the message says "more than".
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "values/incident.hpp"
#include "values/saved_state.hpp"

namespace triaged::notify {

/// One incident of which nobody was notified.
struct PastIncident {
  Severity severity = Severity::info;
  TimePoint first_seen, last_seen;
  bool is_over = false;
  bool is_summarised = false;  // a message has counted it: it is remembered until it is over
};

class HistorySummary {
 public:
  static constexpr std::size_t most_incidents = 10'000;

  /// `settle` is how long an incident waits before it is reported.
  explicit HistorySummary(Microseconds settle) : settle_(settle) {}

  /// Lines of the past were read.
  void on_past_read(TimePoint now) { last_activity_ = now; }
  /// Takes what the diagnosis reports. True: nobody is to be notified of it.
  [[nodiscard]] bool take(const Incident& report, TimePoint now);
  /// The incident has ended without a report.
  void forget(const std::string& incident);

  /// The message, when it is due: an incident about triaged itself.
  [[nodiscard]] std::optional<Incident> take_due(const std::string& host, TimePoint now);

  /// Rows of the kind `history`, as Notifier has them of its own.
  [[nodiscard]] std::vector<SavedState> take_state_changes();
  [[nodiscard]] std::vector<SavedState> saved_state() const;
  /// What cannot be read is not counted.
  void restore(const SavedState& saved);
  /// A new start: what is to be read of the past is read from now on.
  void start_at(TimePoint now) { last_activity_ = now; }

 private:
  void note(const Incident& report);
  [[nodiscard]] Incident message(const std::string& host, TimePoint now) const;

  Microseconds settle_;
  TimePoint last_activity_;
  std::map<std::string, PastIncident> incidents_;  // by id
  std::set<std::string> changed_, ended_;          // ids, in one of the two at most
};

}  // namespace triaged::notify

// Which time the logs cover that were read: that a rule's symptom is absent says something only when a log in which it
// would stand was read of that time.
//
// A log covers the time from its first line to its last, and as far beyond as it has paused before. One that is being
// followed covers everything since its first line, for as long as it has not been quiet for a week: then nobody knows
// whether it is still written. Bounded: so many logs, of which the one that was quiet longest makes room. Kept in the
// ledger as a whole, under one id.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "diagnosis/diagnoser.hpp"
#include "diagnosis/open_incident.hpp"
#include "knowledge/model/rule.hpp"
#include "values/finding.hpp"

namespace triaged::diagnosis {

class LogCoverage {
 public:
  static constexpr std::size_t most_logs = 1024;
  static constexpr Microseconds followed_for = std::chrono::days(7);
  static constexpr Microseconds saved_every = std::chrono::minutes(10);
  static constexpr std::string_view saved_id = "all";

  explicit LogCoverage(Logs logs) : logs_are_followed_(logs == Logs::are_followed) {}

  void add(const CoveredTime& time);
  /// A log of `format` is read from `since` on, whether it says anything or not.
  void follow(const std::string& format, TimePoint since) { followed_[format] = since; }

  /// Would a symptom of `rule` near the first one of `own` stand in what was read, on the same host?
  [[nodiscard]] bool would_show(const knowledge::Rule& rule, const Observation& own) const;

  /// True when what is to be kept has changed since the last call.
  [[nodiscard]] bool take_changed();
  [[nodiscard]] std::string to_json() const;
  /// False when the text cannot be read.
  [[nodiscard]] bool restore(std::string_view json);

 private:
  struct Span {
    TimePoint from, until;
    Microseconds longest_pause{0};
  };
  struct Log {
    std::string source, format, host;

    friend auto operator<=>(const Log&, const Log&) = default;
  };
  [[nodiscard]] bool covers(const Span& span, TimePoint at) const;
  void make_room();

  bool logs_are_followed_;
  std::map<Log, Span> logs_;
  std::map<std::string, TimePoint> followed_;  // since when, by format; not saved: each start says it anew
  TimePoint latest_{}, saved_{};               // of all lines; what of that was saved last
  bool is_changed_ = false;
};

}  // namespace triaged::diagnosis

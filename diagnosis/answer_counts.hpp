// How many requests were answered as they should be: by an upstream or a server where the log says who answered, and by
// all servers of a tier on a host (nginx, HAProxy, whatever application stands behind them). A failure is over when
// such answers come and it does not.
//
// Counted in parts of ten seconds of the logs' own time, so that it does not matter which log is read first. Bounded:
// so many keys, of which the one that was quiet longest makes room, and an hour of each. Not saved: after a restart a
// story ends a minute later.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "values/finding.hpp"

namespace triaged::diagnosis {

/// The tier that writes logs of a format ("nginx", "haproxy", "application"); empty: none that answers requests.
[[nodiscard]] std::string_view tier_of(std::string_view format);

/// What the answers of a tier on `host` are counted under.
[[nodiscard]] std::string tier_key(std::string_view tier, std::string_view host);

/// The good answers around an incident, of the servers that it is about. Counted in parts of ten seconds: what lies in
/// the part in which it began counts as before it.
struct GoodAnswers {
  bool is_partial = false;        // the incident began before they were counted: no share is known
  bool may_be_of_others = false;  // of several applications on the host nobody knows which one answered
  bool are_named = false;         // the log says which server answered
  std::uint64_t before = 0;       // in the hour before the first failure, as far as it was read
  std::uint64_t meanwhile = 0;    // from the first failure to the last
  std::uint64_t since = 0;        // after the last
  bool stays_away = true;         // for longer than it paused between two failures
  std::uint64_t by_others = 0;    // meanwhile, of other servers that the log names
  std::string other;              // one of these

  [[nodiscard]] bool is_none() const { return before + meanwhile + since == 0; }
};

class AnswerCounts {
 public:
  static constexpr std::chrono::seconds part{10};
  static constexpr std::chrono::hours kept_for{1};
  static constexpr std::size_t most_keys = 1024;

  void add(const std::string& key, TimePoint at, std::uint64_t answers);

  /// The time of the latest answer under any key.
  [[nodiscard]] TimePoint latest() const { return latest_; }
  /// In the parts that begin in [from, to].
  [[nodiscard]] std::uint64_t between(const std::string& key, TimePoint from, TimePoint to) const;
  /// Keys that begin with `prefix`, in their order.
  [[nodiscard]] std::vector<std::string> keys_with(std::string_view prefix) const;

 private:
  using Part = std::chrono::time_point<std::chrono::system_clock, std::chrono::duration<std::int64_t, std::ratio<10>>>;

  void make_room();

  std::unordered_map<std::string, std::map<Part, std::uint64_t>> counts_;
  TimePoint latest_{};
};

}  // namespace triaged::diagnosis

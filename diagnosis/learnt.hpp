// What the site has learnt: how often each workaround has worked here, and what that does to its rate.
//
// A rule's success rate r counts as n reports of which r × n say that it worked: n is the rule's own evidence count, at
// least 2 and at most 4, because what happened here says more about here: ten failures leave at most two sevenths of a
// rate, whoever claimed it. That is a Beta(r × n, (1 - r) × n) distribution; each report adds 1 to one side, and the
// rate is its mean:
//
//     (r × n + worked) / (n + worked + failed)
//
// Counted by rule, cause and workaround by name, so reports survive whatever else a newer rule file changes.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "knowledge/model/rule.hpp"
#include "values/incident.hpp"
#include "values/workaround_report.hpp"

namespace triaged::diagnosis {

/// Names a workaround of a rule: its own id, or what its English action comes to when it has none.
[[nodiscard]] std::string name_of(const knowledge::Workaround& workaround);

class Learnt {
 public:
  Learnt() = default;
  /// Those that are withdrawn do not count, nor does one that is there twice.
  explicit Learnt(std::span<const WorkaroundReport> reports);

  /// What is known of `workaround` of `rule` when `cause` was to be treated.
  [[nodiscard]] SiteRecord record(const knowledge::Rule& rule, std::string_view cause,
                                  const knowledge::Workaround& workaround) const;

 private:
  struct Counts {
    std::uint64_t worked = 0, failed = 0;
  };
  std::map<std::string, Counts, std::less<>> counts_;
};

/// The rate that a record comes to.
[[nodiscard]] double success_rate(const SiteRecord& record);

/// One workaround that somebody tried, as it is named on a command line or a form.
struct TriedWorkaround {
  std::string name;  // its number in the incident as it was told ("1" is the first), or RankedWorkaround::id
  bool has_worked = false;
};

/// What was tried as reports on `incident`; all of it or, when one name is wrong, nothing and why.
[[nodiscard]] Result<std::vector<WorkaroundReport>> reports_on(const Incident& incident,
                                                               std::span<const TriedWorkaround> tried, TimePoint at);

}  // namespace triaged::diagnosis

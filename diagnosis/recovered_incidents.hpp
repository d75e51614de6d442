// Incidents that are over and were told, for as long as the same root cause may bring them back: then it is the same
// incident once more and not a new one. Bounded; kept in the ledger with the open ones.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "diagnosis/open_incident.hpp"

namespace triaged::diagnosis {

class RecoveredIncidents {
 public:
  static constexpr std::size_t most = 1000;

  explicit RecoveredIncidents(Microseconds remembered_for) : remembered_for_(remembered_for) {}

  void keep(OpenIncident incident);
  /// The one of that key and root cause that was over not long before `at`; it is forgotten here.
  [[nodiscard]] std::optional<OpenIncident> take(const std::string& key, std::string_view cause, TimePoint at);

  /// For the ledger, as an id and JSON: those that came since the last call, and ids of those that were forgotten.
  struct Changes {
    std::vector<std::pair<std::string, std::string>> changed;
    std::vector<std::string> ended;
  };
  [[nodiscard]] Changes take_changes();
  void drop_changes();
  /// All of them.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> saved() const;
  /// False when it cannot be read.
  [[nodiscard]] bool restore(std::string_view json);

 private:
  using ByKey = std::map<std::string, OpenIncident>;

  OpenIncident forget(ByKey::iterator known);
  void forget_older_than(TimePoint time);

  Microseconds remembered_for_;
  ByKey by_key_;                   // the last one of each key
  std::set<std::string> changed_;  // keys
  std::vector<std::string> ended_;
};

}  // namespace triaged::diagnosis

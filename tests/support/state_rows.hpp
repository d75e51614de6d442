// What a stage hands to the ledger, for tests: the rows that are kept and those that are forgotten.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "values/saved_state.hpp"

namespace triaged {

inline std::vector<SavedState> kept(std::vector<SavedState> changes) {
  std::erase_if(changes, [](const SavedState& row) { return row.value.empty(); });
  return changes;
}

inline std::vector<std::string> forgotten(const std::vector<SavedState>& changes) {
  std::vector<std::string> ids;
  for (const auto& row : changes) {
    if (row.value.empty()) ids.push_back(row.id);
  }
  return ids;
}

inline SavedState saved_incident(std::string id, std::string value = "{}") {
  return {StateKind::incident, std::move(id), std::move(value)};
}
inline SavedState ended_incident(std::string id) { return {StateKind::incident, std::move(id), ""}; }

/// The ledger's table, in memory.
class StateRows {
 public:
  void take(const std::vector<SavedState>& changes) {
    for (const auto& [kind, id, value] : changes) {
      if (value.empty()) {
        rows_.erase({kind, id});
      } else {
        rows_[{kind, id}] = value;
      }
    }
  }
  [[nodiscard]] std::vector<SavedState> rows() const {
    std::vector<SavedState> rows;
    for (const auto& [key, value] : rows_) rows.push_back({key.kind, key.id, value});
    return rows;
  }
  void clear() { rows_.clear(); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }

 private:
  std::map<StateKey, std::string> rows_;
};

}  // namespace triaged

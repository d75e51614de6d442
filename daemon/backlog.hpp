// What is decided and not yet in the ledger: groups of changes put together to one commit. As long as the ledger can be
// written it holds one group; while it cannot, it grows, up to a bound that its owner looks at.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "store/ledger.hpp"

namespace triaged::daemon {

class Backlog {
 public:
  /// `group` happened after everything that is here.
  void add(store::Commit group);
  /// All of it as one commit.
  [[nodiscard]] store::Commit commit() const;
  void clear() { *this = Backlog(); }

  [[nodiscard]] bool is_empty() const {
    return cursors_.empty() && state_.empty() && notifications_.empty() && reported_.empty() && acknowledged_.empty() &&
           done_requests_.empty() && safe_cursors_.empty() && safe_state_.empty();
  }
  [[nodiscard]] std::vector<Cursor> cursors() const;
  [[nodiscard]] std::size_t notifications() const { return notifications_.size(); }
  /// Whether the request of that id is fulfilled, and only the ledger does not know.
  [[nodiscard]] bool has_done(const std::string& request) const { return done_requests_.contains(request); }
  /// In memory, about.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  using Cursors = std::map<std::string, std::string>;  // stream -> state
  using State = std::map<StateKey, std::string>;       // -> value

  void put(Cursors& into, std::vector<Cursor> cursors);
  void put(State& into, std::vector<SavedState> rows);
  void replace(std::string& old, std::string value);

  Cursors cursors_, safe_cursors_;  // the last one of each stream counts
  State state_, safe_state_;        // likewise
  std::vector<Notification> notifications_;
  std::map<std::string, Incident> reported_;       // the last form of each counts
  std::map<std::string, TimePoint> acknowledged_;  // after its reports
  std::set<std::string> done_requests_;
  std::size_t bytes_ = 0;
};

}  // namespace triaged::daemon

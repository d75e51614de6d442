#include "daemon/backlog.hpp"

#include <utility>

namespace triaged::daemon {

namespace {

/// An incident's texts, chain and evidence; to measure each would cost as much as to write it.
constexpr std::size_t bytes_of_a_notification = 16 * 1024;

}  // namespace

void Backlog::replace(std::string& old, std::string value) {
  bytes_ += value.size();
  bytes_ -= old.size();
  old = std::move(value);
}

void Backlog::put(Cursors& into, std::vector<Cursor> cursors) {
  for (auto& [stream, state] : cursors) {
    const auto [entry, is_new] = into.try_emplace(std::move(stream));
    if (is_new) bytes_ += 2 * entry->first.size();
    replace(entry->second, std::move(state));
  }
}

void Backlog::put(State& into, std::vector<SavedState> rows) {
  for (auto& [kind, id, value] : rows) {
    const auto [entry, is_new] = into.try_emplace({kind, std::move(id)});
    if (is_new) bytes_ += 2 * entry->first.id.size();
    replace(entry->second, std::move(value));
  }
}

void Backlog::add(store::Commit group) {
  put(cursors_, std::move(group.cursors));
  put(safe_cursors_, std::move(group.safe_cursors));
  put(state_, std::move(group.state));
  put(safe_state_, std::move(group.safe_state));
  bytes_ += group.notifications.size() * bytes_of_a_notification;
  for (auto& notification : group.notifications) notifications_.push_back(std::move(notification));
  for (auto& incident : group.reported) {
    acknowledged_.erase(incident.id);
    auto id = incident.id;
    const auto [entry, is_new] = reported_.insert_or_assign(std::move(id), std::move(incident));
    if (is_new) bytes_ += bytes_of_a_notification;
  }
  for (auto& [id, at] : group.acknowledged) acknowledged_.insert_or_assign(std::move(id), at);
  for (auto& id : group.done_requests) done_requests_.insert(std::move(id));
}

std::vector<Cursor> Backlog::cursors() const {
  std::vector<Cursor> cursors;
  for (const auto& [stream, state] : cursors_) cursors.push_back({stream, state});
  return cursors;
}

store::Commit Backlog::commit() const {
  store::Commit commit{.cursors = cursors()};
  for (const auto& [stream, state] : safe_cursors_) commit.safe_cursors.push_back({stream, state});
  for (const auto& [key, value] : state_) commit.state.push_back({key.kind, key.id, value});
  for (const auto& [key, value] : safe_state_) commit.safe_state.push_back({key.kind, key.id, value});
  commit.notifications = notifications_;
  for (const auto& [id, incident] : reported_) commit.reported.push_back(incident);
  for (const auto& [id, at] : acknowledged_) commit.acknowledged.push_back({id, at});
  commit.done_requests.assign(done_requests_.begin(), done_requests_.end());
  return commit;
}

}  // namespace triaged::daemon

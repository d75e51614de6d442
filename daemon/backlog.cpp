#include "daemon/backlog.hpp"

#include <utility>

namespace triaged::daemon {

namespace {

/// An incident's texts, chain and evidence; to measure each would cost as much as to write it.
constexpr std::size_t bytes_of_a_notification = 16 * 1024;

}  // namespace

void Backlog::put(std::map<std::string, std::string>& into, std::string key, std::string state) {
  bytes_ += state.size();
  const auto [entry, is_new] = into.try_emplace(std::move(key));
  if (is_new) bytes_ += 2 * entry->first.size();
  bytes_ -= entry->second.size();
  entry->second = std::move(state);
}

void Backlog::add(store::Commit group) {
  for (auto& cursor : group.cursors) put(cursors_, std::move(cursor.stream), std::move(cursor.state));
  for (auto& cursor : group.safe_cursors) put(safe_cursors_, std::move(cursor.stream), std::move(cursor.state));
  for (auto& incident : group.open_incidents) {
    closed_.erase(incident.id);
    put(open_, std::move(incident.id), std::move(incident.state));
  }
  for (auto& id : group.closed_incidents) {
    if (const auto open = open_.find(id); open != open_.end()) {
      bytes_ -= open->second.size();
      open_.erase(open);
    }
    bytes_ += 2 * id.size();
    closed_.insert(std::move(id));
  }
  bytes_ += group.notifications.size() * bytes_of_a_notification;
  for (auto& notification : group.notifications) notifications_.push_back(std::move(notification));
  for (auto& incident : group.told) {
    acknowledged_.erase(incident.id);
    auto id = incident.id;
    const auto [entry, is_new] = told_.insert_or_assign(std::move(id), std::move(incident));
    if (is_new) bytes_ += bytes_of_a_notification;
  }
  for (auto& [id, at] : group.acknowledged) acknowledged_.insert_or_assign(std::move(id), at);
  for (auto& id : group.done_requests) done_requests_.insert(std::move(id));
}

store::Commit Backlog::commit() const {
  store::Commit commit;
  for (const auto& [stream, state] : cursors_) commit.cursors.push_back({stream, state});
  for (const auto& [stream, state] : safe_cursors_) commit.safe_cursors.push_back({stream, state});
  for (const auto& [id, state] : open_) commit.open_incidents.push_back({id, state});
  commit.closed_incidents.assign(closed_.begin(), closed_.end());
  commit.notifications = notifications_;
  for (const auto& [id, incident] : told_) commit.told.push_back(incident);
  for (const auto& [id, at] : acknowledged_) commit.acknowledged.push_back({id, at});
  commit.done_requests.assign(done_requests_.begin(), done_requests_.end());
  return commit;
}

}  // namespace triaged::daemon

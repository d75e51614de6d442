#include "daemon/committer.hpp"

#include <utility>

#include <spdlog/spdlog.h>

namespace triaged::daemon {

Committer::Committer(store::Ledger& ledger, const std::vector<Cursor>& checkpoint, const std::vector<SavedState>& state,
                     SafePlace safe_place)
    : ledger_(ledger),
      place_(checkpoint, state),
      safe_place_(std::move(safe_place)),
      times_set_aside_(ledger.times_set_aside()),
      times_gone_back_(ledger.times_gone_back()) {
  safe_place_.share_with(place_);
}

void Committer::add(store::Commit group) {
  place_.go_to(group.cursors, group.state);
  backlog_.add(std::move(group));
}

void Committer::add_everything(std::vector<SavedState> state) {
  store::Commit all = safe_place_.all();
  all.cursors = place_.cursor_rows();
  all.state = std::move(state);
  for (auto& reader : place_.reader_rows()) all.state.push_back(std::move(reader));
  backlog_.add(std::move(all));
  times_set_aside_ = ledger_.times_set_aside();
}

Result<void> Committer::commit() {
  const auto commit = backlog_.commit();
  auto stored = ledger_.commit(commit);
  say_messages_of(ledger_);
  if (!stored) return stored;
  safe_place_.on_commit(commit);
  backlog_.clear();
  return {};
}

/// What cannot be read of the outbox counts as undelivered: then the place is not safe yet.
void Committer::look_for_safe_place(std::chrono::steady_clock::time_point now) {
  const auto has_pending = [&](std::int64_t row) {
    const auto pending = ledger_.has_pending(row);
    return !pending || *pending;
  };
  backlog_.add(safe_place_.advance(place_, ledger_.highest_row(), has_pending, now));
}

void say_messages_of(store::Ledger& ledger) {
  for (const auto& message : ledger.take_messages()) spdlog::error("{}", message);
}

}  // namespace triaged::daemon

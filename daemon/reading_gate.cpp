#include "daemon/reading_gate.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace triaged::daemon {

namespace {

/// Full at the bound, and until a tenth of it is free again: not full and free in turns.
bool is_full(const store::OutboxLoad& load, const store::OutboxBound& bound, bool was_full) {
  const auto limit = [&](std::uint64_t most) { return was_full ? most - std::max<std::uint64_t>(most / 10, 1) : most; };
  return was_full ? load.rows > limit(bound.rows) || load.bytes > limit(bound.bytes)
                  : load.rows >= bound.rows || load.bytes >= bound.bytes;
}

}  // namespace

bool ReadingGate::is_open(std::size_t backlog_bytes,
                          const std::function<store::OutboxLoad(const std::string& sink)>& load_of) {
  const bool was_full = std::exchange(is_backlog_full_, backlog_bytes >= most_backlog_bytes);
  if (is_backlog_full_ && !was_full) {
    spdlog::error("{} MiB wait in memory for the ledger: reading pauses, and the files keep the data",
                  backlog_bytes / (1024 * 1024));
  }
  if (is_backlog_full_) return false;
  for (const auto& sink : sinks_) {
    const auto load = load_of(sink);
    if (!is_full(load, bound_, sink == full_)) continue;
    if (full_ != sink) {
      full_ = sink;
      trouble_ = fmt::format(
          "the outbox of sink {} is full ({} notifications, {} KiB): reading pauses until it delivers again", full_,
          load.rows, load.bytes / 1024);
      spdlog::error("{}; 'state.outbox' and 'state.outbox_size' set its limit", trouble_);
    }
    return false;
  }
  if (!full_.empty()) {
    spdlog::warn("the outbox of sink {} has room again; reading resumes", std::exchange(full_, ""));
    trouble_.clear();
  }
  return true;
}

}  // namespace triaged::daemon

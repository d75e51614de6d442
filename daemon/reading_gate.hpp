// Whether more may be read: not while too much waits in memory for the ledger, nor while a sink's outbox is full. Then
// the files wait, and keep the data.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "store/ledger.hpp"
#include "store/outbox_bound.hpp"

namespace triaged::daemon {

inline constexpr std::size_t most_backlog_bytes = 32 * 1024 * 1024;

class ReadingGate {
 public:
  ReadingGate(std::vector<std::string> sinks, store::OutboxBound bound) : sinks_(std::move(sinks)), bound_(bound) {}

  /// `load_of` says what a sink has still to deliver. Says in the log when the answer changes.
  [[nodiscard]] bool is_open(std::size_t backlog_bytes,
                             const std::function<store::OutboxLoad(const std::string& sink)>& load_of);

  /// As of the last is_open().
  [[nodiscard]] bool is_backlog_full() const { return is_backlog_full_; }
  /// Which outbox is full; empty: none.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  const std::vector<std::string> sinks_;
  const store::OutboxBound bound_;
  std::string full_;  // the sink whose outbox is full, or "" for none
  std::string trouble_;
  bool is_backlog_full_ = false;
};

}  // namespace triaged::daemon

// The outbox in a state folder, for commands beside a running daemon or without one: what each sink has still to
// deliver, and the dead letters, which can be retried or dropped. A running daemon notices the change
// (Ledger::was_changed_by_others).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/stored_file.hpp"

namespace triaged::store {

/// A notification that its sink will never take, with what the sink said.
struct DeadLetter {
  std::int64_t row = 0;
  std::string sink;
  std::string idempotency_key;
  std::string incident;  // JSON, as it was to be delivered; a damaged one too
  TimePoint at;
  std::string why;
};

struct SinkTotals {
  std::string sink;
  std::uint64_t pending = 0;
  std::uint64_t delivered = 0, rejected = 0;  // since the ledger was made, also what is no longer kept
};

/// Which dead letters are meant: those that fit both.
struct DeadLetterChoice {
  std::vector<std::int64_t> rows;  // empty: any
  std::optional<std::string> sink;
};

class StoredOutbox {
 public:
  using For = StoredFor;
  /// Fails when there is no triaged.db in `folder`, or one of another version.
  [[nodiscard]] static Result<StoredOutbox> open(const StateFolder& folder, For purpose);

  /// By name: every sink that ever had something to deliver.
  [[nodiscard]] Result<std::vector<SinkTotals>> sinks() const;
  /// Oldest first. As many are kept as outbox_rows_kept allows.
  [[nodiscard]] Result<std::vector<DeadLetter>> dead_letters(const DeadLetterChoice& choice) const;
  /// Puts them back in the outbox, in their old places. Returns their rows.
  [[nodiscard]] Result<std::vector<std::int64_t>> retry(const DeadLetterChoice& choice) const;
  /// Deletes them. Returns their rows.
  [[nodiscard]] Result<std::vector<std::int64_t>> drop(const DeadLetterChoice& choice) const;

 private:
  explicit StoredOutbox(StoredFile file) : file_(std::move(file)) {}
  [[nodiscard]] Result<std::vector<std::int64_t>> change(const char* one_row, const DeadLetterChoice& choice) const;

  StoredFile file_;
};

}  // namespace triaged::store

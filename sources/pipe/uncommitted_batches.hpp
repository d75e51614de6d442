// Batches that were read from a pipe and are not committed yet. A file keeps its lines; a pipe does not, so they are
// kept here: when a reload ends the road before it has committed them, they are emitted once more. When there are too
// many, reading stops, and the pipe makes its writers wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "values/line_batch.hpp"

namespace triaged::sources {

class UncommittedBatches {
 public:
  explicit UncommittedBatches(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// `batch` is emitted now, and with it the stream up to `reach`, further than with all before it. Keeps a copy.
  void add(const LineBatch& batch, std::uint64_t reach);

  /// The stream is committed up to `reach`.
  void commit(std::uint64_t reach);

  /// The road that took them has ended: what is not committed is to be emitted again.
  void give_again() { given_ = 0; }
  /// The next one that is to be emitted again; nullopt: there is none.
  [[nodiscard]] std::optional<LineBatch> next_again();
  [[nodiscard]] bool has_again() const { return given_ < kept_.size(); }

  [[nodiscard]] bool is_empty() const { return kept_.empty(); }
  [[nodiscard]] bool is_full() const { return bytes_ >= max_bytes_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Kept {
    LineBatch batch;
    std::uint64_t reach = 0;
  };

  const std::size_t max_bytes_;
  std::deque<Kept> kept_;
  std::size_t given_ = 0;  // how many of them were emitted
  std::size_t bytes_ = 0;
};

}  // namespace triaged::sources

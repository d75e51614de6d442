// Remembers, over runs, which patterns both engines take: asking them costs half a second for a few thousand patterns,
// and the answer only changes with the engines. Used inside knowledge/ only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_set>

#include "base/mutex.hpp"

namespace triaged::knowledge {

/// Any number of threads may ask at once.
class AcceptedPatterns {
 public:
  AcceptedPatterns() = default;
  /// Reads what an earlier run kept at `file`; a file that is not there or not understood is as good as empty.
  explicit AcceptedPatterns(std::filesystem::path file);

  /// As refusal_of(), but a pattern that was taken before is not asked about again.
  [[nodiscard]] std::optional<std::string> refusal_of(const std::string& regex, bool caseless);

  /// Writes what was learned, if anything was. What cannot be written is asked again the next time: no message.
  void keep() const;

 private:
  std::filesystem::path file_;  // empty: remember nothing
  mutable Mutex mutex_;
  std::unordered_set<std::uint64_t> known_ TRIAGED_GUARDED_BY(mutex_);
  bool has_news_ TRIAGED_GUARDED_BY(mutex_) = false;
};

}  // namespace triaged::knowledge

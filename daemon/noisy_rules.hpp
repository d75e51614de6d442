// What the running daemon learned about noise, for `triaged rules list`: the public rules that it demoted, one line of
// JSON each, in the state folder.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/mutex.hpp"
#include "matcher/noise.hpp"
#include "store/state_folder.hpp"

namespace triaged::daemon {

/// Any thread. Bounded: the file keeps the last `most_kept`.
class NoisyRules {
 public:
  static constexpr std::size_t most_kept = 1000;

  explicit NoisyRules(store::StateFolder state);

  /// Logs them, counts them and adds them to the file. A file that cannot be written is logged and nothing else.
  void add(const std::vector<matcher::NoisyRule>& demoted);
  /// Demotions since the start; for metrics.
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  const store::StateFolder state_;
  std::atomic<std::uint64_t> count_{0};
  Mutex mutex_;
  std::vector<matcher::NoisyRule> kept_ TRIAGED_GUARDED_BY(mutex_);
};

/// What the last daemon with this state folder wrote; empty when there is none.
[[nodiscard]] std::vector<matcher::NoisyRule> noisy_rules_in(const std::filesystem::path& state_folder);

}  // namespace triaged::daemon

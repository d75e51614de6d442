// Probes this host for the diagnosis, each kind of probe on a thread of its own, started when it is first asked for. A
// probe may hang (a dead network file system, a name server that does not answer) and nothing can end it: it is given
// up after the timeout, and its kind is asked nothing more until it returns. Nobody ever waits for a probe: not the
// diagnosis, not a reload, and a stop no longer than the timeout.
//
// Outlives a reload, as the sinks do, so that a reload does not start a probe again that hangs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "probes/probe_host.hpp"
#include "values/probe.hpp"

namespace triaged::probes {

struct ProbeCounts {
  std::uint64_t answered = 0;      // and known
  std::uint64_t unknown = 0;       // the probe was made and cannot say
  std::uint64_t given_up = 0;      // took longer than the timeout
  std::uint64_t refused = 0;       // not made: the kind hangs, or too much was asked
  std::vector<ProbeKind> hanging;  // now
};

class ProbeStage {
 public:
  using ProbeFunction = std::function<Finding(const ProbeQuestion&)>;
  static constexpr std::size_t most_waiting = 32;  // questions of a kind; more are refused
  static constexpr std::size_t most_answers_kept = 256;

  /// `probe` is called on several threads, and may still be running when the stage is gone: it owns what it uses.
  /// `watch` is for what is known only to who reads it regularly.
  explicit ProbeStage(ProbeFunction probe, std::function<void()> watch = {});
  /// Waits for probes under way, at most the timeout, and leaves those that hang.
  ~ProbeStage();
  ProbeStage(const ProbeStage&) = delete;
  ProbeStage& operator=(const ProbeStage&) = delete;

  /// Once a second while the host may be probed; does not wait either.
  void keep_watch() const;

  // All of these: any thread; none of them waits.
  void set_timeout(Microseconds timeout);
  void ask(std::vector<ProbeQuestion> questions);
  /// What is known since the last call; what is unknown is counted and logged (debug) instead.
  [[nodiscard]] std::vector<ProbeAnswer> take_answers();
  [[nodiscard]] ProbeCounts counts() const;

 private:
  struct Shared;
  const std::function<void()> watch_;
  const std::shared_ptr<Shared> shared_;
};

/// All answers to `questions` about this host that come within the timeouts of probes, for a caller that can wait.
[[nodiscard]] std::vector<ProbeAnswer> answers_of_host(std::vector<ProbeQuestion> questions);

/// Probes the host that the daemon runs on.
[[nodiscard]] std::unique_ptr<ProbeStage> probe_this_host();

/// "probes: 12 answered, 3 unknown; name hangs"; empty when nothing was asked.
[[nodiscard]] std::string status_of(const ProbeCounts& counts);

}  // namespace triaged::probes

// Looks at this host for the diagnosis, each kind of look on a thread of its own, started when it is first asked for. A
// look may hang (a dead network file system, a name server that does not answer) and nothing can end it: it is given up
// after the timeout, and its kind is asked nothing more until it has come back. Nobody ever waits for a look: not the
// diagnosis, not a reload, and a stop no longer than the timeout.
//
// Outlives a reload, as the sinks do, so that a look that hangs is not started again by each.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "probes/look.hpp"
#include "values/probe.hpp"

namespace triaged::probes {

struct ProbeCounts {
  std::uint64_t answered = 0;  // and known
  std::uint64_t unknown = 0;   // looked, and cannot say
  std::uint64_t given_up = 0;  // took longer than the timeout
  std::uint64_t refused = 0;   // not looked: the kind hangs, or too much was asked
  std::vector<Look> hanging;   // now
};

class ProbeStage {
 public:
  using LookFunction = std::function<Finding(const ProbeQuestion&)>;
  static constexpr std::size_t most_waiting = 32;  // questions of a kind; more are refused
  static constexpr std::size_t most_answers_kept = 256;

  /// `look` is called on several threads, and may still be running when the stage is gone: it owns what it uses.
  /// `watch` is for what can only be known by looking regularly.
  explicit ProbeStage(LookFunction look, std::function<void()> watch = {});
  /// Waits for looks under way, at most the timeout, and leaves those that hang.
  ~ProbeStage();
  ProbeStage(const ProbeStage&) = delete;
  ProbeStage& operator=(const ProbeStage&) = delete;

  /// Once a second while the host may be looked at; does not wait either.
  void keep_watch() const;

  // All of these: any thread; none of them waits.
  void set_timeout(Microseconds timeout);
  void ask(std::vector<ProbeQuestion> questions);
  /// What is known since the last call; what is unknown is counted and said in the log (debug) instead.
  [[nodiscard]] std::vector<ProbeAnswer> take_answers();
  [[nodiscard]] ProbeCounts counts() const;

 private:
  struct Shared;
  const std::function<void()> watch_;
  const std::shared_ptr<Shared> shared_;
};

/// All answers to `questions` about this host that come within the timeouts of looks, for whoever can wait.
[[nodiscard]] std::vector<ProbeAnswer> answers_of_host(std::vector<ProbeQuestion> questions);

/// Looks at the host that the daemon runs on.
[[nodiscard]] std::unique_ptr<ProbeStage> probe_this_host();

/// "probes: 12 answered, 3 unknown; name hangs"; empty when nothing was asked.
[[nodiscard]] std::string status_of(const ProbeCounts& counts);

}  // namespace triaged::probes

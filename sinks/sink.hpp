// A place that diagnoses are sent to. A sink says only what happened to one delivery; when to try again, in what order
// and when to give up is decided in one place, SinkRunner.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "values/notification.hpp"

namespace triaged::sinks {

enum class Outcome {
  delivered,
  try_again,  // the other side is not there or busy: the same notification may succeed later
  rejected,   // the other side will never take this one
};

struct Delivery {
  Outcome outcome = Outcome::delivered;
  std::string detail;  // why it was not delivered: "HTTP 503 from https://…"; never a secret
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;  // what the other side asked for
};

/// Called by one thread, its runner's; may block, but no longer than its own time limit (at most 30 s).
class Sink {
 public:
  virtual ~Sink() = default;
  [[nodiscard]] virtual Delivery deliver(const Notification& notification) = 0;
  /// The file that it writes, as an absolute path; empty: none. Any thread.
  [[nodiscard]] virtual std::string file() const { return {}; }
  /// The program's name in the syslog header of what it sends; empty: it sends none. Any thread.
  [[nodiscard]] virtual std::string program() const { return {}; }
};

}  // namespace triaged::sinks

// What the transport says about a line beside its text: journald, a syslog datagram, a container's runtime. Files and
// pipes say nothing. It is used where the line and its wrappers say nothing themselves; its program decides which
// formats the line may have.
#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"

namespace triaged::inline values {

/// What is empty is not known.
struct Envelope {
  std::optional<TimePoint> at;  // when the line was written
  std::string host;
  std::string program;  // as it calls itself: "nginx"
  std::string pid;
  std::string unit;  // of systemd: "gunicorn.service"
  std::string container;
  std::string pod;
  std::string space;  // the namespace of the pod
  int priority = -1;  // of syslog, 0 (emergency) to 7 (debug); -1: not known

  bool operator==(const Envelope&) const = default;
};

}  // namespace triaged::inline values

// What the transport says about a line beside its text: journald, a syslog datagram, the place of a container's log.
// Files and pipes say nothing. It is used where the line and its wrappers say nothing themselves; its program decides
// which formats the line may have.
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
  /// Which of the streams that run through each other in the source the line belongs to, such as
  /// "gunicorn.service/gunicorn" in a journal: each has a reader of its own. Empty: the source is one stream.
  std::string stream;
  bool is_partial = false;  // the line goes on in the next one of its stream
  /// The line is one whole syslog message with its header, which says who wrote it. Needs `stream`, in which the
  /// programs of one sender are told apart.
  bool is_syslog = false;
  /// Whether the kernel itself wrote the line, by what a user cannot forge. false: also a header in the text that names
  /// the kernel is not believed. nullopt: the transport cannot tell, and the text decides.
  std::optional<bool> is_kernel;
  bool is_own = false;  // this process wrote the line: it says nothing

  bool operator==(const Envelope&) const = default;
};

}  // namespace triaged::inline values

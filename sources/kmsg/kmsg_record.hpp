// One record of the kernel's log, as /dev/kmsg gives it (Documentation/ABI/testing/dev-kmsg of the kernel):
//
//   6,3122,3812780976,-;gunicorn[1425]: segfault at 0 ip 00007f3d14bddad8 …
//    SUBSYSTEM=pci
//
// Facility and level, sequence number, microseconds of the kernel's clock, flags; the text, in which unprintable bytes
// and backslashes are written as \xNN; and lines of properties, which begin with a space.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace triaged::sources {

struct KmsgRecord {
  int facility = 0;  // 0: the kernel itself wrote it; whoever writes to /dev/kmsg gets another one
  int level = 6;     // of syslog, 0 to 7
  std::uint64_t sequence = 0;
  Microseconds uptime{0};
  /// With what was escaped, but for control characters: a line feed in the name of a process begins no line.
  std::string text;
};

/// nullopt: it is none. What follows the first line is left out.
[[nodiscard]] std::optional<KmsgRecord> read_kmsg_record(std::string_view record);

/// Who wrote the text of a record that is not the kernel's: `systemd[1]: Reached target …`. Empty: it does not say.
struct KmsgWriter {
  std::string_view program, pid, text;
};
[[nodiscard]] KmsgWriter writer_of(std::string_view text);

/// From the kernel's clock, which stands still while the host sleeps and drifts, to the time of day. What is read just
/// after there was nothing to read was written in between: that corrects the time of boot.
class KmsgClock {
 public:
  /// `boot`: when the clock was 0, as far as is known.
  explicit KmsgClock(TimePoint boot) : boot_(boot) {}

  /// There is nothing to read now.
  void note_empty(TimePoint now) { empty_at_ = now; }
  /// Of a record that is read now.
  [[nodiscard]] TimePoint time_of(Microseconds uptime, TimePoint now);

 private:
  TimePoint boot_;
  std::optional<TimePoint> empty_at_;
};

}  // namespace triaged::sources

// Which unit of systemd and which container a process belongs to, by the text of its /proc/PID/cgroup. Private to this
// room.
#pragma once

#include <string>
#include <string_view>

namespace triaged::discover {

struct ControlGroup {
  std::string unit;       // "nginx.service"; empty: of none, or of a user's own
  std::string container;  // its id, 64 hexadecimal digits

  friend bool operator==(const ControlGroup&, const ControlGroup&) = default;
};

[[nodiscard]] ControlGroup control_group_in(std::string_view text);

}  // namespace triaged::discover

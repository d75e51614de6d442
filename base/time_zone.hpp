// A time zone, for times that people read. The zone data is the system's (tzdata); C++20's own zones are not in the
// standard library of Debian 12.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace triaged::inline base {

/// A zone's distance from UTC at a moment, and how people call it: "CET".
struct ZoneOffset {
  std::chrono::seconds from_utc{0};
  std::string abbreviation;
};

/// Copies are cheap. Any thread may ask any copy.
class TimeZone {
 public:
  /// This host's zone, or that of the environment variable TZ.
  TimeZone() = default;
  [[nodiscard]] static TimeZone utc();

  /// "local", "UTC", an offset such as "+01:00", or a name of the system's zone data: "Europe/Berlin". An error says
  /// what to write instead, and does not quote `name`.
  [[nodiscard]] static Result<TimeZone> named(std::string_view name);

  /// An abbreviation that is only a number, as some zones have, is written "UTC+0330".
  [[nodiscard]] ZoneOffset at(TimePoint time) const;

  /// Whether they are of one name.
  friend bool operator==(const TimeZone& a, const TimeZone& b) { return a.name_ == b.name_; }

 private:
  struct Changes;
  TimeZone(std::string name, std::shared_ptr<const Changes> changes)
      : name_(std::move(name)), changes_(std::move(changes)) {}

  std::string name_ = "local";
  std::shared_ptr<const Changes> changes_;  // none: the host's zone
};

/// The names in the system's zone data; empty when it is not installed.
[[nodiscard]] std::vector<std::string> time_zone_names();

}  // namespace triaged::inline base

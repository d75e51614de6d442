// Times as servers write them in their logs, for people who copy one from a log to --since: nginx's, Apache's,
// HAProxy's, Gunicorn's, Python's, syslog's. With or without the brackets around it.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace triaged::cli {

struct LogStamp {
  CivilTime civil;
  bool has_year = true;                        // syslog writes none: civil.year is then as it was
  std::optional<std::chrono::seconds> offset;  // from UTC; nullopt: the log does not say it
};

/// All of `text` is one: "21/Nov/2026:01:15:46 +0000", "[21/Nov/2026:01:15:46.123]", "2026/11/21 01:15:46",
/// "2026-11-21 01:15:46,123", "Nov 21 01:15:46", "Sat Nov 21 01:15:46.123456 2026". Whether there is such a day,
/// is_valid() knows.
[[nodiscard]] std::optional<LogStamp> read_stamp(std::string_view text);

}  // namespace triaged::cli

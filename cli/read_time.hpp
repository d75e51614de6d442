// Times as people type them for --since and --until: how long ago, a day, a time of today, a date, RFC 3339. As
// systemd.time(7) reads them, but that "2h" alone is two hours ago. Also times copied from a log.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace triaged::cli {

/// A time without a zone is in this host's zone. The error names the forms.
[[nodiscard]] Result<TimePoint> read_time(std::string_view text, TimePoint now);

}  // namespace triaged::cli

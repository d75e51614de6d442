// Logs of which hardly a line was recognised: nobody should take their silence for health.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scan/finding_stream.hpp"

namespace triaged::scan {

struct NotUnderstood {
  std::string log;
  std::uint64_t lines = 0, recognised = 0;
  std::string beginning;  // some of its lines
};

/// Those with less than a tenth of their lines recognised and nothing found in them, but not those where that is usual.
[[nodiscard]] std::vector<NotUnderstood> logs_not_understood(const std::vector<LogReading>& readings);

/// "0 of 104 lines of web.log recognised: they look like …". Slow: lines are compared with those of every format.
[[nodiscard]] std::string to_text(const NotUnderstood& log, const formats::Redactor& redactor);

}  // namespace triaged::scan

#include "scan/not_understood.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "formats/plain_lines.hpp"

namespace triaged::scan {

namespace {

constexpr std::uint64_t least_share = 10;  // one line of so many

bool is_understood(const LogReading& reading) {
  const auto recognised = reading.lines - std::min(reading.lines, reading.plain_lines);
  return reading.lines == 0 || reading.has_findings || recognised * least_share >= reading.lines;
}

}  // namespace

std::vector<NotUnderstood> logs_not_understood(const std::vector<LogReading>& readings,
                                               const formats::Redactor& redactor) {
  std::vector<NotUnderstood> logs;
  for (const auto& reading : readings) {
    if (is_understood(reading)) continue;
    auto why = formats::words_for_plain_lines(reading.beginning, {.source_name = reading.name}, redactor);
    if (why.empty()) continue;
    logs.push_back(
        {reading.name, reading.lines, reading.lines - std::min(reading.lines, reading.plain_lines), std::move(why)});
  }
  return logs;
}

std::string to_text(const NotUnderstood& log) {
  return fmt::format("{} of {} line{} of {} recognised: {}", log.recognised, log.lines, log.lines == 1 ? "" : "s",
                     log.log, to_printable(log.why));
}

}  // namespace triaged::scan

#include "scan/not_understood.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "formats/plain_lines.hpp"
#include "scan/own_formats.hpp"
#include "scan/shell_word.hpp"
#include "scan/unknown_prefix.hpp"

namespace triaged::scan {

namespace {

constexpr std::uint64_t least_share = 10;  // one line of so many

bool is_understood(const LogReading& reading) {
  const auto recognised = reading.lines - std::min(reading.lines, reading.plain_lines);
  return reading.lines == 0 || reading.has_findings || recognised * least_share >= reading.lines;
}

/// Of a log of which hardly a line was recognised: its first line without what transport put around it, and what of
/// that is unknown. nullopt: most of its plain lines have no such prefix.
struct PrefixedLine {
  std::string line;
  UnknownPrefix prefix;
};

std::optional<PrefixedLine> prefixed_line_in(std::string_view text) {
  constexpr std::size_t most_lines = 20;
  formats::LineReader reader({.source_name = "", .format = {}, .log_formats = {}, .zone = {}, .reference = {}});
  formats::ReadLine read;
  std::optional<PrefixedLine> first;
  std::size_t plain = 0, prefixed = 0;
  while (!text.empty() && plain < most_lines) {
    const auto end = std::min(text.find('\n'), text.size());
    reader.read(text.substr(0, end), read);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (read.format != formats::Format::text || read.text.empty()) continue;
    ++plain;
    const auto prefix = unknown_prefix_of(read.text);
    if (!prefix) continue;
    ++prefixed;
    if (!first) first = {std::string(read.text), *prefix};
  }
  return prefixed * 2 > plain ? first : std::nullopt;
}

std::string words_for_prefix(const PrefixedLine& found, const std::string& log, const formats::Redactor& redactor) {
  const std::string_view line = found.line;
  const auto prefix = formats::RedactedText(redactor, line).part(line.substr(0, found.prefix.size));
  return fmt::format("behind \"{}\" they are {}, but triaged does not know what stands in front; cut it off: {}",
                     prefix, name_of(found.prefix.format), command_without(found.prefix, log));
}

/// What its lines look like.
std::string words_for(const NotUnderstood& log, const formats::Redactor& redactor) {
  if (const auto found = prefixed_line_in(log.beginning)) return words_for_prefix(*found, log.log, redactor);
  const auto file = nginx_configuration_for(log.log, log.beginning);
  if (file.empty()) return formats::words_for_plain_lines(log.beginning, {.source_name = log.log}, redactor);
  return fmt::format("they are written in a log_format of {}; read them with: --nginx-config {}", file,
                     shell_word(file));
}

}  // namespace

std::vector<NotUnderstood> logs_not_understood(const std::vector<LogReading>& readings) {
  std::vector<NotUnderstood> logs;
  for (const auto& reading : readings) {
    if (is_understood(reading)) continue;
    if (!formats::are_plain_lines_odd(reading.beginning, {.source_name = reading.name})) continue;
    logs.push_back(
        {reading.name, reading.lines, reading.lines - std::min(reading.lines, reading.plain_lines), reading.beginning});
  }
  return logs;
}

std::string to_text(const NotUnderstood& log, const formats::Redactor& redactor) {
  return fmt::format("{} of {} line{} of {} recognised: {}", log.recognised, log.lines, log.lines == 1 ? "" : "s",
                     log.log, to_printable(words_for(log, redactor)));
}

}  // namespace triaged::scan

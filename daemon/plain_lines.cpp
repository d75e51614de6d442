#include "daemon/plain_lines.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "base/utf8.hpp"
#include "formats/plain_lines.hpp"

namespace triaged::daemon {

namespace {

constexpr std::uint64_t least_share = 10;  // one line of so many is read

std::uint64_t sum_of(const LinesByFormat& lines) {
  std::uint64_t sum = 0;
  for (const auto count : lines) sum += count;
  return sum;
}

std::size_t key_of(const LineBatch& batch) { return std::hash<std::string>()(batch.cursor.stream); }

std::uint64_t lines_of(const LinesByFormat& lines, formats::Format format) {
  return lines[static_cast<std::size_t>(format)];
}

/// Streams of many programs, most of which have no format, are nothing to wonder about.
bool holds_many_programs(const LineBatch& batch) {
  return std::any_of(batch.envelopes.begin(), batch.envelopes.end(),
                     [](const Envelope& envelope) { return !envelope.stream.empty(); });
}

}  // namespace

PlainLines::PlainLines(std::vector<std::string> kinds) {
  for (auto& kind : kinds) entries_.push_back({.kind = std::move(kind)});
}

/// A stream is judged when it has shown enough lines, or when a rule found something, which understood it.
bool PlainLines::add(const LineBatch& batch, const LinesByFormat& before, const LinesByFormat& after,
                     bool has_findings) {
  const auto text = lines_of(after, formats::Format::text) - lines_of(before, formats::Format::text);
  const auto headers = lines_of(after, formats::Format::syslog) - lines_of(before, formats::Format::syslog);
  const Lock lock(mutex_);
  entries_[batch.source].plain_lines += text;
  if (holds_many_programs(batch)) return false;
  if (streams_.size() >= most_streams && !streams_.contains(key_of(batch))) return false;
  auto& stream = streams_[key_of(batch)];
  if (stream.is_judged) return false;
  stream.lines += static_cast<std::uint32_t>(sum_of(after) - sum_of(before));
  stream.plain_lines += static_cast<std::uint32_t>(text + headers);
  if (!has_findings && stream.lines < judged_after) return false;
  stream.is_judged = true;
  return !has_findings && stream.plain_lines * least_share > stream.lines * (least_share - 1);
}

void PlainLines::tell(const LineBatch& batch, const formats::LineReaderOptions& reading,
                      const formats::Redactor& redactor) {
  const auto why = formats::words_for_plain_lines(batch.bytes, reading, redactor);
  if (why.empty()) return;
  const Lock lock(mutex_);
  const auto& stream = streams_[key_of(batch)];
  auto& messages = entries_[batch.source].messages;
  if (++messages > most_messages) return;
  spdlog::warn("{} of the first {} lines of {} recognised: {}", stream.lines - stream.plain_lines, stream.lines,
               to_printable(batch.source_name), to_printable(why));
  if (messages == most_messages) {
    spdlog::warn("further logs of this source that are not recognised are only counted (triaged_plain_lines_total)");
  }
}

Metric PlainLines::metric() const {
  Metric metric{"triaged_plain_lines_total", "lines that no format reads, by entry of `sources`", true, {}};
  const Lock lock(mutex_);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    metric.values.push_back(
        {{{"entry", std::to_string(i + 1)}, {"kind", entries_[i].kind}}, static_cast<double>(entries_[i].plain_lines)});
  }
  return metric;
}

}  // namespace triaged::daemon

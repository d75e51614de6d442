#include "sources/kmsg/kmsg_record.hpp"

#include <algorithm>
#include <charconv>

namespace triaged::sources {

namespace {

/// The number in front of `end`, which is taken off with it.
template <class Number>
bool take_number(std::string_view& text, char end, Number& into) {
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), into);
  if (failure != std::errc() || stop == text.data() + text.size() || *stop != end || stop == text.data()) return false;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()) + 1);
  return true;
}

std::string unescaped(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    const auto* digits = text.data() + at + 2;
    const bool is_escape = text[at] == '\\' && at + 3 < text.size() && text[at + 1] == 'x' &&
                           std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    if (is_escape && byte >= 0x20 && byte != 0x7f) {
      plain += static_cast<char>(byte);
      at += 3;
    } else {
      plain += text[at];
    }
  }
  return plain;
}

bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '/' || c == '@' || c == '(' || c == ')';
}

}  // namespace

std::optional<KmsgRecord> read_kmsg_record(std::string_view record) {
  record = record.substr(0, record.find('\n'));
  KmsgRecord read;
  unsigned priority = 0;
  std::int64_t uptime = 0;
  if (!take_number(record, ',', priority) || !take_number(record, ',', read.sequence) ||
      !take_number(record, ',', uptime) || uptime < 0) {
    return std::nullopt;
  }
  // At a million records a second a kernel gets there in nine years; beyond it, differences would mean nothing.
  constexpr auto highest_sequence = std::uint64_t{1} << 48;
  if (read.sequence > highest_sequence) return std::nullopt;
  const auto end = record.find(';');
  if (end == std::string_view::npos) return std::nullopt;
  constexpr unsigned levels = 8, facilities = 256;
  if (priority >= levels * facilities) return std::nullopt;
  read.facility = static_cast<int>(priority / levels);
  read.level = static_cast<int>(priority % levels);
  // A time that is too great to be added to another one is a damaged one.
  constexpr std::int64_t longest_uptime = 100LL * 365 * 24 * 3600 * 1'000'000;
  if (uptime > longest_uptime) return std::nullopt;
  read.uptime = Microseconds(uptime);
  read.text = unescaped(record.substr(end + 1));
  return read;
}

KmsgWriter writer_of(std::string_view text) {
  const auto name_end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_of_name) - text.begin());
  KmsgWriter writer{.program = text.substr(0, name_end), .pid = {}, .text = text.substr(name_end)};
  if (writer.text.starts_with('[')) {
    const auto end = writer.text.find(']');
    if (end == std::string_view::npos) return {.program = {}, .pid = {}, .text = text};
    writer.pid = writer.text.substr(1, end - 1);
    writer.text.remove_prefix(end + 1);
  }
  if (writer.program.empty() || !writer.text.starts_with(": ")) return {.program = {}, .pid = {}, .text = text};
  writer.text.remove_prefix(2);
  return writer;
}

TimePoint KmsgClock::time_of(Microseconds uptime, TimePoint now) {
  auto time = boot_ + uptime;
  if (empty_at_ && *empty_at_ <= now) time = std::max(time, *empty_at_);
  time = std::min(time, now);
  boot_ = time - uptime;
  return time;
}

}  // namespace triaged::sources

#include "formats/access/access_fields.hpp"

#include <algorithm>
#include <array>

#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

void push(ReadLine& into, std::string_view name, std::string_view value) {
  if (value.empty() || value == "-" || into.fields.size() == into.fields.capacity()) return;
  into.fields.push_back({name, value});
}

/// "1795223814.123", nginx's $msec.
std::optional<TimePoint> epoch_time(std::string_view text) {
  Scanner scanner(text);
  std::string_view seconds, fraction;
  if (!scanner.take_digits(seconds) || seconds.size() > 11 || seconds.size() < 9) return std::nullopt;
  std::int64_t microseconds = 0;
  for (const char c : seconds) microseconds = microseconds * 10 + (c - '0');
  microseconds *= 1'000'000;
  if (scanner.skip(".") && scanner.take_digits(fraction)) {
    std::int64_t scale = 100'000;
    for (const char c : fraction.substr(0, 6)) {
      microseconds += (c - '0') * scale;
      scale /= 10;
    }
  }
  if (!scanner.rest().empty()) return std::nullopt;
  return TimePoint(Microseconds(microseconds));
}

/// Django and Werkzeug put a blank between day and clock ("21/Nov/2026 01:06:54"), gin more than one.
std::optional<TimePoint> spaced_time(std::string_view text, LogTimes& times) {
  constexpr std::size_t day_size = 11;
  std::size_t consumed = 0;
  if (const auto dash = text.find(" - "); dash != std::string_view::npos) {
    std::string joined(text.substr(0, dash));
    return times.nginx_error(joined.append(" ").append(text.substr(dash + 3)), consumed);
  }
  if (text.size() <= day_size || text[day_size] != ' ') return std::nullopt;
  std::string joined(text);
  joined[day_size] = ':';
  return times.haproxy(joined, consumed);
}

std::string_view first_in_list(std::string_view list) { return list.substr(0, list.find_first_of(", ")); }

std::string_view count_in_list(std::string_view list) {
  static constexpr std::array<std::string_view, 10> numbers = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  std::size_t count = 1;
  for (const char c : list) count += c == ' ' ? 1 : 0;
  for (auto at = list.find(" : "); at != std::string_view::npos; at = list.find(" : ", at + 1)) --count;
  return numbers[std::min<std::size_t>(count, 9)];
}

}  // namespace

std::string_view without_port(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || address.find(':') == colon || address.starts_with('[')) {
    return address.substr(0, colon);
  }
  return address;
}

std::string_view last_in_list(std::string_view list) {
  const auto space = list.rfind(' ');
  return space == std::string_view::npos ? list : list.substr(space + 1);
}

void add_request_line(std::string_view request, ReadLine& into) {
  Scanner scanner(request);
  std::string_view method;
  if (scanner.take_until(' ', method)) {
    push(into, "method", method);
    push(into, "path", path_of(scanner.rest().substr(0, scanner.rest().find(' '))));
  }
  push(into, "request", request);
}

void add_upstreams(std::string_view list, ReadLine& into) {
  if (list.empty() || list == "-") return;
  push(into, "upstream", last_in_list(list));
  push(into, "upstream_addr", list);
  push(into, "upstream_tries", count_in_list(list));
}

void add_upstream_statuses(std::string_view list, ReadLine& into) {
  push(into, "upstream_status", last_in_list(list));
  push(into, "upstream_first_status", first_in_list(list));
}

std::optional<TimePoint> read_access_time(std::string_view text, LogTimes& times) {
  std::size_t consumed = 0;
  if (auto found = times.iso(text, consumed)) return found;
  if (auto found = times.haproxy(text, consumed); found && consumed == text.size()) return found;
  if (auto found = times.access(text, consumed)) return found;
  if (auto found = spaced_time(text, times)) return found;
  return epoch_time(text);
}

void AccessFields::add(std::string_view field, std::string_view value) { push(into_, field, value); }

void AccessFields::add_time(std::string_view value) {
  if (!into_.time) into_.time = read_access_time(value, memory_.times);
}

void AccessFields::add(PieceUse use, std::string_view field, std::string_view value) {
  switch (use) {
    case PieceUse::none:
      return;
    case PieceUse::time:
      return add_time(value);
    case PieceUse::request:
      return add_request_line(value, into_);
    case PieceUse::path:
      return into_.field("path").empty() ? add("path", path_of(value)) : void();
    case PieceUse::client:
      return add(field, without_port(value));
    case PieceUse::upstream:
      return add_upstreams(value, into_);
    case PieceUse::list:
      return add_upstream_statuses(value, into_);
    case PieceUse::last_of_list:
      return add(field, last_in_list(value));
    case PieceUse::url:
      if (const auto scheme = value.find("://"); scheme != std::string_view::npos) value.remove_prefix(scheme + 3);
      return add(field, value.substr(0, value.find('/')));
    case PieceUse::field:
      if (field == "frontend" && value.ends_with('~')) value.remove_suffix(1);  // HAProxy's mark for TLS
      if (value.starts_with('+')) value.remove_prefix(1);                       // and for what had not ended yet
      return add(field, field == "vhost" && value == "_" ? std::string_view() : value);
  }
}

}  // namespace triaged::formats

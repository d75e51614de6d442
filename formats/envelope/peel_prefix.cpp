// What stands in front of a line.
#include <algorithm>
#include <array>

#include "formats/envelope/layer.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t longest_name = 100;

bool is_name_byte(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c) || c == '.' || c == '_' || c == '-' || c == '/';
}

/// The name at the beginning of `text`; empty: none.
std::string_view name_at(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && length < longest_name && is_name_byte(text[length])) ++length;
  return text.substr(0, length);
}

/// A column of an application's own line ("INFO  | …", "2026-11-21 | …"), and no service's name.
bool is_own_column(std::string_view name) {
  if (name.empty() || name.front() == '-' || name.front() == '/') return true;
  if (std::none_of(name.begin(), name.end(), [](char c) { return is_lower(c) || is_upper(c); })) return true;
  for (const auto level : {"TRACE"sv, "DEBUG"sv, "INFO"sv, "NOTICE"sv, "WARN"sv, "WARNING"sv, "ERROR"sv, "CRITICAL"sv,
                           "FATAL"sv, "SUCCESS"sv}) {
    if (std::equal(name.begin(), name.end(), level.begin(), level.end(),
                   [](char a, char b) { return (a & ~0x20) == b; })) {
      return true;
    }
  }
  return false;
}

/// A pod's name as controllers make it: it ends with five letters and digits, or with a number (a stateful set's).
bool is_pod_name(std::string_view name) {
  const auto dash = name.rfind('-');
  if (is_own_column(name) || dash == std::string_view::npos) return false;
  const auto end = name.substr(dash + 1);
  const auto digits = std::count_if(end.begin(), end.end(), is_digit);
  const auto letters = std::count_if(end.begin(), end.end(), is_lower);
  if (end.size() != static_cast<std::size_t>(digits + letters) || digits == 0) return false;
  return letters == 0 || end.size() == 5;
}

/// "   | " behind a name, or the bar alone at the end of an empty line.
bool skip_bar(Scanner& scanner) {
  scanner.skip_spaces();
  if (!scanner.skip("|")) return false;
  return scanner.rest().empty() || scanner.skip(" ");
}

/// docker compose, forego: "web-1  | "; only spaces may stand between the name and the bar, or what supervisor-stdout
/// puts there: "web stdout | ".
std::optional<Layer> peel_name(std::string_view line) {
  const auto name = name_at(line);
  if (is_own_column(name)) return std::nullopt;
  Scanner scanner(line.substr(name.size()));
  if (!scanner.skip(" stdout")) static_cast<void>(scanner.skip(" stderr"));
  if (!skip_bar(scanner)) return std::nullopt;
  return Layer{.kind = LayerKind::name, .text = scanner.rest(), .key = name, .container = name};
}

/// foreman and honcho: "12:00:01 web.1  | ".
std::optional<Layer> peel_process(std::string_view line) {
  const bool has_clock = line.size() > 9 && line[2] == ':' && line[5] == ':' && line[8] == ' ' && is_digit(line[0]) &&
                         is_digit(line[1]) && is_digit(line[3]) && is_digit(line[4]) && is_digit(line[6]) &&
                         is_digit(line[7]);
  if (!has_clock) return std::nullopt;
  auto layer = peel_name(line.substr(9));
  if (layer) layer->kind = LayerKind::process;
  return layer;
}

/// pm2: "0|app  | ".
std::optional<Layer> peel_pm2(std::string_view line) {
  Scanner scanner(line);
  std::string_view number;
  if (!scanner.take_digits(number) || number.size() > 4 || !scanner.skip("|")) return std::nullopt;
  auto layer = peel_name(scanner.rest());
  if (layer) layer->kind = LayerKind::pm2;
  return layer;
}

/// kubectl --prefix: "[pod/web-7d9f/app] "; kubetail: "[web-7d9f] " and "[web-7d9f app] ".
std::optional<Layer> peel_pod(std::string_view line) {
  Scanner scanner(line);
  std::string_view inside;
  if (!scanner.skip("[") || !scanner.take_until(']', inside) || inside.size() > 2 * longest_name) return std::nullopt;
  if (!scanner.rest().empty() && !scanner.skip(" ")) return std::nullopt;
  Layer layer{.kind = LayerKind::pod, .text = scanner.rest(), .key = inside};
  Scanner parts(inside);
  if (parts.skip("pod/")) {
    if (!parts.take_until('/', layer.pod)) return std::nullopt;
    layer.container = parts.rest();
    layer.is_certain = true;
  } else {
    layer.pod = name_at(inside);
    if (!is_pod_name(layer.pod)) return std::nullopt;
    const auto behind = inside.substr(layer.pod.size());
    if (!behind.empty()) layer.container = behind.substr(1);
    if (!behind.empty() && (behind.front() != ' ' || name_at(layer.container).size() != layer.container.size())) {
      return std::nullopt;
    }
  }
  return layer;
}

/// stern: "web-7d9f app ", and "shop web-7d9f app " of all namespaces.
std::optional<Layer> peel_stern(std::string_view line) {
  Layer layer{.kind = LayerKind::stern};
  Scanner scanner(line);
  layer.pod = name_at(line);
  if (!is_pod_name(layer.pod)) {
    layer.space = layer.pod;
    scanner = Scanner(line.substr(layer.space.size()));
    if (is_own_column(layer.space) || contains(layer.space, ".") || !scanner.skip(" ")) return std::nullopt;
    layer.pod = name_at(scanner.rest());
    if (!is_pod_name(layer.pod)) return std::nullopt;
  }
  scanner = Scanner(scanner.rest().substr(layer.pod.size()));
  if (!scanner.skip(" ")) return std::nullopt;
  layer.container = name_at(scanner.rest());
  if (is_own_column(layer.container)) return std::nullopt;
  scanner = Scanner(scanner.rest().substr(layer.container.size()));
  if (!scanner.rest().empty() && !scanner.skip(" ")) return std::nullopt;
  layer.text = scanner.rest();
  const auto behind = static_cast<std::size_t>(layer.container.data() - line.data()) + layer.container.size();
  layer.key = line.substr(0, behind);
  return layer;
}

/// multilog and svlogd: "@4000000065…", seconds since 1970 + 2^62 + 10.
std::optional<TimePoint> tai64n_at(std::string_view line) {
  constexpr std::size_t digits = 24;
  constexpr std::uint64_t epoch = (std::uint64_t{1} << 62) + 10;
  if (line.size() <= digits || line[0] != '@') return std::nullopt;
  std::uint64_t seconds = 0, nanoseconds = 0;
  for (std::size_t i = 1; i <= digits; ++i) {
    const char c = line[i];
    if (!is_digit(c) && (c < 'a' || c > 'f')) return std::nullopt;
    auto& number = i <= 16 ? seconds : nanoseconds;
    number = number * 16 + static_cast<std::uint64_t>(is_digit(c) ? c - '0' : c - 'a' + 10);
  }
  constexpr std::uint64_t longest = 1ULL << 40;
  if (seconds < epoch || seconds - epoch > longest || nanoseconds >= 1'000'000'000) return std::nullopt;
  return TimePoint(std::chrono::seconds(seconds - epoch) + Microseconds(nanoseconds / 1000));
}

/// "2026-11-21_00:36:06.12345", svlogd -ttt.
std::optional<TimePoint> svlogd_time_at(std::string_view line, std::size_t& size) {
  if (line.size() < 20 || line[10] != '_' || !is_digit(line[0])) return std::nullopt;
  std::size_t end = 11;
  while (end < line.size() && (is_digit(line[end]) || line[end] == ':' || line[end] == '.')) ++end;
  std::string text(line.substr(0, end));
  text[10] = 'T';
  text += 'Z';
  size = end;
  return parse_rfc3339(text);
}

bool has_zone(std::string_view stamp) { return stamp.ends_with('Z') || stamp.find_last_of("+-") > 10; }

/// The time at the beginning, with one blank behind it; `size` is without that.
std::optional<TimePoint> time_at(std::string_view line, LogTimes& times, std::size_t& size) {
  if (line.size() < 20) return std::nullopt;
  if (line[0] == '@') {
    size = 25;
    return tai64n_at(line);
  }
  if (!is_digit(line[0]) || line[4] != '-') return std::nullopt;
  if (line[10] == '_') return svlogd_time_at(line, size);
  return times.iso(line, size);
}

/// docker logs --timestamps, kubectl --timestamps, compose logs -t, Docker Desktop, CloudWatch, svlogd, multilog.
std::optional<Layer> peel_stamp(std::string_view line, LogTimes& times) {
  std::size_t size = 0;
  const auto time = time_at(line, times, size);
  if (!time || size > line.size()) return std::nullopt;
  const auto stamp = line.substr(0, size);
  Scanner scanner(line.substr(size));
  static_cast<void>(scanner.skip(":"));  // pm2 with a log_date_format
  if (!scanner.rest().empty() && !scanner.skip(" ") && !scanner.skip("\t")) return std::nullopt;
  constexpr std::size_t with_nanoseconds = 30;  // docker and kubectl always write nine digits
  Layer layer{.kind = LayerKind::stamp, .text = scanner.rest()};
  layer.is_certain = line[0] == '@' || (stamp.size() == with_nanoseconds && stamp.ends_with('Z'));
  if (has_zone(stamp) || line[0] == '@' || line[10] == '_') layer.time = time;

  // CRI: "stderr F "; P: the line goes on in the next one.
  for (const auto stream : {"stdout "sv, "stderr "sv}) {
    if (!scanner.skip(stream)) continue;
    std::string_view tags;
    const bool has_tag = scanner.rest().starts_with('F') || scanner.rest().starts_with('P');
    if (!has_tag || !scanner.take_until(' ', tags)) break;
    layer.kind = LayerKind::cri;
    layer.is_certain = true;
    layer.key = stream.substr(0, stream.size() - 1);
    layer.is_partial = tags.front() == 'P';
    layer.text = scanner.rest();
    break;
  }
  return layer;
}

/// grep -H: "logs/error.log:" or, with -n, "logs/error.log:12:".
std::optional<Layer> peel_file(std::string_view line) {
  const auto name = name_at(line);
  if (name.size() < 3 || !contains(name, ".") || is_digit(name.front())) return std::nullopt;
  Scanner scanner(line.substr(name.size()));
  if (!scanner.skip(":")) return std::nullopt;
  std::string_view number;
  Scanner numbered = scanner;
  if (numbered.take_digits(number) && numbered.skip(":")) scanner = numbered;
  return Layer{.kind = LayerKind::file, .text = scanner.rest(), .key = name};
}

/// grep -n on one file: "12:". Not an IPv6 address, nor a clock.
std::optional<Layer> peel_line_number(std::string_view line) {
  Scanner scanner(line);
  std::string_view number, next;
  if (!scanner.take_digits(number) || number.size() > 7 || !scanner.skip(":")) return std::nullopt;
  const auto text = scanner.rest();
  constexpr std::size_t longest_group = 4;  // of an IPv6 address
  if (scanner.take_until(':', next) && next.size() <= longest_group &&
      std::all_of(next.begin(), next.end(),
                  [](char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); })) {
    return std::nullopt;
  }
  return Layer{.kind = LayerKind::file, .text = text};
}

/// klog: "I1129 03:12:07.123456       1 server.go:123] ", a level, month and day, a thread, a place in the source.
std::optional<Layer> peel_klog(std::string_view line, LogTimes& times) {
  std::size_t size = 0;
  const auto time = times.klog(line.substr(1), size);
  constexpr std::size_t with_microseconds = 20;
  if (!time || size != with_microseconds) return std::nullopt;
  Scanner scanner(line.substr(1 + size));
  std::string_view thread, file, number;
  if (!scanner.skip(" ")) return std::nullopt;
  scanner.skip_spaces();
  if (!scanner.take_digits(thread) || !scanner.skip(" ") || !scanner.take_until(':', file) || !file.ends_with(".go")) {
    return std::nullopt;
  }
  if (!scanner.take_digits(number) || !scanner.skip("] ")) return std::nullopt;
  return Layer{
      .kind = LayerKind::klog, .text = scanner.rest(), .is_certain = true, .time = time, .is_zone_taken = true};
}

bool is_klog_level(char c) { return c == 'I' || c == 'W' || c == 'E' || c == 'F'; }

}  // namespace

std::optional<Layer> peel_prefix(std::string_view line, LogTimes& times) {
  if (line.size() < 5) return std::nullopt;
  const char first = line.front();
  // Most lines are bare, and most of those begin with an address, a date of nginx's or a bracket and a number.
  if (is_digit(first) && line[4] != '-' && line[1] != '|' && line[2] != '|' && !contains(line.substr(1, 4), ":")) {
    return std::nullopt;
  }
  if (first == '[') return is_digit(line[1]) ? std::nullopt : peel_pod(line);
  if (first == '@') return peel_stamp(line, times);
  if (is_digit(first)) {
    if (auto layer = peel_stamp(line, times)) return layer;
    if (auto layer = peel_process(line)) return layer;
    if (auto layer = peel_pm2(line)) return layer;
    return peel_line_number(line);
  }
  if (!is_lower(first) && !is_upper(first) && first != '.' && first != '/') return std::nullopt;
  if (is_klog_level(first) && is_digit(line[1])) return peel_klog(line, times);
  if (auto layer = peel_name(line)) return layer;
  if (auto layer = peel_file(line)) return layer;
  return peel_stern(line);
}

}  // namespace triaged::formats

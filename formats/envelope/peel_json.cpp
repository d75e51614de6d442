// A line inside a JSON object: of docker's json-file driver, of collectors (Fluent Bit, Filebeat, Vector), of platforms
// (Google Cloud, ECS), of journalctl -o json, and of loggers that write objects.
#include <algorithm>
#include <charconv>

#include "formats/envelope/layer.hpp"
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

/// Keys under which the line stands, the likeliest first.
constexpr std::array<std::string_view, 6> line_keys{"log", "message", "MESSAGE", "msg", "textPayload", "event"};
/// Objects in which it may stand one deeper.
constexpr std::array<std::string_view, 4> line_objects{"jsonPayload", "log", "event", "payload"};

std::string_view text_of(const object& fields, std::string_view key) {
  std::string_view text;
  return fields[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::string_view text_of(const object& fields, std::string_view outer, std::string_view key) {
  object inner;
  return fields[outer].get(inner) == simdjson::SUCCESS ? text_of(inner, key) : std::string_view();
}

std::string_view first_of(std::initializer_list<std::string_view> texts) {
  for (const auto text : texts) {
    if (!text.empty()) return text;
  }
  return {};
}

/// journalctl writes bytes that are no UTF-8 as a list of numbers.
bool take_bytes(const element& value, std::string& into) {
  simdjson::dom::array numbers;
  if (value.get(numbers) != simdjson::SUCCESS) return false;
  into.clear();
  for (const auto each : numbers) {
    std::int64_t number = 0;
    if (each.get(number) != simdjson::SUCCESS || number < 0 || number > 255) return false;
    into += static_cast<char>(number);
  }
  return !into.empty();
}

std::optional<std::string_view> line_in(const object& fields, std::string& joined) {
  for (const auto key : line_keys) {
    element value;
    if (fields[key].get(value) != simdjson::SUCCESS) continue;
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) return text;
    if (key == "MESSAGE" && take_bytes(value, joined)) return joined;
  }
  for (const auto outer : line_objects) {
    object inner;
    if (fields[outer].get(inner) != simdjson::SUCCESS) continue;
    for (const auto key : line_keys) {
      std::string_view text;
      if (inner[key].get(text) == simdjson::SUCCESS) return text;
    }
  }
  return std::nullopt;
}

/// journald's time: microseconds since 1970, as text.
std::optional<TimePoint> journal_time(std::string_view text) {
  std::int64_t microseconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), microseconds);
  if (failure != std::errc() || end != text.data() + text.size() || microseconds <= 0) return std::nullopt;
  return TimePoint(Microseconds(microseconds));
}

/// Seconds, milliseconds, … since 1970: which of them its size tells.
std::optional<TimePoint> time_of_number(double number) {
  if (number < 1e9) return std::nullopt;
  while (number > 1e11) number /= 1000;
  return TimePoint(Microseconds(static_cast<std::int64_t>(number * 1e6)));
}

std::optional<TimePoint> time_in(const object& fields) {
  if (const auto text = text_of(fields, "__REALTIME_TIMESTAMP"); !text.empty()) return journal_time(text);
  for (const std::string_view key : {"time", "timestamp", "@timestamp", "ts", "date", "datetime", "eventTime"}) {
    element value;
    std::string_view text;
    double number = 0;
    if (fields[key].get(value) != simdjson::SUCCESS) continue;
    if (value.get(text) == simdjson::SUCCESS) {
      if (const auto time = parse_rfc3339(text)) return time;
    } else if (value.get(number) == simdjson::SUCCESS) {
      if (const auto time = time_of_number(number)) return time;
    }
  }
  return std::nullopt;
}

bool has_any(const object& fields, std::initializer_list<std::string_view> keys) {
  return std::any_of(keys.begin(), keys.end(),
                     [&](std::string_view key) { return fields[key].error() == simdjson::SUCCESS; });
}

/// The shape of a logger that writes objects (zap, zerolog, logrus, pino, structlog, python-json-logger): a level and a
/// time beside the line.
bool is_of_logger(const object& fields) {
  return has_any(fields, {"level", "severity", "lvl", "levelname", "log.level"}) &&
         has_any(fields, {"time", "timestamp", "@timestamp", "ts", "asctime"});
}

/// The traceback that Python's loggers put beside the line.
std::string_view trace_in(const object& fields) {
  for (const std::string_view key : {"exc_info", "exception", "stack", "stack_trace", "stacktrace", "traceback"}) {
    const auto text = text_of(fields, key);
    if (text.starts_with(traceback_first_line)) return text;
  }
  return {};
}

/// What a logger says of an error beside the line (zap, zerolog, logrus, pino).
std::string_view error_in(const object& fields) {
  return first_of({text_of(fields, "error"), text_of(fields, "err"), text_of(fields, "err", "message"),
                   text_of(fields, "error", "message")});
}

std::string_view without_slash(std::string_view name) { return name.starts_with('/') ? name.substr(1) : name; }

void take_names(const object& fields, Layer& layer) {
  layer.host = first_of({text_of(fields, "_HOSTNAME"), text_of(fields, "host", "name"), text_of(fields, "hostname")});
  layer.unit = first_of({text_of(fields, "_SYSTEMD_UNIT"), text_of(fields, "systemd", "unit")});
  layer.program = first_of({text_of(fields, "SYSLOG_IDENTIFIER"), text_of(fields, "_COMM")});
  const auto logger = first_of({text_of(fields, "logger"), text_of(fields, "name")});
  if (layer.program.empty() && logger.starts_with("gunicorn")) layer.program = "gunicorn";
  // Who may speak for the kernel is said by the transport alone.
  const auto transport = text_of(fields, "_TRANSPORT");
  const auto facility = text_of(fields, "SYSLOG_FACILITY");  // who writes to /dev/kmsg gets another one than 0
  if (!transport.empty()) {
    layer.is_kernel = transport == "kernel" && layer.program == "kernel" && (facility.empty() || facility == "0");
  }
  layer.pid = first_of({text_of(fields, "_PID"), text_of(fields, "SYSLOG_PID")});
  layer.container =
      without_slash(first_of({text_of(fields, "kubernetes", "container_name"), text_of(fields, "CONTAINER_NAME"),
                              text_of(fields, "container_name"), text_of(fields, "container", "name")}));
  layer.pod =
      first_of({text_of(fields, "kubernetes", "pod_name"), text_of(fields, "pod_name"), text_of(fields, "pod")});
  layer.space = first_of({text_of(fields, "kubernetes", "namespace_name"), text_of(fields, "namespace_name")});
  object resource, labels;
  if (fields["resource"].get(resource) == simdjson::SUCCESS && resource["labels"].get(labels) == simdjson::SUCCESS) {
    layer.container = first_of({layer.container, text_of(labels, "container_name"), text_of(labels, "service_name")});
    layer.pod = first_of({layer.pod, text_of(labels, "pod_name")});
    layer.space = first_of({layer.space, text_of(labels, "namespace_name")});
  }
}

}  // namespace

std::optional<Layer> peel_json(std::string_view line, JsonRoom room) {
  const bool may_hold_line = std::any_of(line_keys.begin(), line_keys.end(), [&](std::string_view key) {
    for (auto at = line.find(key); at != std::string_view::npos; at = line.find(key, at + 1)) {
      if (line[at - 1] == '"' && at + key.size() < line.size() && line[at + key.size()] == '"') return true;
    }
    return false;
  });
  if (!may_hold_line) return std::nullopt;
  const auto end = line.find_last_not_of(" \t\r");
  if (end == std::string_view::npos || line[end] != '}') return std::nullopt;
  room.padded.assign(line);
  room.padded.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  object fields;
  if (room.parser.parse(room.padded.data(), line.size(), false).get(fields) != simdjson::SUCCESS) return std::nullopt;
  const auto inside = line_in(fields, room.joined);
  if (!inside) return std::nullopt;
  Layer layer{.kind = LayerKind::json, .text = *inside};
  layer.has_end = layer.text.ends_with('\n');
  layer.text = without_line_ends(layer.text);
  layer.time = time_in(fields);
  layer.is_about_request =
      has_any(fields, {"request", "req", "uri", "url", "path", "method", "http", "httpRequest", "http_user_agent",
                       "remote_addr", "client_ip", "referer", "user_agent", "request_uri"});
  take_names(fields, layer);
  const auto stream = text_of(fields, "stream");
  layer.key = first_of({layer.container, layer.unit, layer.program, stream});
  // The json-file driver cuts lines at 16 KiB, and gives the last part its line end; CRI's tag is kept by collectors.
  const bool is_json_file = fields.size() <= 4 && !stream.empty() && !text_of(fields, "log").empty();
  const bool is_logger = is_of_logger(fields) && !layer.is_about_request;
  layer.is_of_docker = is_json_file && fields.size() == 3;
  layer.is_certain = is_json_file || is_logger || !text_of(fields, "__REALTIME_TIMESTAMP").empty();
  layer.is_tagged_partial = text_of(fields, "logtag") == "P" || text_of(fields, "_p") == "P" ||
                            text_of(fields, "CONTAINER_PARTIAL_MESSAGE") == "true";
  layer.is_partial = layer.is_tagged_partial || (is_json_file && !layer.has_end && line.size() > 16 * 1024);
  if (layer.text.starts_with(traceback_first_line)) return layer;
  layer.text = layer.text.substr(0, layer.text.find('\n'));
  const auto trace = trace_in(fields);
  const auto error = is_logger ? error_in(fields) : std::string_view();
  if (!trace.empty()) {
    room.joined.assign(layer.text).append("\n").append(trace);
    layer.text = room.joined;
  } else if (!error.empty()) {  // in the same line, so that it begins none
    room.joined.assign(layer.text).append(": ").append(error.substr(0, error.find('\n')));
    layer.text = room.joined;
  }
  return layer;
}

}  // namespace triaged::formats

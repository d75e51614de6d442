// A reader's memory as JSON, to be kept with the cursor. Log lines are bytes and JSON is text, so each byte is written
// as the character of that number (Latin-1) and comes back the same.
#include <fmt/format.h>
#include <simdjson.h>

#include "formats/log_level.hpp"
#include "formats/reader_memory.hpp"
#include "formats/redaction/redactor.hpp"

namespace triaged::formats {

namespace {

void append_text(std::string& json, std::string_view name, std::string_view bytes) {
  if (bytes.empty()) return;
  fmt::format_to(std::back_inserter(json), ",\"{}\":", name);
  append_bytes(json, bytes);
}

void append_number(std::string& json, std::string_view name, std::int64_t number) {
  fmt::format_to(std::back_inserter(json), ",\"{}\":{}", name, number);
}

/// When a record was last read is of use in this run only, and what stays in memory is not redacted.
void append_read_at(std::string& json, std::string_view name, TimePoint read_at, const Redactor* redactor) {
  if (redactor == nullptr && read_at != TimePoint::max()) append_number(json, name, read_at.time_since_epoch().count());
}

/// `name` is that of its first part.
void append_place(std::string& json, std::string_view name, const CodePlace& place) {
  append_text(json, name, place.file);
  append_text(json, fmt::format("{}_line", name), place.line);
  append_text(json, fmt::format("{}_function", name), place.function);
}

void append_record(std::string& json, const OpenRecord& record, const Redactor* redactor) {
  if (record.header.empty() || record.is_over) return;
  append_read_at(json, "record_read_at", record.read_at, redactor);
  if (redactor == nullptr) redactor = no_redactor().get();
  const RedactedText header(*redactor, record.header);
  append_text(json, "record_format", name_of(record.format));
  append_text(json, "header", header.text());
  if (record.time) append_number(json, "record_time", record.time->time_since_epoch().count());
  append_number(json, "record_bytes", static_cast<std::int64_t>(record.bytes));
  append_number(json, "stage", static_cast<std::int64_t>(record.stage));
  append_number(json, "traceback", static_cast<std::int64_t>(record.traceback));
  if (record.may_be_over) append_number(json, "record_may_be_over", 1);
  append_text(json, "pid", record.pid);
  append_text(json, "level", record.level);
  append_text(json, "method", record.method);
  append_text(json, "path", header.part(record.path));
  append_text(json, "record", header.part(record.record));
  append_text(json, "program", record.program);
  if (record.is_group) append_number(json, "is_group", 1);
  if (record.is_chained) append_number(json, "is_chained", 1);
  append_place(json, "frame", record.frame);
  append_place(json, "place", record.place);
}

void append_trace(std::string& json, const ReaderMemory& memory, const Redactor* redactor) {
  if (memory.shows_node) append_number(json, "shows_node", 1);
  const OpenTrace& trace = memory.trace;
  if (trace.header.empty()) return;
  append_read_at(json, "trace_read_at", trace.read_at, redactor);
  append_text(json, "trace_format", name_of(trace.format));
  append_text(json, "trace_header", (redactor == nullptr ? *no_redactor() : *redactor).redacted(trace.header));
  if (trace.time) append_number(json, "trace_time", trace.time->time_since_epoch().count());
  append_number(json, "trace_bytes", static_cast<std::int64_t>(trace.bytes));
  append_text(json, "trace_program", trace.program);
  append_place(json, "trace_place", trace.place);
  append_text(json, "trace_call", trace.call);
  if (!trace.is_first_stack) append_number(json, "trace_is_over", 1);
}

void append_above(std::string& json, const LineAbove& above, const Redactor* redactor) {
  if (above.is_record) append_number(json, "above_is_record", 1);
  if (above.time) append_number(json, "above_time", above.time->time_since_epoch().count());
  if (!above.level.empty()) append_text(json, "above_level", above.level);
  if (above.request.empty() && !above.is_record && !above.time && above.level.empty()) return;
  append_read_at(json, "above_read_at", above.read_at, redactor);
  const RedactedText request(redactor == nullptr ? *no_redactor() : *redactor, above.request);
  append_text(json, "above_request", request.text());
  append_text(json, "above_path", request.part(above.path));
  append_text(json, "above_program", above.program);
}

void append_request(std::string& json, const OpenRequest& request) {
  if (request.bytes == 0) return;
  append_text(json, "request_format", name_of(request.format));
  append_number(json, "request_bytes", static_cast<std::int64_t>(request.bytes));
  append_number(json, "request_is_in_quotes", request.is_in_quotes ? 1 : 0);
  append_number(json, "request_is_in_user", request.is_in_user ? 1 : 0);
  append_text(json, "request_program", request.program);
}

void append_nginx(std::string& json, const NginxMemory& memory) {
  if (memory.since_head == NginxMemory::long_ago) return;
  append_number(json, "nginx_since_head", static_cast<std::int64_t>(memory.since_head));
  append_number(json, "nginx_is_wrapped", memory.is_wrapped ? 1 : 0);
  json += ",\"nginx_suspects\":[";
  std::string_view comma;
  for (const auto& suspect : memory.suspects) {
    fmt::format_to(std::back_inserter(json), "{}[{},{},{},{},{},{}]", comma, suspect.bytes_ago, suspect.record_bytes,
                   suspect.header_bytes, suspect.origin, static_cast<int>(suspect.text),
                   (suspect.may_end_anywhere ? 1 : 0) + (suspect.is_opaque ? 2 : 0));
    comma = ",";
  }
  json += ']';
}

/// Also of streams without a record of nginx's so far: it may come.
void append_homes(std::string& json, const NginxMemory& memory) {
  if (memory.is_debug_opaque) append_number(json, "nginx_is_debug_opaque", 1);
  append_number(json, "bytes_read", static_cast<std::int64_t>(memory.bytes_read));
  json += ",\"nginx_homes\":[";
  std::string_view comma;
  for (const auto& home : memory.homes) {
    fmt::format_to(std::back_inserter(json), "{}[{},{}]", comma, home.origin, home.formats);
    comma = ",";
  }
  json += ']';
}

class StateObject {
 public:
  explicit StateObject(simdjson::dom::element object) : object_(object) {}

  [[nodiscard]] std::string text(std::string_view name) const {
    std::string_view value;
    return object_[name].get(value) == simdjson::SUCCESS ? bytes_of(value) : std::string();
  }
  [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t otherwise = 0) const {
    std::int64_t value = 0;
    return object_[name].get(value) == simdjson::SUCCESS ? value : otherwise;
  }
  [[nodiscard]] bool has(std::string_view name) const { return object_[name].error() == simdjson::SUCCESS; }
  [[nodiscard]] Format format(std::string_view name) const { return format_named(text(name)).value_or(Format::text); }

 private:
  simdjson::dom::element object_;
};

template <typename Enum>
Enum enumerator(std::int64_t number, Enum last) {
  return number >= 0 && number <= static_cast<std::int64_t>(last) ? static_cast<Enum>(number) : Enum{};
}

TimePoint time_of(std::int64_t number) { return TimePoint(Microseconds(number)); }

CodePlace place_in(const StateObject& state, const std::string& name) {
  return {.file = state.text(name), .line = state.text(name + "_line"), .function = state.text(name + "_function")};
}

void restore_record(const StateObject& state, OpenRecord& record) {
  record = {};
  record.header = state.text("header");
  if (record.header.empty()) return;
  record.format = state.format("record_format");
  if (state.has("record_time")) record.time = time_of(state.number("record_time"));
  record.bytes = static_cast<std::size_t>(std::max<std::int64_t>(0, state.number("record_bytes")));
  if (state.has("record_read_at")) record.read_at = time_of(state.number("record_read_at"));
  record.stage = enumerator(state.number("stage"), OpenRecord::Stage::source);
  record.traceback = enumerator(state.number("traceback"), OpenRecord::Traceback::path_open);
  record.may_be_over = state.number("record_may_be_over") != 0;
  record.pid = state.text("pid");
  record.level = state.text("level");
  record.method = state.text("method");
  record.path = state.text("path");
  record.record = state.text("record");
  record.program = state.text("program");
  record.is_group = state.number("is_group") != 0;
  record.is_chained = state.number("is_chained") != 0;
  record.frame = place_in(state, "frame");
  record.place = place_in(state, "place");
}

std::size_t size_of(std::int64_t number) { return static_cast<std::size_t>(std::max<std::int64_t>(0, number)); }

void restore_trace(const StateObject& state, ReaderMemory& memory) {
  memory.shows_node = state.number("shows_node") != 0;
  memory.trace = {.format = state.format("trace_format"),
                  .header = state.text("trace_header"),
                  .time = {},
                  .bytes = size_of(state.number("trace_bytes")),
                  .program = state.text("trace_program"),
                  .place = place_in(state, "trace_place"),
                  .call = state.text("trace_call"),
                  .is_first_stack = state.number("trace_is_over") == 0};
  if (state.has("trace_read_at")) memory.trace.read_at = time_of(state.number("trace_read_at"));
  if (state.has("trace_time")) memory.trace.time = time_of(state.number("trace_time"));
}

/// The lists of `count` numbers in the list of that name; those with fewer are left out.
std::vector<std::vector<std::size_t>> lists_in(simdjson::dom::element state, std::string_view name, std::size_t count) {
  std::vector<std::vector<std::size_t>> lists;
  simdjson::dom::array items;
  if (state[name].get(items) != simdjson::SUCCESS) return lists;
  for (const auto item : items) {
    simdjson::dom::array numbers;
    std::vector<std::size_t> list;
    if (item.get(numbers) != simdjson::SUCCESS) continue;
    for (const auto each : numbers) {
      std::int64_t number = 0;
      if (each.get(number) == simdjson::SUCCESS) list.push_back(size_of(number));
    }
    if (list.size() == count) lists.push_back(std::move(list));
  }
  return lists;
}

void restore_nginx(simdjson::dom::element state, NginxMemory& memory) {
  memory = {};
  memory.since_head = size_of(StateObject(state).number("nginx_since_head", NginxMemory::long_ago));
  memory.is_wrapped = StateObject(state).number("nginx_is_wrapped") != 0;
  memory.is_debug_opaque = StateObject(state).number("nginx_is_debug_opaque") != 0;
  memory.bytes_read = size_of(StateObject(state).number("bytes_read"));
  for (const auto& list : lists_in(state, "nginx_suspects", 6)) {
    if (memory.suspects.size() == NginxMemory::most_suspects) break;
    memory.suspects.push_back({.bytes_ago = list[0],
                               .record_bytes = list[1],
                               .header_bytes = std::min(list[2], list[0]),
                               .origin = static_cast<std::uint32_t>(list[3]),
                               .text = enumerator(static_cast<std::int64_t>(list[4]), NginxText::header),
                               .may_end_anywhere = (list[5] & 1) != 0,
                               .is_opaque = (list[5] & 2) != 0});
  }
  const auto homes = lists_in(state, "nginx_homes", 2);
  if (!homes.empty()) memory.homes.clear();
  for (const auto& list : homes) {
    if (memory.homes.size() == NginxMemory::most_homes) break;
    memory.homes.push_back({static_cast<std::uint32_t>(list[0]), list[1]});
  }
}

}  // namespace

void append_bytes(std::string& json, std::string_view bytes) {
  json += '"';
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\') {
      fmt::format_to(std::back_inserter(json), "\\u{:04x}", byte);
    } else {
      json += c;
    }
  }
  json += '"';
}

std::string bytes_of(std::string_view utf8) {
  std::string bytes;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80 || i + 1 == utf8.size()) {
      bytes += utf8[i];
      continue;
    }
    bytes += static_cast<char>(((byte & 0x03) << 6) | (static_cast<unsigned char>(utf8[++i]) & 0x3f));
  }
  return bytes;
}

std::string to_state(const ReaderMemory& memory, const Redactor* redactor) {
  std::string json = fmt::format("{{\"last\":\"{}\"", name_of(memory.last));
  if (memory.syslog_headers) json += ",\"syslog_headers\":1";
  if (memory.is_own) json += ",\"is_own\":1";
  append_nginx(json, memory.nginx);
  append_homes(json, memory.nginx);
  append_text(json, "listening_at", memory.listening_at);
  append_record(json, memory.record, redactor);
  append_trace(json, memory, redactor);
  append_above(json, memory.above, redactor);
  append_request(json, memory.request);
  if (memory.unescaped.bytes_ago < UnescapedRequests::reach) {
    append_number(json, "unescaped_bytes_ago", static_cast<std::int64_t>(memory.unescaped.bytes_ago));
    append_number(json, "unescaped_beside", memory.unescaped.beside);
  }
  if (memory.sshd.bytes_ago < SshdNames::longest_record) {
    append_number(json, "sshd_bytes_ago", static_cast<std::int64_t>(memory.sshd.bytes_ago));
  }
  json += '}';
  return json;
}

void restore_state(std::string_view state, ReaderMemory& memory) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(simdjson::padded_string(state)).get(element) != simdjson::SUCCESS || !element.is_object()) return;
  const StateObject object(element);
  memory.last = object.format("last");
  memory.syslog_headers = object.number("syslog_headers") != 0;
  memory.is_own = object.number("is_own") != 0;
  restore_nginx(element, memory.nginx);
  memory.listening_at = object.text("listening_at");
  restore_record(object, memory.record);
  restore_trace(object, memory);
  memory.above = {.is_record = object.number("above_is_record") != 0,
                  .time = {},
                  .request = object.text("above_request"),
                  .path = object.text("above_path"),
                  .program = object.text("above_program"),
                  .level = error_level_named(object.text("above_level")),
                  .read_at = TimePoint::max()};
  if (object.has("above_time")) memory.above.time = time_of(object.number("above_time"));
  if (object.has("above_read_at")) memory.above.read_at = time_of(object.number("above_read_at"));
  memory.unescaped = {
      .bytes_ago = size_of(object.number("unescaped_bytes_ago", UnescapedRequests::reach)),
      .beside = static_cast<std::uint32_t>(object.number("unescaped_beside")),
  };
  memory.sshd.bytes_ago = size_of(object.number("sshd_bytes_ago", SshdNames::longest_record));
  memory.request = {.format = object.format("request_format"),
                    .bytes = size_of(object.number("request_bytes")),
                    .is_in_quotes = object.number("request_is_in_quotes") != 0,
                    .is_in_user = object.number("request_is_in_user") != 0,
                    .program = object.text("request_program")};
}

}  // namespace triaged::formats

// A reader's memory as JSON, to be kept with the cursor. Log lines are bytes and JSON is text, so each byte is written
// as the character of that number (Latin-1) and comes back the same.
#include <fmt/format.h>
#include <simdjson.h>

#include "formats/reader_memory.hpp"

namespace triaged {

namespace {

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

void append_text(std::string& json, std::string_view name, std::string_view bytes) {
  if (bytes.empty()) return;
  fmt::format_to(std::back_inserter(json), ",\"{}\":", name);
  append_bytes(json, bytes);
}

void append_number(std::string& json, std::string_view name, std::int64_t number) {
  fmt::format_to(std::back_inserter(json), ",\"{}\":{}", name, number);
}

void append_record(std::string& json, const OpenRecord& record) {
  if (record.header.empty() || record.is_over) return;
  append_text(json, "record_format", name_of(record.format));
  append_text(json, "header", record.header);
  if (record.time) append_number(json, "record_time", record.time->time_since_epoch().count());
  append_number(json, "record_bytes", static_cast<std::int64_t>(record.bytes));
  append_number(json, "stage", static_cast<std::int64_t>(record.stage));
  append_number(json, "traceback", static_cast<std::int64_t>(record.traceback));
  append_text(json, "pid", record.pid);
  append_text(json, "level", record.level);
  append_text(json, "path", record.path);
  append_text(json, "record", record.record);
  append_text(json, "program", record.program);
}

void append_nginx(std::string& json, const NginxMemory& memory) {
  if (memory.since_head == NginxMemory::long_ago) return;
  append_number(json, "nginx_since_head", static_cast<std::int64_t>(memory.since_head));
  append_number(json, "nginx_is_wrapped", memory.is_wrapped ? 1 : 0);
  json += ",\"nginx_suspects\":[";
  std::string_view comma;
  for (const auto& suspect : memory.suspects) {
    fmt::format_to(std::back_inserter(json), R"({}{{"bytes_ago":{},"may_end_anywhere":{}}})", comma, suspect.bytes_ago,
                   suspect.may_end_anywhere ? 1 : 0);
    comma = ",";
  }
  json += ']';
}

/// The bytes that append_bytes wrote as characters below 256.
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

void restore_record(const StateObject& state, OpenRecord& record) {
  record = {};
  record.header = state.text("header");
  if (record.header.empty()) return;
  record.format = state.format("record_format");
  if (state.has("record_time")) record.time = TimePoint(Microseconds(state.number("record_time")));
  record.bytes = static_cast<std::size_t>(std::max<std::int64_t>(0, state.number("record_bytes")));
  record.stage = enumerator(state.number("stage"), OpenRecord::Stage::exception_text);
  record.traceback = enumerator(state.number("traceback"), OpenRecord::Traceback::path_open);
  record.pid = state.text("pid");
  record.level = state.text("level");
  record.path = state.text("path");
  record.record = state.text("record");
  record.program = state.text("program");
}

std::size_t size_of(std::int64_t number) { return static_cast<std::size_t>(std::max<std::int64_t>(0, number)); }

void restore_nginx(simdjson::dom::element state, NginxMemory& memory) {
  memory = {};
  simdjson::dom::array suspects;
  memory.since_head = size_of(StateObject(state).number("nginx_since_head", NginxMemory::long_ago));
  memory.is_wrapped = StateObject(state).number("nginx_is_wrapped") != 0;
  if (state["nginx_suspects"].get(suspects) != simdjson::SUCCESS) return;
  for (const auto suspect : suspects) {
    const StateObject object(suspect);
    if (memory.suspects.size() == memory.suspects.capacity()) return;
    memory.suspects.push_back({size_of(object.number("bytes_ago")), object.number("may_end_anywhere") != 0});
  }
}

}  // namespace

std::string to_state(const ReaderMemory& memory) {
  std::string json = fmt::format("{{\"last\":\"{}\"", name_of(memory.last));
  if (memory.syslog_headers) json += ",\"syslog_headers\":1";
  append_nginx(json, memory.nginx);
  append_text(json, "listening_at", memory.listening_at);
  append_record(json, memory.record);
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
  restore_nginx(element, memory.nginx);
  memory.listening_at = object.text("listening_at");
  restore_record(object, memory.record);
}

}  // namespace triaged

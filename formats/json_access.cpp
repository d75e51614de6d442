// nginx's access log as one JSON object a line (log_format … escape=json), with the key names that are common for it.
//
// Scanned by hand and not by a JSON library: nginx writes "status":009 for an upstream that is not HTTP, and bytes that
// are no UTF-8 as they came; both make the line invalid JSON, and it must be read all the same. A quote inside a value
// is always escaped, so a client's text cannot add a key. Where nginx was told not to escape, it can: a line with a key
// that stands twice says nothing.
#include <array>
#include <cstdint>

#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

enum Key : std::size_t {
  status,
  request,
  uri,
  method,
  upstream_addr,
  upstream_status,
  upstream_response_time,
  upstream_connect_time,
  upstream_header_time,
  request_time,
  bytes,
  time,
  server_name,
  host,
  client,
  key_count
};

struct KeyName {
  std::string_view name;
  Key key;
};

/// Shortest first: a name is looked for among those of its length.
constexpr std::array key_names = {
    KeyName{"uri", uri},
    KeyName{"host", host},
    KeyName{"msec", time},
    KeyName{"path", uri},
    KeyName{"time", time},
    KeyName{"method", method},
    KeyName{"status", status},
    KeyName{"request", request},
    KeyName{"timestamp", time},
    KeyName{"@timestamp", time},
    KeyName{"bytes_sent", bytes},
    KeyName{"time_local", time},
    KeyName{"remote_addr", client},
    KeyName{"request_uri", uri},
    KeyName{"server_name", server_name},
    KeyName{"request_time", request_time},
    KeyName{"time_iso8601", time},
    KeyName{"upstream_addr", upstream_addr},
    KeyName{"request_method", method},
    KeyName{"body_bytes_sent", bytes},
    KeyName{"upstream_status", upstream_status},
    KeyName{"upstream_header_time", upstream_header_time},
    KeyName{"upstream_connect_time", upstream_connect_time},
    KeyName{"upstream_response_time", upstream_response_time},
};

constexpr std::size_t longest_name = 22;

/// Where the names of each length begin.
constexpr auto first_of_length = [] {
  std::array<std::size_t, longest_name + 2> first{};
  for (std::size_t length = 0; length < first.size(); ++length) {
    while (first[length] < key_names.size() && key_names[first[length]].name.size() < length) ++first[length];
  }
  return first;
}();
static_assert(first_of_length.back() == key_names.size());

struct Values : std::array<std::string_view, key_count> {
  std::uint32_t seen = 0;     // a bit a name
  bool is_ambiguous = false;  // a name stands twice: without escape=json a client can add one
};
static_assert(key_names.size() <= 32);

void remember(std::string_view name, std::string_view value, Values& values) {
  if (name.size() > longest_name) return;
  for (auto at = first_of_length[name.size()]; at < first_of_length[name.size() + 1]; ++at) {
    if (key_names[at].name != name) continue;
    if ((values.seen & (std::uint32_t{1} << at)) != 0) values.is_ambiguous = true;
    values.seen |= std::uint32_t{1} << at;
    auto& known = values[key_names[at].key];
    if (known.empty() && value != "-") known = value;
    return;
  }
}

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  bool skip(char wanted) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  /// The text between two quotes, escapes untouched.
  bool take_string(std::string_view& into) {
    if (!skip('"')) return false;
    const auto begin = at_;
    while (true) {
      const auto quote = text_.find('"', at_);
      if (quote == std::string_view::npos) return false;
      at_ = quote + 1;
      std::size_t backslashes = 0;
      while (quote - backslashes > begin && text_[quote - backslashes - 1] == '\\') ++backslashes;
      if (backslashes % 2 != 0) continue;
      into = text_.substr(begin, quote - begin);
      return true;
    }
  }

  /// A string's text, or a number or word as it stands; empty for an object or array, which is skipped.
  bool take_value(std::string_view& into) {
    skip_blanks();
    if (at_ >= text_.size()) return false;
    into = {};
    if (text_[at_] == '"') return take_string(into);
    if (text_[at_] == '{' || text_[at_] == '[') return skip_nested();
    const auto end = std::min(text_.find_first_of(",} ", at_), text_.size());
    into = text_.substr(at_, end - at_);
    at_ = end;
    return !into.empty();
  }

  bool is_done() {
    skip_blanks();
    return at_ >= text_.size();
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  bool skip_nested() {
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      std::string_view ignored;
      const char c = text_[at_];
      if (c == '"') {
        if (!take_string(ignored)) return false;
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return true;
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool read_object(std::string_view line, Values& values) {
  JsonScanner scanner(line);
  if (!scanner.skip('{')) return false;
  std::string_view name, value;
  do {
    if (!scanner.take_string(name) || !scanner.skip(':') || !scanner.take_value(value)) return false;
    remember(name, value, values);
  } while (scanner.skip(','));
  return scanner.skip('}') && scanner.is_done();
}

bool is_status(std::string_view text) {
  return text.size() == 3 && is_digit(text[0]) && is_digit(text[1]) && is_digit(text[2]);
}

/// "1795223814.123", nginx's $msec.
std::optional<TimePoint> epoch_time(std::string_view text) {
  Scanner scanner(text);
  std::string_view seconds, fraction;
  if (!scanner.take_digits(seconds) || seconds.size() > 11) return std::nullopt;
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

std::optional<TimePoint> read_time(std::string_view text, LogTimes& times) {
  std::size_t consumed = 0;
  if (auto found = times.iso(text, consumed)) return found;
  if (auto found = times.access(text, consumed)) return found;
  return epoch_time(text);
}

void add(ReadLine& into, std::string_view name, std::string_view value) {
  if (!value.empty() && value != "-") into.fields.push_back({name, value});
}

// "127.0.0.1:8003, 127.0.0.1:8001": one upstream after the other; " : " stands between them after an internal redirect.
std::string_view last_of(std::string_view list) {
  const auto space = list.rfind(' ');
  return space == std::string_view::npos ? list : list.substr(space + 1);
}

std::string_view first_of(std::string_view list) { return list.substr(0, list.find_first_of(", ")); }

std::string_view count_of(std::string_view list) {
  static constexpr std::array<std::string_view, 10> numbers = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  std::size_t count = 1;
  for (const char c : list) count += c == ' ' ? 1 : 0;
  for (auto at = list.find(" : "); at != std::string_view::npos; at = list.find(" : ", at + 1)) --count;
  return numbers[std::min<std::size_t>(count, 9)];
}

void add_request(const Values& values, ReadLine& into) {
  auto used_method = values[method];
  auto target = values[uri];
  const auto space = values[request].find(' ');
  if (space != std::string_view::npos) {
    used_method = values[request].substr(0, space);
    target = values[request].substr(space + 1);
    target = target.substr(0, target.find(' '));
  }
  add(into, "method", used_method);
  add(into, "path", path_of(target));
  add(into, "request", values[request]);
}

void add_upstream(const Values& values, ReadLine& into) {
  if (!values[upstream_addr].empty()) {
    add(into, "upstream", last_of(values[upstream_addr]));
    add(into, "upstream_addr", values[upstream_addr]);
    add(into, "upstream_tries", count_of(values[upstream_addr]));
  }
  add(into, "upstream_status", last_of(values[upstream_status]));
  add(into, "upstream_first_status", first_of(values[upstream_status]));
  add(into, "upstream_connect_time", last_of(values[upstream_connect_time]));
  add(into, "upstream_header_time", last_of(values[upstream_header_time]));
  add(into, "upstream_response_time", last_of(values[upstream_response_time]));
}

}  // namespace

bool read_json_access(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (!line.starts_with('{')) return false;
  Values values;
  if (!read_object(line, values) || !is_status(values[status])) return false;
  if (values[request].empty() && values[uri].empty()) return false;
  into.format = Format::nginx_access;
  if (values.is_ambiguous) return true;
  into.time = read_time(values[time], memory.times);
  add(into, "client", values[client]);
  add_request(values, into);
  add(into, "status", values[status]);
  add(into, "bytes", values[bytes]);
  add(into, "request_time", values[request_time]);
  add_upstream(values, into);
  // Never the request's Host header: a client invents those without end.
  if (values[server_name] != "_") add(into, "vhost", values[server_name]);
  return true;
}

std::string_view time_in_json(std::string_view line) {
  Values values;
  if (!line.starts_with('{') || !read_object(line, values)) return {};
  return values[time];
}

}  // namespace triaged::formats

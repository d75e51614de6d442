// nginx's access log as one JSON object a line (log_format … escape=json), with the key names that are common for it.
//
// Scanned by hand and not by a JSON library: nginx writes "status":009 for an upstream that is not HTTP, and bytes that
// are no UTF-8 as they came; both make the line invalid JSON, and it must be read all the same. A quote inside a value
// is always escaped, so a client's text cannot add a key. Where nginx was told not to escape, it can: a line with a key
// that stands twice says nothing.
#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <utility>

#include "formats/access/access_fields.hpp"
#include "formats/access/json_names.hpp"
#include "formats/access/json_scanner.hpp"
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

using namespace json_access;

/// A key in small letters and digits, behind those of the objects around it.
class Name {
 public:
  [[nodiscard]] Name with(std::string_view key) const {
    Name longer = *this;
    for (const char c : key) {
      const bool is_large = is_upper(c);
      if (!is_large && !is_lower(c) && !is_digit(c)) continue;
      if (longer.length_ == longest_name) {
        longer.is_too_long_ = true;
        break;
      }
      longer.text_[longer.length_++] = is_large ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    return longer;
  }
  [[nodiscard]] std::string_view text() const {
    return is_too_long_ ? std::string_view() : std::string_view(text_.data(), length_);
  }

 private:
  std::array<char, longest_name> text_{};
  std::size_t length_ = 0;
  bool is_too_long_ = false;
};

struct Values : std::array<std::string_view, key_count> {
  std::bitset<key_names.size()> seen;
  bool is_ambiguous = false;  // a name stands twice: without escape=json a client can add one
};

void remember(const Name& key, std::string_view value, Values& values) {
  const auto name = key.text();
  for (auto at = first_of_length[name.size()]; at < first_of_length[name.size() + 1]; ++at) {
    if (key_names[at].name != name) continue;
    if (values.seen[at]) values.is_ambiguous = true;
    values.seen[at] = true;
    const auto meaning = key_names[at].key;
    auto& known = values[meaning];
    // HAProxy and escape=none let a client add keys: what decides must be said once.
    const bool is_decisive = meaning == status || meaning == termination;
    if (is_decisive && !known.empty() && known != value) values.is_ambiguous = true;
    if (known.empty() && value != "-") known = value;
    return;
  }
}

/// Objects as deep as anybody nests them (`{"http":{"response":{"status_code":502}}}`); what lies deeper is passed
/// over.
constexpr int deepest_object = 4;

bool read_fields(JsonScanner& scanner, const Name& around, int depth, Values& values) {
  if (!scanner.skip('{')) return false;
  if (scanner.skip('}')) return true;
  std::string_view key, value;
  do {
    if (!scanner.take_string(key) || !scanner.skip(':')) return false;
    const Name name = around.with(key);
    if (depth < deepest_object && scanner.is_at('{')) {
      if (!read_fields(scanner, name, depth + 1, values)) return false;
    } else if (scanner.take_value(value)) {
      remember(name, value, values);
    } else {
      return false;
    }
  } while (scanner.skip(','));
  return scanner.skip('}');
}

bool read_object(std::string_view line, Values& values) {
  JsonScanner scanner(line);
  return read_fields(scanner, {}, 1, values) && scanner.is_done();
}

bool is_status(std::string_view text) {
  return text.size() == 3 && is_digit(text[0]) && is_digit(text[1]) && is_digit(text[2]);
}

void add(ReadLine& into, std::string_view name, std::string_view value) {
  if (!value.empty() && value != "-") into.fields.push_back({name, value});
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
  add_upstreams(values[upstream_addr], into);
  add_upstream_statuses(values[upstream_status], into);
  add(into, "upstream_connect_time", last_in_list(values[upstream_connect_time]));
  add(into, "upstream_header_time", last_in_list(values[upstream_header_time]));
  add(into, "upstream_response_time", last_in_list(values[upstream_response_time]));
}

/// Keys that only they write: Traefik's DownstreamStatus, the object in which Caddy keeps the client's address.
bool is_of_other_proxy(const Values& values) {
  for (std::size_t at = 0; at < key_names.size(); ++at) {
    const auto name = key_names[at].name;
    if (values.seen[at] && (name == "downstreamstatus" || name == "requestremoteip")) return true;
  }
  return false;
}

bool is_termination(std::string_view text) {
  if (text.size() != 2 && text.size() != 4) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '-' || is_upper(c) || is_lower(c); });
}

std::string_view without_sign(std::string_view number) {
  if (number.starts_with('+')) number.remove_prefix(1);
  return number;
}

/// A log-format of HAProxy's that writes an object. Names of servers are whatever the operator calls them.
void add_haproxy(const Values& values, ReaderMemory& memory, ReadLine& into) {
  const bool is_http = is_status(values[status]) || values[status] == "-1";
  into.format = is_http ? Format::haproxy_http : Format::haproxy_tcp;
  if (values.is_ambiguous) return;
  into.time = read_access_time(values[time], memory.times);
  const auto server_of_backend = values[server].empty() ? values[server_name] : values[server];
  auto name = values[frontend];
  if (name.ends_with('~')) name.remove_suffix(1);  // HAProxy's mark for TLS
  add(into, "client", values[client]);
  add(into, "frontend", name);
  add(into, "backend", values[backend]);
  if (!server_of_backend.empty()) {
    memory.joined_name.assign(values[backend]).append("/").append(server_of_backend);
    add(into, "server", memory.joined_name);
    add(into, "server_name", server_of_backend);
  }
  constexpr std::pair<std::string_view, Key> numbers[] = {{"time_request", time_request},
                                                          {"time_queue", time_queue},
                                                          {"time_connect", time_connect},
                                                          {"time_response", time_response},
                                                          {"time_total", time_total},
                                                          {"status", status},
                                                          {"bytes", bytes},
                                                          {"termination", termination},
                                                          {"active_connections", active_connections},
                                                          {"frontend_connections", frontend_connections},
                                                          {"backend_connections", backend_connections},
                                                          {"server_connections", server_connections},
                                                          {"retries", retries},
                                                          {"server_queue", server_queue},
                                                          {"backend_queue", backend_queue}};
  for (const auto& [field, key] : numbers) {
    if (key == status && !is_http) continue;
    if (!values[key].empty()) into.fields.push_back({field, without_sign(values[key])});
  }
  add_request(values, into);
}

}  // namespace

bool read_json_access(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (!line.starts_with('{')) return false;
  Values values;
  if (!read_object(line, values)) return false;
  if (is_termination(values[termination]) && !values[backend].empty()) {
    add_haproxy(values, memory, into);
    return true;
  }
  if (!is_status(values[status]) || (values[request].empty() && values[uri].empty())) return false;
  // What a program asked of others, what an API server audits, and Envoy's are logs of another kind.
  if (values[request].empty() && contains(values[uri], "://")) return false;
  if (contains(line, "\"auditID\"") || contains(line, "\"response_flags\"")) return false;
  into.format = is_of_other_proxy(values) ? Format::proxy_access : Format::nginx_access;
  if (values.is_ambiguous) return true;
  into.time = read_access_time(values[time], memory.times);
  add(into, "client", values[client]);
  add_request(values, into);
  add(into, "status", values[status]);
  add(into, "bytes", values[bytes]);
  // Caddy writes seconds with a fraction, others whole milli- or nanoseconds.
  const auto seconds = contains(values[request_seconds], ".") ? values[request_seconds] : std::string_view();
  add(into, "request_time", values[request_time].empty() ? seconds : values[request_time]);
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

// HAProxy's lines. A request (option httplog, option httpslog) or a connection (option tcplog):
//
//   127.0.3.119:52233 [20/Nov/2026:20:13:43.381] www app/web1 0/0/0/2/2 200 651 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
//   127.0.0.9:40112 [21/Nov/2026:01:08:13.920] db db/pg1 1/0/3 1212 -- 1/1/0/0/0 0/0
//
// A client writes the request, the {captures} in front of it and, with `capture cookie`, the first of the two fields
// after the size. HAProxy escapes quotes and braces in the first two, so everything up to the queues is its own; a
// cookie it copies as it came, spaces included, so that one may imitate all the fields behind it.
//
// Events (`Server app/app1 is DOWN, …`) come by syslog without any mark of their own, or on standard error as
// `[ALERT]    (24684) : …`.
#include <array>
#include <charconv>
#include <cstdint>

#include "base/host_and_port.hpp"
#include "formats/reader_memory.hpp"
#include "formats/reasons/reasons.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {
namespace {

using namespace std::string_view_literals;

struct Request {
  std::string_view address, date, frontend, place, status, bytes;
  std::array<std::string_view, 5> times;
  std::size_t time_count = 0;
};

/// The fields behind the cookies: `SC-- 1/1/0/0/0 0/0`.
struct Tail {
  std::string_view termination;
  std::array<std::string_view, 5> connections;
  std::array<std::string_view, 2> queues;
  std::string_view text;  // all of it
  std::string_view rest;  // what follows: captures, request
};

[[nodiscard]] std::string_view without_sign(std::string_view number) {
  if (number.starts_with('+')) number.remove_prefix(1);
  return number;
}

[[nodiscard]] bool is_number(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.size() > 18) return false;
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return true;
}

/// Reads `0/-1/+3` into `into` and returns how many there are; 0 when they are no numbers or too many.
[[nodiscard]] std::size_t split_numbers(std::string_view text, std::string_view* into, std::size_t capacity) {
  std::size_t count = 0, begin = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && text[at] != '/') continue;
    const std::string_view number = text.substr(begin, at - begin);
    if (count == capacity || !is_number(number)) return 0;
    into[count++] = number;
    begin = at + 1;
  }
  return count;
}

/// `127.0.0.1:40112`, `::1:40112`, `unix:1`.
[[nodiscard]] bool is_address(std::string_view text) {
  const auto port = split_host_and_port(text).port;
  if (!port || text.size() > 128) return false;
  return *port == "-" || (is_number(*port) && is_digit(port->front()));
}

[[nodiscard]] bool is_termination(std::string_view text) {
  for (const char c : text) {
    if (c != '-' && !is_upper(c) && !is_lower(c)) return false;
  }
  return true;
}

[[nodiscard]] bool read_tail(std::string_view text, std::size_t termination_length, Tail& into) {
  if (text.size() <= termination_length || text[termination_length] != ' ') return false;
  into.termination = text.substr(0, termination_length);
  if (!is_termination(into.termination)) return false;
  Scanner scanner(text.substr(termination_length + 1));
  std::string_view connections;
  if (!scanner.take_until(' ', connections)) return false;
  if (split_numbers(connections, into.connections.data(), 5) != 5) return false;
  const std::string_view queues = scanner.rest().substr(0, scanner.rest().find(' '));
  if (split_numbers(queues, into.queues.data(), 2) != 2) return false;
  into.rest = scanner.rest().substr(queues.size());
  into.text = text.substr(0, text.size() - into.rest.size());
  return true;
}

[[nodiscard]] bool read_front(Scanner& scanner, Request& into) {
  std::string_view times;
  if (!scanner.take_until(' ', into.address) || !is_address(into.address)) return false;
  if (!scanner.skip("[") || !scanner.take_until(']', into.date) || !scanner.skip(" ")) return false;
  if (!scanner.take_until(' ', into.frontend) || into.frontend.empty()) return false;
  if (!scanner.take_until(' ', into.place) || !contains(into.place, "/")) return false;
  if (!scanner.take_until(' ', times)) return false;
  into.time_count = split_numbers(times, into.times.data(), into.times.size());
  if (into.time_count == 0) {  // one word more, as some people put the site's name there
    if (contains(times, "/") || !scanner.take_until(' ', times)) return false;
    into.time_count = split_numbers(times, into.times.data(), into.times.size());
  }
  if (into.time_count == 5 && (!scanner.take_until(' ', into.status) || !is_number(into.status))) return false;
  if (into.time_count != 5 && into.time_count != 3) return false;
  return scanner.take_until(' ', into.bytes) && is_number(into.bytes);
}

/// A cookie stands in front of the tail. Nothing when the text behind could be read as a tail at more than one place:
/// then the client chose one of them.
[[nodiscard]] bool read_tail_behind_cookies(std::string_view text, Tail& into) {
  std::size_t found = 0;
  for (std::size_t space = text.find(' '); space != std::string_view::npos; space = text.find(' ', space + 1)) {
    Tail candidate;
    if (!read_tail(text.substr(space + 1), 4, candidate)) continue;
    if (++found > 1) return false;
    into = candidate;
  }
  return found == 1;
}

void add(ReadLine& into, std::string_view name, std::string_view value) { into.fields.push_back({name, value}); }

void add_server(ReadLine& into, std::string_view place) {
  const std::size_t slash = place.find('/');
  add(into, "backend", place.substr(0, slash));
  add(into, "server", place);
  add(into, "server_name", place.substr(slash + 1));
}

void add_front(const Request& request, ReadLine& into) {
  const bool secure = request.frontend.ends_with('~');  // HAProxy's mark for TLS, no part of the name
  add(into, "client", split_host_and_port(request.address).host);
  add(into, "frontend", request.frontend.substr(0, request.frontend.size() - (secure ? 1 : 0)));
  add_server(into, request.place);
  if (request.time_count == 5) {
    add(into, "time_request", without_sign(request.times[0]));
    add(into, "time_queue", without_sign(request.times[1]));
    add(into, "time_connect", without_sign(request.times[2]));
    add(into, "time_response", without_sign(request.times[3]));
    add(into, "time_total", without_sign(request.times[4]));
    add(into, "status", request.status);
  } else {
    add(into, "time_queue", without_sign(request.times[0]));
    add(into, "time_connect", without_sign(request.times[1]));
    add(into, "time_total", without_sign(request.times[2]));
  }
  add(into, "bytes", without_sign(request.bytes));
}

void add_tail(const Tail& tail, ReadLine& into) {
  add(into, "termination", tail.termination);
  add(into, "active_connections", tail.connections[0]);
  add(into, "frontend_connections", tail.connections[1]);
  add(into, "backend_connections", tail.connections[2]);
  add(into, "server_connections", tail.connections[3]);
  add(into, "retries", without_sign(tail.connections[4]));
  add(into, "server_queue", tail.queues[0]);
  add(into, "backend_queue", tail.queues[1]);
}

/// `rest` is what follows the queues. HAProxy writes a quote inside a capture or a request as #22, so the first one
/// opens the request and the next one ends it, unless the line was cut at `log … len`.
void add_request(std::string_view rest, ReadLine& into) {
  const std::size_t quote = rest.find('"');
  if (quote == std::string_view::npos) return;
  rest.remove_prefix(quote + 1);
  const std::string_view request = rest.substr(0, rest.find('"'));
  add(into, "request", request);
  Scanner scanner(request);
  std::string_view method;
  if (!scanner.take_until(' ', method)) return;  // <BADREQ>
  add(into, "method", method);
  add(into, "path", path_of(scanner.rest().substr(0, scanner.rest().find(' '))));
}

/// When the line was written: the accept time, which HAProxy gives in local time without a zone (the syslog header may
/// know it), and the time that the session took.
[[nodiscard]] std::optional<TimePoint> time_of(const Request& request, ReaderMemory& memory) {
  std::size_t consumed = 0;
  std::optional<TimePoint> time =
      memory.header_offset ? LogTimes(memory.header_offset, memory.options.reference).haproxy(request.date, consumed)
                           : memory.times.haproxy(request.date, consumed);
  if (!time) return time;
  const std::string_view total = without_sign(request.times[request.time_count - 1]);
  std::int64_t milliseconds = 0;
  std::from_chars(total.data(), total.data() + total.size(), milliseconds);
  constexpr std::int64_t longest = std::int64_t{1000} * 86400 * 366;
  if (milliseconds > 0 && milliseconds < longest) *time += std::chrono::milliseconds(milliseconds);
  return time;
}

[[nodiscard]] std::string_view between(const char* begin, std::string_view end) {
  return {begin, static_cast<std::size_t>(end.data() + end.size() - begin)};
}

/// The line with a captured cookie: its message is a copy with `-` in the places of the cookies.
void read_behind_cookies(std::string_view text, const Request& request, ReaderMemory& memory, ReadLine& into) {
  Tail tail;
  into.message = between(request.frontend.data(), request.bytes);
  if (!read_tail_behind_cookies(text, tail)) return;
  memory.cut_message.assign(into.message).append(" - - ").append(tail.text);
  into.message = memory.cut_message;
  add_tail(tail, into);
  add_request(tail.rest, into);
}

// --- events ---------------------------------------------------------------------------------------------------------

struct Level {
  std::string_view written, name;
};
constexpr Level levels[] = {{"[ALERT]", "alert"}, {"[WARNING]", "warning"}, {"[NOTICE]", "notice"},
                            {"[DIAG]", "diag"},   {"[INFO]", "info"},       {"[DEBUG]", "debug"}};

struct Event {
  std::string_view level, pid, message;
};

/// `[ALERT]    (24684) : text`, before version 2.4 `[ALERT] 324/010813 (24684) : text`.
[[nodiscard]] bool read_standard_error(std::string_view line, Event& into) {
  for (const Level& level : levels) {
    Scanner scanner(line);
    if (!scanner.skip(level.written)) continue;
    scanner.skip_spaces();
    std::string_view date;
    if (scanner.take_digits(date) && (!scanner.skip("/") || !scanner.take_digits(date))) return false;
    scanner.skip_spaces();
    if (!scanner.skip("(") || !scanner.take_digits(into.pid) || !scanner.skip(") : ")) return false;
    into.level = level.name;
    into.message = scanner.rest();
    return true;
  }
  return false;
}

/// Known from its words alone, as `log stdout format raw` writes them.
[[nodiscard]] bool is_bare_event(std::string_view line) {
  if (line.starts_with("Health check for ")) return contains(line, "server ");
  // "proxy": what has no backend of its own, a listen section.
  if (line.starts_with("backend ") || line.starts_with("proxy ")) return contains(line, " has no server available!");
  if (line.starts_with("Proxy ")) return contains(line, " stopped (") || line.ends_with(" started.");
  if (!line.starts_with("Server ") && !line.starts_with("Backup Server ")) return false;
  static constexpr std::string_view changes[] = {" is UP",   " is DOWN",           " is going ",
                                                 " enters ", " administratively ", " remains "};
  for (const std::string_view words : changes) {
    if (contains(line, words)) return true;
  }
  return false;
}

[[nodiscard]] std::string_view name_in(std::string_view text) {
  if (text.starts_with('\'')) text.remove_prefix(1);
  return text.substr(0, text.find_first_of(" ',:"));
}

void add_event_place(std::string_view message, ReadLine& into) {
  for (const std::string_view words : {"Server "sv, "server "sv}) {
    const std::size_t at = message.find(words);
    if (at == std::string_view::npos) continue;
    const std::string_view place = name_in(message.substr(at + words.size()));
    if (contains(place, "/") && !place.starts_with('/')) return add_server(into, place);
  }
  for (const std::string_view words : {"backend "sv, "proxy "sv, "Proxy "sv}) {
    if (message.starts_with(words)) return add(into, "backend", name_in(message.substr(words.size())));
  }
  const std::string_view place = message.substr(0, message.find(' '));
  if (message.substr(place.size()).starts_with(" changed its IP ")) add_server(into, place);
}

/// What HAProxy says in a line behind its header that is none of its sentences. A log format of somebody's own begins
/// with an address or as JSON, or has a request in it: there captured headers stand as clients sent them.
[[nodiscard]] std::string_view message_of_unknown(std::string_view line) {
  if (line.starts_with('{') || is_address(line.substr(0, line.find(' ')))) return {};
  return contains(line, " HTTP/") ? line.substr(0, line.find_first_of("\"{")) : line;
}

/// `127.0.0.1:40112 [21/Nov/2026:01:08:13.920] www/1: SSL handshake failure`: a connection that never became a session.
[[nodiscard]] bool read_connection_error(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  Request request{};
  Scanner scanner(line);
  std::string_view listener;
  if (!scanner.take_until(' ', request.address) || !is_address(request.address)) return false;
  if (!scanner.skip("[") || !scanner.take_until(']', request.date) || !scanner.skip(" ")) return false;
  const std::string_view message = scanner.rest();
  if (!scanner.take_until(' ', listener) || !listener.ends_with(':') || !contains(listener, "/")) return false;
  request.times[0] = "0";
  request.time_count = 1;
  into.time = time_of(request, memory);
  if (!into.time) return false;
  into.message = message;
  add(into, "client", split_host_and_port(request.address).host);
  add(into, "frontend", listener.substr(0, listener.find('/')));
  return true;
}

/// `haproxy[14387]: ` and `haproxy - `: what is left of a header of syslog's when a template leaves out the rest of it,
/// or a container's log driver.
[[nodiscard]] std::string_view without_tag(std::string_view line) {
  Scanner scanner(line);
  std::string_view pid;
  if (!scanner.skip("haproxy")) return line;
  if (scanner.skip(" - ")) return scanner.rest();
  return scanner.skip("[") && scanner.take_until(']', pid) && scanner.skip(": ") ? scanner.rest() : line;
}

}  // namespace

void add_haproxy_ending(ReadLine& into) {
  const auto ending = haproxy_ending(into.field("termination"));
  if (into.fields.size() + 2 > into.fields.capacity()) return;
  if (!ending.by.empty()) add(into, "ended_by", ending.by);
  if (!ending.in.empty()) add(into, "ended_in", ending.in);
}

bool read_haproxy_request(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  Request request{};
  if (memory.program.empty()) line = without_tag(line);
  Scanner scanner(line);
  if (!read_front(scanner, request)) return false;
  const bool http = request.time_count == 5;
  const bool plain = !http || scanner.skip("- - ");
  Tail tail;
  if (plain && !read_tail(scanner.rest(), http ? 4 : 2, tail)) return false;
  // HAProxy ends with the request: of an access log this is a header in front.
  const bool ends_with_request =
      line.ends_with('"') && line.substr(0, line.size() - 1).substr(line.rfind(' ') + 1).starts_with("HTTP/");
  if (plain && !ends_with_request && answered_request_in(tail.rest) != std::string_view::npos) return false;
  into.format = http ? Format::haproxy_http : Format::haproxy_tcp;
  into.time = time_of(request, memory);
  add_front(request, into);
  if (!plain) {
    read_behind_cookies(scanner.rest(), request, memory, into);
    return true;
  }
  into.message = between(request.frontend.data(), tail.text);
  add_tail(tail, into);
  if (http) add_request(tail.rest, into);
  return true;
}

bool read_haproxy_event(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  Event event;
  const auto whole = line.size();
  if (memory.program.empty()) line = without_tag(line);
  const bool is_haproxys = memory.program == "haproxy" || line.size() < whole;
  if (!read_standard_error(line, event)) {
    if (read_connection_error(line, memory, into)) {
      into.format = Format::haproxy_event;
      return true;
    }
    const bool is_sentence = is_bare_event(line) && answered_request_in(line) == std::string_view::npos;
    if (!is_haproxys && !is_sentence) return false;
    event = {.level = {}, .pid = {}, .message = is_sentence ? line : message_of_unknown(line)};
  }
  into.format = Format::haproxy_event;
  into.message = event.message;
  if (!event.level.empty()) add(into, "level", event.level);
  if (!event.pid.empty()) add(into, "pid", event.pid);
  add_event_place(event.message, into);
  return true;
}

}  // namespace triaged::formats

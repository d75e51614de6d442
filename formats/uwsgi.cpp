// uWSGI's log: requests, events with a date in front, and plain sentences without any header, which are known by how
// they begin:
//
//   [pid: 20831|app: 0|req: 1/1] 127.0.0.10 () {34 vars in 497 bytes} [Sat Nov 21 01:08:05 2026] GET /api/items?page=2
//   => generated 521 bytes in 2 msecs (HTTP/1.1 200) 2 headers in 72 bytes (1 switches on core 0)     (one line)
//   Sat Nov 21 01:08:09 2026 - *** HARAKIRI ON WORKER 1 (pid: 20830, try: 1) ***
//   DAMN ! worker 1 (pid: 20830) died, killed by signal 9 :( trying respawn ...
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view sentences[] = {
    "*** Starting uWSGI ",
    "*** uWSGI ",
    "*** HARAKIRI ",
    "*** no app loaded.",
    "*** Operational MODE:",
    "DAMN ! ",
    "Respawned uWSGI ",
    "spawned uWSGI ",
    "HARAKIRI ",
    "uwsgi socket ",
    "WSGI app ",
    "goodbye to uWSGI.",
    "SIGPIPE: writing to",
    "uwsgi_",
    "unable to load app ",
    "SIGINT/SIGTERM rece",
    "...gracefully kil",
    "--- no python app",
    "!!! uWSGI process ",
    "invalid request block size:",
};

void add(ReadLine& into, std::string_view name, std::string_view value) {
  if (!value.empty()) into.fields.push_back({name, value});
}

void add_request(std::string_view request, ReadLine& into) {
  Scanner scanner(request);
  std::string_view method;
  if (!scanner.take_until(' ', method)) return;
  add(into, "method", method);
  add(into, "path", path_of(scanner.rest().substr(0, scanner.rest().find(' '))));
}

/// A request. The client's text ends at the last ` => generated `: what uWSGI writes behind it holds none.
[[nodiscard]] bool read_request(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  constexpr std::string_view result_mark = " => generated ";
  Scanner scanner(line);
  std::string_view pid, part, client;
  if (!scanner.skip("[pid: ") || !scanner.take_digits(pid) || !scanner.skip("|app: ")) return false;
  if (!scanner.take_until(']', part) || !scanner.skip(" ") || !scanner.take_until(' ', client)) return false;
  into.format = Format::uwsgi;
  add(into, "pid", pid);
  add(into, "client", client);
  memory.unescaped = {.bytes_ago = 0,
                      .beside = bit_of(Format::uwsgi) | bit_of(Format::gunicorn_error) | bit_of(Format::nginx_access) |
                                bit_of(Format::nginx_error) | bit_of(Format::text)};
  const std::size_t head = end_of_uwsgi_head(line, memory.times);
  const bool is_in_user = head == std::string_view::npos;
  if (is_in_user || !contains(line, result_mark) || !ends_uwsgi_request(line)) {
    open_request(line, Format::uwsgi, memory);
    memory.request.is_in_user = is_in_user;
  }
  if (is_in_user) return true;
  std::size_t consumed = 0;
  into.time = memory.times.ctime(line.substr(line.rfind('[', head) + 1), consumed);
  const std::string_view request = line.substr(head);
  const std::size_t result = request.rfind(result_mark);
  if (result == std::string_view::npos) return true;
  add_request(request.substr(0, result), into);
  into.message = request.substr(result + 4);
  const std::size_t status = into.message.find("(HTTP/");
  if (status != std::string_view::npos) add(into, "status", digits_after(into.message.substr(status), " "));
  return true;
}

/// Where the client's words begin in a sentence: `HARAKIRI [core 0] 127.0.0.247 - GET /api/reports?s=8 since
/// 1795223286`, `… during GET /x (127.0.0.1)`, `… on request /x (ip 127.0.0.1) !!!`.
void cut_request_out(ReadLine& into) {
  constexpr std::string_view harakiri = "HARAKIRI [core ";
  if (into.message.starts_with(harakiri)) {
    Scanner scanner(into.message);
    std::string_view core, client;
    if (!scanner.take_until(']', core) || !scanner.skip(" ") || !scanner.take_until(' ', client)) return;
    add(into, "client", client);
    if (scanner.skip("- ")) add_request(scanner.rest(), into);
    into.message = into.message.substr(0, core.size() + 1);
    return;
  }
  for (const std::string_view words : {" during "sv, " on request "sv}) {
    const std::size_t at = into.message.find(words);
    if (at != std::string_view::npos) into.message = into.message.substr(0, at);
  }
}

[[nodiscard]] bool is_sentence(std::string_view line) {
  for (const std::string_view sentence : sentences) {
    if (line.starts_with(sentence)) return true;
  }
  // worker 1 buried after 1 seconds
  return line.starts_with("worker ") && contains(line, " buried after ");
}

/// `Sat Nov 21 01:08:09 2026 - `
[[nodiscard]] std::optional<TimePoint> skip_date(Scanner& scanner, ReaderMemory& memory) {
  if (scanner.rest().empty() || !is_upper(scanner.rest().front())) return std::nullopt;
  std::size_t consumed = 0;
  const std::optional<TimePoint> time = memory.times.ctime(scanner.rest(), consumed);
  if (!time) return time;
  Scanner behind(scanner.rest().substr(consumed));
  if (!behind.skip(" - ")) return std::nullopt;
  scanner = behind;
  return time;
}

}  // namespace

std::size_t end_of_uwsgi_head(std::string_view line, LogTimes& times) {
  constexpr std::string_view mark = ") {";
  for (auto at = line.find(mark); at != std::string_view::npos; at = line.find(mark, at + 1)) {
    Scanner scanner(line.substr(at + mark.size()));
    std::string_view number;
    if (!scanner.take_digits(number) || !scanner.skip(" vars in ") || !scanner.take_digits(number)) continue;
    std::size_t consumed = 0;
    if (!scanner.skip(" bytes} [") || !times.ctime(scanner.rest(), consumed)) continue;
    Scanner behind(scanner.rest().substr(consumed));
    if (behind.skip("] ")) return line.size() - behind.rest().size();
  }
  return std::string_view::npos;
}

bool ends_uwsgi_request(std::string_view line) {
  constexpr std::string_view mark = " switches on core ";
  const std::size_t at = line.rfind(mark);
  if (at == std::string_view::npos) return false;
  Scanner scanner(line.substr(at + mark.size()));
  std::string_view core;
  return scanner.take_digits(core) && scanner.rest() == ")";
}

bool read_uwsgi(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (line.starts_with("[pid: ")) return read_request(line, memory, into);
  if (ends_uwsgi_request(line) && end_of_uwsgi_head(line, memory.times) != std::string_view::npos) {
    into.format = Format::uwsgi;  // the end of a line whose beginning is not here
    return true;
  }
  Scanner scanner(line);
  const std::optional<TimePoint> time = skip_date(scanner, memory);
  if (!time && !is_sentence(line)) return false;
  into.format = Format::uwsgi;
  into.time = time;
  into.message = scanner.rest();
  for (const std::string_view words : {"(pid: "sv, "new pid: "sv}) {
    if (const std::string_view pid = digits_after(line, words); !pid.empty()) return add(into, "pid", pid), true;
  }
  cut_request_out(into);
  return true;
}

}  // namespace triaged::formats

// Envoy's access log, in its default form and in the one that Istio gives it:
//
//   [2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http"
//   "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80"                             (one line)
//   [2020-11-23T10:52:06.553Z] "GET / HTTP/1.1" 503 UF details - "transport failure" 0 91 0 - "…" "…" "…" "…"
//   "10.244.8.27:8080" CLUSTER LOCAL LOCAL REMOTE NAME ROUTE                                           (one line)
//
// The request, X-Forwarded-For, user agent, request id, authority and, at the end of Istio's form, the server name of
// TLS are a client's, and Envoy escapes no quote in them. So the line is read only when all of it fits, each quoted
// text ending at the next quote: no client can make a line fit that holds a quote of his. Envoy writes the true end of
// the request directly behind the protocol, so it never begins a text; and status and flags behind it are no sizes. A
// line feed it takes in no header.
#include <array>

#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

struct Line {
  std::string_view request, status, flags, details, transport_failure;
  std::string_view received, sent, duration, service_time;
  std::string_view forwarded_for, upstream;
  std::string_view place;    // cluster, addresses, server name, route: only Istio's form has them
  std::string_view outcome;  // from the status to what stands before the sizes
};

bool take_quoted(Scanner& scanner, std::string_view& into) {
  return scanner.skip("\"") && scanner.take_until('"', into);
}

bool is_flags(std::string_view word) {
  if (word == "-") return true;
  for (const char c : word) {
    if (!is_upper(c) && c != ',') return false;
  }
  return !word.empty() && word.front() != ',' && word.back() != ',';
}

/// `details connection "transport failure" `, `"policy" "transport failure" ` before Istio 1.9, or nothing.
bool take_details(Scanner& scanner, Line& line) {
  if (!scanner.rest().empty() && is_digit(scanner.rest()[0])) return true;
  std::string_view ignored;
  if (scanner.rest().starts_with('"')) {
    if (!take_quoted(scanner, ignored) || !scanner.skip(" ")) return false;
  } else if (!scanner.take_until(' ', line.details) || contains(line.details, "\"") ||
             !scanner.take_until(' ', ignored) || contains(ignored, "\"")) {
    return false;
  }
  return take_quoted(scanner, line.transport_failure) && scanner.skip(" ");
}

bool take_sizes(Scanner& scanner, Line& line) {
  for (auto* number : {&line.received, &line.sent, &line.duration}) {
    if (!scanner.take_digits(*number) || !scanner.skip(" ")) return false;
  }
  if (!scanner.skip("- ") && (!scanner.take_digits(line.service_time) || !scanner.skip(" "))) return false;
  return true;
}

/// X-Forwarded-For, user agent, request id, authority and the upstream's address, and what Istio writes behind them.
bool take_end(Scanner& scanner, Line& line) {
  std::string_view agent, id, authority;
  for (auto* text : {&line.forwarded_for, &agent, &id, &authority}) {
    if (!take_quoted(scanner, *text) || !scanner.skip(" ")) return false;
  }
  if (!take_quoted(scanner, line.upstream)) return false;
  if (scanner.rest().empty()) return true;
  line.place = scanner.rest().substr(1);
  return scanner.rest()[0] == ' ' && !contains(line.place, "\"");
}

bool read_line(Scanner& scanner, Line& line) {
  if (!take_quoted(scanner, line.request) || !scanner.skip(" ")) return false;
  const auto outcome = scanner.rest();
  if (!scanner.take_digits(line.status) || line.status.size() > 3 || !scanner.skip(" ")) return false;
  if (!scanner.take_until(' ', line.flags) || !is_flags(line.flags) || !take_details(scanner, line)) return false;
  line.outcome = outcome.substr(0, outcome.size() - scanner.rest().size() - 1);
  return take_sizes(scanner, line) && take_end(scanner, line);
}

void add(ReadLine& into, std::string_view name, std::string_view value) {
  if (!value.empty() && value != "-") into.fields.push_back({name, value});
}

void add_request(ReadLine& into, std::string_view request) {
  if (request.starts_with("- ")) return;  // of a TCP connection, or of no HTTP
  Scanner scanner(request);
  std::string_view method;
  if (scanner.take_until(' ', method)) {
    add(into, "method", method);
    add(into, "path", path_of(scanner.rest().substr(0, scanner.rest().find(' '))));
  }
  add(into, "request", request);
}

std::string_view without_scheme(std::string_view address) {
  return address.starts_with("tcp://") ? address.substr(6) : address;
}

void add_fields(ReadLine& into, const Line& line) {
  add_request(into, line.request);
  add(into, "status", line.status);
  add(into, "flags", line.flags);
  add(into, "details", line.details);
  add(into, "transport_failure", line.transport_failure);
  add(into, "bytes", line.sent);
  add(into, "time_total", line.duration);
  add(into, "time_response", line.service_time);
  add(into, "client", line.forwarded_for.substr(0, line.forwarded_for.find(',')));
  add(into, "upstream", without_scheme(line.upstream));
  add(into, "cluster", line.place.substr(0, line.place.find(' ')));
}

}  // namespace

bool read_envoy(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  Scanner scanner(line);
  std::size_t consumed = 0;
  static_cast<void>(scanner.skip("ACCESS "));  // Emissary's mark
  if (!scanner.skip("[")) return false;
  const auto time = memory.times.iso(scanner.rest(), consumed);
  if (!time || !scanner.rest().substr(0, consumed).ends_with('Z')) return false;
  scanner = Scanner(scanner.rest().substr(consumed));
  Line found;
  if (!scanner.skip("] ") || !read_line(scanner, found)) return false;
  into.format = Format::envoy_access;
  into.time = time;
  into.message = found.outcome;
  add_fields(into, found);
  return true;
}

}  // namespace triaged::formats

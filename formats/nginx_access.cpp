// Access logs: nginx's "combined" (Gunicorn writes the same), and one JSON object a line (log_format … escape=json).
//
//   127.0.3.241 - - [21/Nov/2026:01:06:54 +0000] "GET /products/3051 HTTP/1.1" 200 515 "https://…" "Mozilla/5.0 …"
//
// Nearly every byte of such a line is a client's: only the status and the size are the program's words. In the combined
// form nginx writes a quote inside a client's text as \x22 and Gunicorn as \", so a quote behind a backslash never
// closes; nginx writes no backslash at all.
#include <algorithm>

#include "base/ip_address.hpp"
#include "formats/access/access_fields.hpp"
#include "formats/access/known_templates.hpp"
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

inline void add(ReadLine& into, std::string_view name, std::string_view value) {
  if (!value.empty() && !(value.size() == 1 && value[0] == '-')) into.fields.push_back({name, value});
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// Where the quote that closes the text at `at` stands; npos when there is none.
std::size_t closing_quote(std::string_view line, std::size_t at) {
  auto quote = line.find('"', at);
  while (quote != std::string_view::npos && quote > at && line[quote - 1] == '\\') quote = line.find('"', quote + 1);
  return quote;
}

struct Stamp {
  TimePoint time;
  bool has_zone = false;
  std::size_t begin = 0;    // of its bracket
  std::size_t request = 0;  // behind the quote that opens the request
};

/// The first `[time] "` behind the user's name, which begins at `user`. It may hold brackets, but never a bare quote.
/// Most lines name no user: "… - - [".
std::optional<Stamp> find_stamp(std::string_view line, std::size_t user, LogTimes& times) {
  constexpr std::size_t day_and_clock = 20;  // "21/Nov/2026:01:06:54"
  const bool has_no_user = line.substr(user).starts_with("- [");
  for (auto at = has_no_user ? user + 2 : line.find('[', user); at != std::string_view::npos;
       at = line.find('[', at + 1)) {
    std::size_t consumed = 0;
    const auto time = times.access(line.substr(at + 1), consumed);
    const auto end = at + 1 + consumed;
    if (time && line.substr(end, 3) == "] \"") return Stamp{*time, consumed > day_and_clock, at, end + 3};
  }
  return std::nullopt;
}

/// The path of "GET /api/items?id=1 HTTP/1.1" behind its method, in one pass for all that begin with a slash.
std::string_view path_in(std::string_view target) {
  if (!target.starts_with('/')) return path_of(target.substr(0, target.find(' ')));
  std::size_t end = 1;
  while (end < target.size() && target[end] != ' ' && target[end] != '?' && target[end] != '#') ++end;
  return target.substr(0, end);
}

void add_request(ReadLine& into, std::string_view request) {
  Scanner scanner(request);
  std::string_view method;
  if (scanner.take_until(' ', method)) {
    add(into, "method", method);
    add(into, "path", path_in(scanner.rest()));
  }
  add(into, "request", request);
}

struct Outcome {
  std::string_view status, bytes;
};

/// "200 515", "009 0", "499 -".
std::optional<Outcome> read_outcome(std::string_view words) {
  Scanner scanner(words);
  Outcome outcome;
  if (!scanner.take_digits(outcome.status) || outcome.status.size() != 3 || !scanner.skip(" ")) return std::nullopt;
  outcome.bytes = scanner.rest().substr(0, 1);
  if (scanner.skip("-") || scanner.take_digits(outcome.bytes)) {
    if (scanner.rest().empty() || scanner.rest().starts_with(' ')) return outcome;
  }
  return std::nullopt;
}

/// The bare number that Gunicorn's %(D)s puts behind the last quote.
std::string_view number_at_end(std::string_view line) {
  const auto space = line.rfind(' ');
  if (space == std::string_view::npos || space == 0 || line[space - 1] != '"') return {};
  Scanner scanner(line.substr(space + 1));
  std::string_view digits;
  return scanner.take_digits(digits) && scanner.rest().empty() ? digits : std::string_view();
}

bool is_gunicorns(const ReaderMemory& memory) { return memory.is_gunicorn || !memory.listening_at.empty(); }

/// May a line that begins as an access line does, and does not end as one, be one? Elsewhere other programs may begin
/// theirs so.
bool is_among_access_lines(const ReaderMemory& memory) {
  return is_gunicorns(memory) || memory.last == Format::nginx_access || memory.nginx.bytes_read == 0;
}

/// `shop.views - ERROR - payment failed`: name, level and message, as Python's loggers are often told to write.
bool is_of_logger(std::string_view line, const AccessStart& start) {
  const auto rest = line.substr(start.user);
  const auto level = rest.substr(0, rest.find(' '));
  return (level == "DEBUG" || level == "INFO" || level == "WARNING" || level == "ERROR" || level == "CRITICAL") &&
         rest.substr(level.size()).starts_with(" - ") && !is_ip(without_brackets(start.client));
}

/// The line ends inside a client's text: a user's name, the request, or a header behind it.
bool read_open_access(std::string_view line, Format format, ReaderMemory& memory, ReadLine& into) {
  into.format = format;
  open_request(line, format, memory);
  return true;
}

/// Text in quotes that goes on in the next line never ends with a bare quote here.
bool is_open_at_end(std::string_view line, std::string_view behind_request) {
  const bool is_closed = line.ends_with('"') && !line.ends_with("\\\"");
  return !is_closed && ends_in_quotes(behind_request);
}

/// "[21/Nov/2026", and what gin begins its lines with.
bool begins_with_day(std::string_view line) {
  return line.starts_with("[GIN] ") || (line.size() > 12 && line[3] == '/' && line[7] == '/');
}

/// Behind the user agent stand an upstream's name or address, in brackets or quotes, and the time that it took.
bool goes_on_behind_quotes(std::string_view line) {
  const char last = line.back();
  return (is_lower(last) || is_digit(last)) && (contains(line, "] [") || line.ends_with("ms"));
}

}  // namespace

std::size_t answered_request_in(std::string_view line) {
  constexpr std::string_view protocol = " HTTP/";
  for (auto at = line.find(protocol); at != std::string_view::npos; at = line.find(protocol, at + 1)) {
    const auto version = line.find_first_not_of("0123456789.", at + protocol.size());
    if (version == std::string_view::npos || !line.substr(version).starts_with("\" ")) continue;
    Scanner scanner(line.substr(version + 2));
    std::string_view status;
    if (!scanner.take_digits(status) || status.size() != 3) continue;
    if (!scanner.rest().empty() && !scanner.rest().starts_with(' ')) continue;
    const auto quote = line.rfind('"', at);
    if (quote != std::string_view::npos && quote + 1 < at && is_upper(line[quote + 1])) return quote;
  }
  return std::string_view::npos;
}

bool ends_as_access(std::string_view line, LogTimes& times) {
  const auto quote = closing_quote(line, 0);
  if (quote == std::string_view::npos || quote < 3 || line.substr(quote - 2, 2) != "] " || line[0] == '{') return false;
  const auto bracket = line.rfind('[', quote);
  std::size_t consumed = 0;
  if (bracket == std::string_view::npos || !times.access(line.substr(bracket + 1), consumed)) return false;
  if (bracket + 1 + consumed != quote - 2) return false;
  const auto request_end = closing_quote(line, quote + 1);
  if (request_end == std::string_view::npos) return false;
  const auto rest = line.substr(request_end + 1);
  const auto outcome_end = std::min(rest.find('"'), rest.size());
  if (!read_outcome(trimmed(rest.substr(0, outcome_end)))) return false;
  // What clients sent in a line of another form may look the same up to here: then that form's own words end the line.
  const auto last = rest.rfind('"');
  if (last == std::string_view::npos) return true;
  if (rest.find_first_not_of(" -.0123456789", last + 1) != std::string_view::npos) return false;
  const auto opening = last == 0 ? std::string_view::npos : rest.rfind('"', last - 1);
  return opening == outcome_end || (opening != std::string_view::npos && rest.substr(0, opening).ends_with("\" "));
}

bool read_access(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (line.empty()) return false;
  if (line[0] == '[') {
    return begins_with_day(line) && read_known_template(TemplateGroup::in_brackets, line, memory, into);
  }
  if (line[0] == '{') return read_json_access(line, memory, into);
  if (goes_on_behind_quotes(line) && read_known_template(TemplateGroup::longer_combined, line, memory, into)) {
    return true;
  }
  const auto start = read_access_start(line, memory.is_access_log);
  if (!start || quotes_request_behind_zone(line, line.find('"'))) return false;
  auto format = is_gunicorns(memory) ? Format::gunicorn_access : Format::nginx_access;
  const auto stamp = find_stamp(line, start->user, memory.times);
  if (!stamp) {
    if (read_known_template(TemplateGroup::application, line, memory, into)) return true;
    return is_among_access_lines(memory) && !is_of_logger(line, *start) && read_open_access(line, format, memory, into);
  }
  if (!stamp->has_zone) format = Format::app_access;  // daphne
  const auto request_end = closing_quote(line, stamp->request);
  if (request_end == std::string_view::npos) return read_open_access(line, format, memory, into);
  const auto rest = line.substr(request_end + 1);
  const auto message = trimmed(rest.substr(0, rest.find('"')));
  const auto outcome = read_outcome(message);
  if (!outcome) return false;
  into.format = format;
  into.time = stamp->time;
  into.message = message;
  add(into, "client", format == Format::app_access ? without_port(start->client) : start->client);
  add_request(into, line.substr(stamp->request, request_end - stamp->request));
  add(into, "status", outcome->status);
  add(into, "bytes", outcome->bytes);
  if (format == Format::gunicorn_access) add(into, "request_time_us", number_at_end(line));
  if (is_open_at_end(line, rest)) {
    open_request(line, format, memory);
    memory.request.is_in_quotes = true;
  }
  return true;
}

}  // namespace triaged::formats

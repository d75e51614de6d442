// Access logs: nginx's "combined" (Gunicorn writes the same), and one JSON object a line (log_format … escape=json).
//
//   127.0.3.241 - - [21/Nov/2026:01:06:54 +0000] "GET /products/3051 HTTP/1.1" 200 515 "https://…" "Mozilla/5.0 …"
//
// Nearly every byte of such a line is a client's: only the status and the size are the program's words. In the combined
// form nginx writes a quote inside a client's text as \x22 and Gunicorn as \", so a quote behind a backslash never
// closes; nginx writes no backslash at all.
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged {

namespace {

void add(ReadLine& into, std::string_view name, std::string_view value) {
  if (!value.empty() && value != "-") into.fields.push_back({name, value});
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
  std::size_t begin = 0;    // of its bracket
  std::size_t request = 0;  // behind the quote that opens the request
};

/// The first `[time] "`. A user's name may hold brackets, but never a bare quote.
std::optional<Stamp> find_stamp(std::string_view line, LogTimes& times) {
  for (auto at = line.find('['); at != std::string_view::npos; at = line.find('[', at + 1)) {
    std::size_t consumed = 0;
    const auto time = times.access(line.substr(at + 1), consumed);
    const auto end = at + 1 + consumed;
    if (time && line.substr(end, 3) == "] \"") return Stamp{*time, at, end + 3};
  }
  return std::nullopt;
}

void add_request(ReadLine& into, std::string_view request) {
  const auto space = request.find(' ');
  if (space != std::string_view::npos) {
    const auto target = request.substr(space + 1);
    add(into, "method", request.substr(0, space));
    add(into, "path", path_of(target.substr(0, target.find(' '))));
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
  outcome.bytes = scanner.rest().substr(0, scanner.rest().find(' '));
  Scanner bytes(outcome.bytes);
  if (outcome.bytes != "-" && (!bytes.take_digits(outcome.bytes) || !bytes.rest().empty())) return std::nullopt;
  return outcome;
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

}  // namespace

bool read_access(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (line.empty() || line[0] == '[' || line[0] == '{') return false;
  const auto stamp = find_stamp(line, memory.times);
  if (!stamp) return false;
  const auto request_end = closing_quote(line, stamp->request);
  if (request_end == std::string_view::npos) return false;
  const auto rest = line.substr(request_end + 1);
  const auto message = trimmed(rest.substr(0, rest.find('"')));
  const auto outcome = read_outcome(message);
  if (!outcome) return false;
  into.format = is_gunicorns(memory) ? Format::gunicorn_access : Format::nginx_access;
  into.time = stamp->time;
  into.message = message;
  add(into, "client", line.substr(0, line.find(' ')));
  add_request(into, line.substr(stamp->request, request_end - stamp->request));
  add(into, "status", outcome->status);
  add(into, "bytes", outcome->bytes);
  if (into.format == Format::gunicorn_access) add(into, "request_time_us", number_at_end(line));
  return true;
}

}  // namespace triaged

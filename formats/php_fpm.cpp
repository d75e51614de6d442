// php-fpm's log:
//
//   [21-Nov-2026 01:08:03] WARNING: [pool www] child 20712, script '/srv/php/report.php' (request: "GET
//   /report.php?s=6") execution timed out (1.172439 sec), terminating     (one line)
//
// Script and request come from the client, decoded and without any escape; both are cut out of the message.
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view script_mark = ", script '";
constexpr std::string_view request_mark = "' (request: \"";
constexpr std::string_view request_end = "\") ";

[[nodiscard]] bool is_level(std::string_view word) {
  for (const std::string_view level : {"ALERT"sv, "ERROR"sv, "WARNING"sv, "NOTICE"sv, "DEBUG"sv}) {
    if (word == level) return true;
  }
  return false;
}

void add_request(std::string_view request, ReadLine& into) {
  into.fields.push_back({"request", request});
  Scanner scanner(request);
  std::string_view method;
  if (!scanner.take_until(' ', method)) return;
  into.fields.push_back({"method", method});
  into.fields.push_back({"path", path_of(scanner.rest())});
}

/// The client's text reaches from the first mark to the last end: nothing that php-fpm writes behind it has a quote.
void cut_request_out(std::string_view message, ReaderMemory& memory, ReadLine& into) {
  const std::size_t script = message.find(script_mark);
  if (script == std::string_view::npos) return;
  const std::size_t begin = script + script_mark.size();
  const std::size_t request = message.find(request_mark, begin);
  if (!contains(message.substr(begin), request_end)) open_request(message, Format::php_fpm, memory);
  if (request == std::string_view::npos) {
    into.message = message.substr(0, begin);
    return;
  }
  into.fields.push_back({"file", message.substr(begin, request - begin)});
  const std::size_t request_begin = request + request_mark.size();
  const std::size_t end = message.rfind(request_end);
  const bool whole = end != std::string_view::npos && end >= request_begin;
  add_request(message.substr(request_begin, whole ? end - request_begin : std::string_view::npos), into);
  memory.cut_message.assign(message.substr(0, begin)).append(request_mark);
  if (whole) memory.cut_message.append(message.substr(end));
  into.message = memory.cut_message;
}

}  // namespace

bool read_php_fpm(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (line.size() < 22 || line[0] != '[' || !is_digit(line[1])) return false;
  std::size_t consumed = 0;
  const std::optional<TimePoint> time = memory.times.php(line.substr(1), consumed);
  if (!time) return false;
  Scanner scanner(line.substr(1 + consumed));
  std::string_view fraction, level, pool;
  if (scanner.skip(".") && !scanner.take_digits(fraction)) return false;
  if (!scanner.skip("] ") || !scanner.take_until(':', level) || !is_level(level) || !scanner.skip(" ")) return false;
  into.format = Format::php_fpm;
  into.time = time;
  into.message = scanner.rest();
  into.fields.push_back({"level", level});
  if (scanner.skip("[pool ") && scanner.take_until(']', pool)) into.fields.push_back({"pool", pool});
  if (const std::string_view pid = digits_after(into.message, "] child "); !pid.empty()) {
    into.fields.push_back({"pid", pid});
  }
  cut_request_out(into.message, memory, into);
  return true;
}

}  // namespace triaged::formats

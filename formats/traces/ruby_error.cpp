// Ruby:
//
//   app.rb:12:in `fetch': key not found: "DATABASE_URL" (KeyError)
//   	from app.rb:20:in `<main>'
//
// Since 3.4 the method stands between two straight quotes; 2.5 to 2.7 number the frames on a terminal. Servers write an
// exception of a request in forms of their own, and the stack below it, each line behind Ruby's Logger's header or not:
//
//   F, [2016-10-20T20:32:24.817195 #29589] FATAL -- : [34091cb5-…] NoMethodError (undefined method …):     Rails
//   E, [2026-12-01T03:09:04.938647 #13443] ERROR -- : app error: undefined method … (NoMethodError)         Unicorn
//   2026-12-01 03:08:38 - NoMethodError - undefined method `sum' for nil:NilClass:                          Sinatra
//   2026-12-01 03:08:35 +0000 Rack app ("GET /cart" - (127.0.0.1)): #<NoMethodError: undefined method …>    Puma
//
// Of the last one only the class is read: the request in it is a client's, and so is the address, which may be a
// header. What a server caught and logged has a level.
#include <algorithm>
#include <array>

#include "formats/rails.hpp"
#include "formats/scanner.hpp"
#include "formats/traces/trace.hpp"

namespace triaged::formats {

namespace {

using namespace std::string_view_literals;

/// `app.rb:12:in `fetch'` at the beginning of `line`, which may be all of it: its size; 0: something else.
std::size_t place_at(std::string_view line) {
  const auto in = std::min(line.find(":in `"), line.find(":in '"));
  if (in == std::string_view::npos || in == 0 || !is_digit(line[in - 1])) return 0;
  const auto number = line.substr(0, in).find_last_not_of("0123456789");
  if (number == std::string_view::npos || number == 0 || line[number] != ':') return 0;
  constexpr std::size_t quote = 5;  // behind ":in `"
  const auto end = line.find('\'', in + quote);
  return end == std::string_view::npos ? 0 : end + 1;
}

/// The parts of such a place.
Frame frame_at(std::string_view place) {
  const auto in = std::min(place.find(":in `"), place.find(":in '"));
  const auto colon = place.substr(0, in).rfind(':');
  constexpr std::size_t quote = 5;
  return {.file = place.substr(0, colon),
          .line = place.substr(colon + 1, in - colon - 1),
          .function = place.substr(in + quote, place.size() - in - quote - 1)};
}

bool is_class(std::string_view name) {
  return !name.empty() && is_upper(name[0]) && std::ranges::all_of(name, [](char c) {
    return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == ':';
  });
}

/// "NoMethodError", "Net::HTTPFatalError".
bool is_named_error(std::string_view name) {
  return is_class(name) && (name.ends_with("Error") || name.ends_with("Exception"));
}

/// "NoMethodError", "ActiveRecord::StatementInvalid", "Net::ReadTimeout".
bool is_throwable(std::string_view name) { return is_named_error(name) || (is_class(name) && contains(name, "::")); }

/// `TEXT (CLASS)`.
bool read_class_at_end(std::string_view words, Failure& into) {
  if (!words.ends_with(')')) return false;
  const auto bracket = words.rfind(" (");
  if (bracket == std::string_view::npos) return false;
  into = {words.substr(bracket + 2, words.size() - bracket - 3), words.substr(0, bracket)};
  return is_class(into.exception);
}

/// With words in front of the place it is what somebody says of it, perhaps a client.
bool read_head(std::string_view line, Failure& into, Frame& frame) {
  const auto place = place_at(line);
  if (place == 0 || !line.substr(place).starts_with(": ")) return false;
  frame = frame_at(line.substr(0, place));
  if (contains(frame.file, " ")) return false;
  return read_class_at_end(line.substr(place + 2), into);
}

/// `from app.rb:20:in `<main>'`, `3: from …`, and the place alone, as loggers write a stack.
bool read_frame(std::string_view line, Frame& into) {
  auto words = without_margin(line);
  Scanner scanner(words);
  std::string_view number;
  if (scanner.take_digits(number) && scanner.skip(": ")) words = scanner.rest();
  if (words.starts_with("from ")) words.remove_prefix(5);
  const auto place = place_at(words);
  if (place == 0 || place != words.size()) return false;
  into = frame_at(words);
  return true;
}

bool is_error(const RubyLogHead& head) { return head.level == "ERROR" || head.level == "FATAL"; }

/// `(42 rows done)`: Rails puts a colon behind its own.
bool closes_without_colon(std::string_view words) {
  return words.ends_with(')') && std::ranges::count(words, '(') == std::ranges::count(words, ')');
}

/// Rails: `CLASS (TEXT):`. What is wrong with a request is said in the client's words, so it is left out. A text of
/// several lines ends on a later one; such a line is known by what Rails puts in front of it.
bool read_rails(bool is_marked, std::string_view& words, Failure& into) {
  constexpr std::string_view end = "):";
  const auto bracket = words.find(" (");
  if (bracket == std::string_view::npos || (!is_marked && !words.ends_with(end))) return false;
  if (closes_without_colon(words.substr(bracket))) return false;
  into = {words.substr(0, bracket), words.substr(bracket + 2)};
  if (!is_throwable(into.exception)) return false;
  if (into.text.ends_with(end)) into.text.remove_suffix(end.size());
  if (into.exception.starts_with("ActionController::") || into.exception.starts_with("ActionDispatch::")) {
    words = into.exception;
    into.text = {};
  }
  return true;
}

/// What Unicorn was doing. An application logs texts with a class in brackets, too, and a client's may be among them.
bool skip_unicorn_prefix(Scanner& scanner) {
  constexpr std::array prefixes{"app error: "sv, "listen loop error: "sv, "master loop error: "sv};
  if (std::ranges::any_of(prefixes, [&](std::string_view prefix) { return scanner.skip(prefix); })) return true;
  std::string_view path;
  return scanner.skip("error reloading config_file=") && scanner.take_until(':', path) && scanner.skip(" ");
}

bool read_unicorn(std::string_view words, Failure& into) {
  Scanner scanner(words);
  return skip_unicorn_prefix(scanner) && read_class_at_end(scanner.rest(), into) && is_throwable(into.exception);
}

/// `CLASS - TEXT:`; Ruby 3.1 and later may show the line of source first, and then the colon stands below it. Loggers
/// write `NAME - TEXT`, too.
bool read_sinatra(Scanner scanner, Failure& into) {
  if (!scanner.skip(" - ")) return false;
  const auto end = scanner.rest().find(" - ");
  if (end == std::string_view::npos) return false;
  into = {scanner.rest().substr(0, end), scanner.rest().substr(end + 3)};
  const bool has_colon = into.text.ends_with(':');
  if (has_colon) into.text.remove_suffix(1);
  return has_colon ? is_throwable(into.exception) : is_named_error(into.exception);
}

/// A path with a quote in it hides the class, and so does an address (X-Forwarded-For) with what stands behind it.
bool read_puma(Scanner scanner, Failure& into) {
  constexpr std::string_view behind_client = ")): #<";
  if (scanner.rest().find(behind_client) != scanner.rest().rfind(behind_client)) return false;
  std::string_view request, client, name;
  if (!scanner.skip(" Rack app (\"") || !scanner.take_until('"', request)) return false;
  if (!scanner.skip(" - (") || !scanner.take_until(')', client) || !scanner.skip("): #<")) return false;
  const auto size = scanner.rest().find_first_of(":> ");
  into = {.exception = scanner.rest().substr(0, size), .text = {}};
  if (size != std::string_view::npos && scanner.rest().substr(size, 2) == "::") {  // a class in a module
    const auto end = scanner.rest().find(": ");
    into.exception = scanner.rest().substr(0, end);
  }
  return is_class(into.exception);
}

/// Behind a time: Sinatra's and Puma's.
bool read_behind_time(std::string_view& words, LogTimes& times, Failure& into, std::optional<TimePoint>& time) {
  if (words.empty() || !is_digit(words[0]) || (!contains(words, " - ") && !contains(words, " Rack app (")))
    return false;
  std::size_t size = 0;
  time = times.iso(words, size);
  if (!time) return false;
  const Scanner behind(words.substr(size));
  if (read_puma(behind, into)) {
    words = into.exception;
    return true;
  }
  return read_sinatra(behind, into);
}

}  // namespace

bool read_ruby_error(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  Scanner scanner(line);
  RubyLogHead head;
  static_cast<void>(skip_ruby_log_head(scanner, memory.times, head));
  const auto size = scanner.rest().size();
  skip_ruby_tags(scanner);
  auto words = scanner.rest();
  const bool is_marked = head.level == "FATAL" || words.size() < size;
  const bool may_be_error = head.level.empty() || is_error(head);
  Failure failure;
  Frame frame;
  const bool may_have_place = contains(words, ":in ");
  auto time = head.time;
  if (may_have_place && read_frame(words, frame)) {
    add_frame(Format::ruby_error, words, memory, into);
  } else if (may_have_place && read_head(words, failure, frame)) {
    if (time) into.time = time;
    begin_trace(Format::ruby_error, words, failure, memory, into);
  } else if ((may_be_error && read_rails(is_marked, words, failure)) ||
             (is_error(head) && read_unicorn(words, failure)) || read_behind_time(words, memory.times, failure, time)) {
    if (time) into.time = time;
    begin_trace(Format::ruby_error, words, failure, memory, into);
    into.fields.push_back({"level", head.level == "FATAL" ? "fatal" : "error"});
  } else {
    return false;
  }
  if (has_open_trace(Format::ruby_error, memory) && is_own_ruby(frame)) place_trace(frame, memory, into);
  return true;
}

}  // namespace triaged::formats

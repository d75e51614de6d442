// Node.js:
//
//   /srv/app/node.js:6
//       if (u.pathname === '/api/crash') { throw new Error('Cannot read properties of undefined'); }
//                                          ^
//
//   Error: Cannot read properties of undefined
//       at IncomingMessage.<anonymous> (/srv/app/node.js:6:42)
//     [cause]: Error: connect ECONNREFUSED 127.0.0.1:5432
//   Node.js v20.20.2
//
// "Error: " begins lines of any program, and Python has a TypeError, too. So a line counts as Node's when it says what
// only Node does (an error number's name, a code in brackets), when the place in the source stands above it, or when
// the stream has shown a frame of Node's.
#include <algorithm>
#include <array>

#include "formats/scanner.hpp"
#include "formats/traces/trace.hpp"

namespace triaged::formats {

namespace {

using namespace std::string_view_literals;

/// The size of `TypeError` at the beginning; 0: none stands there.
std::size_t error_name_at(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && (is_lower(text[size]) || is_upper(text[size]) || is_digit(text[size]))) ++size;
  return size > 0 && is_upper(text[0]) && text.substr(0, size).ends_with("Error") ? size : 0;
}

/// `ECONNREFUSED` at the beginning.
bool begins_with_error_number(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && (is_upper(text[size]) || is_digit(text[size]))) ++size;
  return size > 3 && text[0] == 'E';
}

/// `connect ECONNREFUSED 127.0.0.1:5432`, `ENOENT: no such file or directory, open '/x'`.
bool is_system_error(std::string_view text) {
  Scanner scanner(text);
  std::string_view call;
  if (begins_with_error_number(text)) return true;
  return scanner.take_until(' ', call) &&
         std::ranges::all_of(call, [](char c) { return is_lower(c) || is_digit(c); }) &&
         begins_with_error_number(scanner.rest());
}

/// `TypeError: text` or `TypeError [ERR_INVALID_ARG_TYPE]: text`. `is_certain`: nobody but Node writes that.
bool read_error(std::string_view line, Failure& into, bool& is_certain) {
  Scanner scanner(line);
  is_certain = scanner.skip("Uncaught ");
  const auto size = error_name_at(scanner.rest());
  if (size == 0) return false;
  into.exception = scanner.rest().substr(0, size);
  scanner = Scanner(scanner.rest().substr(size));
  std::string_view code;
  if (scanner.skip(" [ERR_")) {
    if (!scanner.take_until(']', code)) return false;
    is_certain = true;
  }
  if (!take_text_behind_name(scanner.rest(), into.text)) return false;
  is_certain = is_certain || is_system_error(into.text);
  return true;
}

/// The digits behind the last colon, with that, are taken off. False: there are none.
bool take_number(std::string_view& place, std::string_view& number) {
  const auto colon = place.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == place.size()) return false;
  number = place.substr(colon + 1);
  if (!std::ranges::all_of(number, is_digit)) return false;
  place = place.substr(0, colon);
  return true;
}

/// `at IncomingMessage.<anonymous> (/srv/app/node.js:6:42)`, `at node:internal/main:28:49`, with ` {` before
/// properties.
bool read_frame(std::string_view line, Frame& into) {
  Scanner scanner(line);
  if (!scanner.skip("at ")) return false;
  auto place = scanner.rest();
  if (place.ends_with(" {")) place.remove_suffix(2);
  if (place.ends_with("(<anonymous>)") || place.ends_with("(native)")) return true;
  if (const auto bracket = place.find(" ("); place.ends_with(')') && bracket != std::string_view::npos) {
    into.function = place.substr(0, bracket);
    place = place.substr(bracket + 2, place.size() - bracket - 3);
  }
  std::string_view column;
  if (!take_number(place, column) || !take_number(place, into.line)) return false;
  if (place.starts_with("async ")) place.remove_prefix(6);
  if (place.starts_with("file://")) place.remove_prefix(7);
  into.file = place;
  return true;
}

/// `/srv/app/node.js:6`, `node:events:497`: where an error that nobody caught was thrown.
bool is_place(std::string_view line) {
  std::string_view number;
  if (contains(line, " ") || !take_number(line, number)) return false;
  return line.starts_with("node:") || std::ranges::any_of(std::array{".js"sv, ".cjs"sv, ".mjs"sv, ".ts"sv},
                                                          [&](std::string_view end) { return line.ends_with(end); });
}

/// `Node.js v20.20.2`, the last words of a process that an error ended: what they say is said of that error.
void end_trace(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  Failure failure;
  bool is_certain = false;
  if (!read_error(memory.trace.header, failure, is_certain)) failure = {};
  add_cause(Format::node_error, line, failure, memory, into);
}

}  // namespace

bool read_node_error(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  constexpr auto format = Format::node_error;
  Failure failure;
  bool is_certain = false;
  if (read_error(line, failure, is_certain) && (is_certain || memory.shows_node || has_open_trace(format, memory))) {
    begin_trace(format, line, failure, memory, into);
    return true;
  }
  const auto words = without_margin(line);
  Scanner scanner(words);
  if (has_open_trace(format, memory) && scanner.skip("[cause]: ") && read_error(scanner.rest(), failure, is_certain)) {
    add_cause(format, words, failure, memory, into);
    return true;
  }
  Frame frame;
  if (words.size() < line.size() && read_frame(words, frame)) {
    memory.shows_node = true;
    add_frame(format, line, memory, into);
    if (has_open_trace(format, memory) && is_own_node(frame)) place_trace(frame, memory, into);
    return true;
  }
  if (line.starts_with("Node.js v") && has_open_trace(format, memory)) {
    end_trace(line, memory, into);
    return true;
  }
  if (is_place(line)) {
    begin_with_frame(format, line, memory, into);
    return true;
  }
  return false;
}

}  // namespace triaged::formats

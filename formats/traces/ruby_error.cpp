// Ruby:
//
//   app.rb:12:in `fetch': key not found: "DATABASE_URL" (KeyError)
//   	from app.rb:20:in `<main>'
//
// Since 3.4 the method stands between two straight quotes; 2.5 to 2.7 number the frames on a terminal.
#include <algorithm>

#include "formats/scanner.hpp"
#include "formats/traces/trace.hpp"

namespace triaged::formats {

namespace {

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

bool read_head(std::string_view line, Failure& into, Frame& frame) {
  if (!line.ends_with(')')) return false;
  const auto place = place_at(line);
  if (place == 0 || !line.substr(place).starts_with(": ")) return false;
  const auto words = line.substr(place + 2);
  const auto bracket = words.rfind(" (");
  if (bracket == std::string_view::npos) return false;
  into = {words.substr(bracket + 2, words.size() - bracket - 3), words.substr(0, bracket)};
  frame = frame_at(line.substr(0, place));
  return is_class(into.exception);
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

}  // namespace

bool read_ruby_error(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (!contains(line, ":in ")) return false;
  Failure failure;
  Frame frame;
  if (read_head(line, failure, frame)) {
    begin_trace(Format::ruby_error, line, failure, memory, into);
  } else if (read_frame(line, frame)) {
    add_frame(Format::ruby_error, line, memory, into);
  } else {
    return false;
  }
  if (has_open_trace(Format::ruby_error, memory) && is_own_ruby(frame)) place_trace(frame, memory, into);
  return true;
}

}  // namespace triaged::formats

// Python's tracebacks, under a Gunicorn record or alone:
//
//   Traceback (most recent call last):
//     File "/srv/shop/shop/db.py", line 12, in get_order
//       conn = psycopg2.connect(host="127.0.0.1", port=5432)
//   psycopg2.OperationalError: connection to server at "127.0.0.1", port 5432 failed: Connection refused
//           Is the server running on that host and accepting TCP/IP connections?
//
//   During handling of the above exception, another exception occurred:
//
// An excerpt may begin with a frame. Some transport takes the indentation away (Heroku's log viewer): then a frame is
// known by its words, and the line below it is its source, unless that names an exception.
//
// Only the exception line has a message. An exception's text may come from a client and may hold line breaks, so the
// lines behind it are never taken for a second exception: that needs a new `Traceback (most recent call last):`.
#include <algorithm>

#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {
namespace {

constexpr std::string_view group_first_line = "  + Exception Group Traceback (most recent call last):";
/// Behind an exception that is told in so many bytes, lines that nobody recognises are their own again.
constexpr std::size_t longest_record = 64 * 1024;
constexpr std::size_t longest_header = 4096;

/// The length of `psycopg2.OperationalError` at the start of `line`; 0 when something else stands there.
[[nodiscard]] std::size_t exception_name_length(std::string_view line) {
  const auto starts_name = [](char c) {
    return is_upper(c) || is_lower(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  };
  std::size_t at = 0;
  bool name_wanted = true;
  for (; at < line.size(); ++at) {
    const char c = line[at];
    if (name_wanted && !starts_name(c) && !(c == '<' && at > 0)) return 0;
    name_wanted = c == '.';
    if (!starts_name(c) && !is_digit(c) && c != '.' && c != '<' && c != '>') break;
  }
  return name_wanted ? 0 : at;
}

struct Exception {
  std::string_view name, text;
};

[[nodiscard]] bool read_exception(std::string_view line, Exception& into) {
  const std::size_t length = exception_name_length(line);
  if (length == 0) return false;
  into.name = line.substr(0, length);
  into.text = line.substr(length);
  if (into.text.empty()) return true;
  if (into.text == ":")
    into.text = {};
  else if (into.text.starts_with(": "))
    into.text.remove_prefix(2);
  else
    return false;
  return true;
}

[[nodiscard]] bool is_own_record(const ReaderMemory& memory) {
  const OpenRecord& open = memory.record;
  if (open.header.empty() || open.program != memory.program_tag) return true;
  return open.format != Format::gunicorn_error && open.format != Format::python_traceback;
}

void open_own_record(std::string_view line, ReaderMemory& memory) {
  OpenRecord& open = memory.record;
  open.format = Format::python_traceback;
  open.header.assign(line.substr(0, longest_header));
  open.time.reset();
  open.bytes = 0;
  for (std::string* field : {&open.pid, &open.level, &open.path, &open.record}) field->clear();
  open.program.assign(memory.program_tag);
  open.traceback = OpenRecord::Traceback::optional;
}

void add(ReadLine& into, std::string_view name, std::string_view value) {
  if (!value.empty()) into.fields.push_back({name, value});
}

void add_record(ReaderMemory& memory, ReadLine& into) {
  const OpenRecord& open = memory.record;
  into.format = Format::python_traceback;
  into.time = open.time;
  into.header = open.header;
  add(into, "pid", open.pid);
  add(into, "level", open.level);
  add(into, "path", open.path);
  add(into, "record", open.record);
  add(into, "upstream", memory.listening_at);
}

/// `File "/app/app.py", line 2, in <module>`.
[[nodiscard]] bool is_frame(std::string_view line) {
  Scanner scanner(line);
  std::string_view part;
  if (!scanner.skip("File \"") || !scanner.take_until('"', part) || !scanner.skip(", line ")) return false;
  return scanner.take_digits(part) && (scanner.rest().empty() || scanner.rest().starts_with(", in "));
}

/// The first line of a record that began in the middle of a traceback, with a frame.
[[nodiscard]] bool is_excerpt(std::string_view header) {
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  return is_frame(header) && contains(header, ", in ");
}

/// Nothing is open that the frame could be the text of.
[[nodiscard]] bool begins_excerpt(std::string_view line, const OpenRecord& open) {
  return open.header.empty() && open.stage == OpenRecord::Stage::none && is_excerpt(line);
}

/// Of a line that may be source: `else:` and `try:` have the shape of an exception, too.
[[nodiscard]] bool is_class(const Exception& exception) {
  const auto dot = exception.name.rfind('.');
  const auto last = dot == std::string_view::npos ? exception.name : exception.name.substr(dot + 1);
  return is_upper(last.front()) || (dot != std::string_view::npos && !exception.text.empty());
}

/// Frames also stand below "Stack (most recent call last):", where no exception follows, but any words may.
[[nodiscard]] bool names_failure(const Exception& exception) {
  return is_class(exception) && (contains(exception.name, "Error") || contains(exception.name, "Exception"));
}

/// `line` inside the frames: true when it belongs to them.
[[nodiscard]] bool read_in_frames(std::string_view line, OpenRecord& open, ReadLine& into) {
  using Stage = OpenRecord::Stage;
  if (line.empty() || line.front() == ' ' || line.front() == '\t') return true;
  if (line.find_first_not_of("^~ ") == std::string_view::npos) return true;
  const bool may_be_source = open.stage == Stage::source;
  open.stage = is_frame(line) ? Stage::source : Stage::frames;
  if (open.stage == Stage::source) return true;
  Exception exception;
  const bool is_exception = read_exception(line, exception) && (!may_be_source || is_class(exception)) &&
                            (!is_excerpt(open.header) || names_failure(exception));
  if (!is_exception) return may_be_source;
  open.stage = OpenRecord::Stage::exception_text;
  into.message = line;
  add(into, "exception", exception.name);
  add(into, "exception_text", exception.text);
  return true;
}

}  // namespace

bool read_traceback(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  using Stage = OpenRecord::Stage;
  OpenRecord& open = memory.record;
  if (open.traceback == OpenRecord::Traceback::path_open && !is_own_record(memory)) return false;
  if (line == traceback_first_line || line == group_first_line) {
    if (is_own_record(memory)) open_own_record(line, memory);
    open.traceback = OpenRecord::Traceback::optional;
    open.stage = Stage::frames;
  } else if (begins_excerpt(line, open)) {
    open_own_record(line, memory);
    open.stage = line.front() == ' ' ? Stage::frames : Stage::source;
  } else {
    if (is_own_record(memory) && open.format != Format::python_traceback) return false;
    if (open.program != memory.program_tag || open.stage == Stage::none) return false;
    const bool is_text = open.stage == Stage::exception_text;
    if (is_text ? open.bytes > longest_record : !read_in_frames(line, open, into)) return false;
  }
  open.bytes += line.size() + 1;
  open.read_at = memory.options.reference;
  add_record(memory, into);
  return true;
}

}  // namespace triaged::formats

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
// A group of exceptions stands behind a margin:
//
//     + Exception Group Traceback (most recent call last):
//     |   File "/srv/api/app.py", line 6, in main
//     | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
//     +-+---------------- 1 ----------------
//       | Traceback (most recent call last):
//       | ValueError: 17
//
// Only the exception line has a message. An exception's text may come from a client and may hold line breaks, so the
// lines behind it are never taken for a second exception: that needs a new `Traceback (most recent call last):`. Where
// it came about is said by the frames above it, which no client writes: the last one of the program's own code. In a
// chain, that of the first exception which has one: the others follow from it.
//
// A traceback belongs to the record of Gunicorn's directly above it. Any other opens a record of its own.
#include <algorithm>

#include "formats/log_level.hpp"
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"
#include "formats/traces/code_place.hpp"

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
  for (std::string* field : {&open.pid, &open.level, &open.method, &open.path, &open.record}) field->clear();
  open.program.assign(memory.program_tag);
  open.traceback = OpenRecord::Traceback::optional;
  open.is_group = open.is_chained = false;
  open.place = {};
  const LineAbove& above = memory.above;
  if (!has_line_above(memory)) return;
  open.time = above.time;
  if (above.request.empty()) return;
  open.header = above.request;
  open.path = above.path;
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
  add(into, "method", open.method);
  add(into, "path", open.path);
  add(into, "record", open.record);
  add(into, "upstream", memory.listening_at);
}

/// `File "/app/app.py", line 2, in <module>`.
[[nodiscard]] bool read_frame(std::string_view line, Frame& into) {
  Scanner scanner(line);
  if (!scanner.skip("File \"") || !scanner.take_until('"', into.file) || !scanner.skip(", line ")) return false;
  if (!scanner.take_digits(into.line)) return false;
  if (scanner.rest().empty()) return true;
  if (!scanner.skip(", in ")) return false;
  into.function = scanner.rest();
  return true;
}

[[nodiscard]] bool is_frame(std::string_view line) {
  Frame frame;
  return read_frame(line, frame);
}

void note_frame(std::string_view line, OpenRecord& open) {
  Frame frame;
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  if (read_frame(line, frame) && is_own_python(frame)) open.frame = to_place(frame);
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

/// A group says only how many exceptions it has: they come one by one below it.
[[nodiscard]] bool is_of_group(const Exception& exception) {
  return exception.text.ends_with(" sub-exception)") || exception.text.ends_with(" sub-exceptions)");
}

/// `line` inside the frames: true when it belongs to them.
[[nodiscard]] bool read_in_frames(std::string_view line, OpenRecord& open, ReadLine& into) {
  using Stage = OpenRecord::Stage;
  note_frame(line, open);
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
  if (is_of_group(exception)) return true;
  if (!open.place.is_known()) open.place = open.frame;
  into.message = line;
  add(into, "exception", exception.name);
  add(into, "exception_text", exception.text);
  add_place(open.place, into);
  return true;
}

void note_above(bool is_record, std::optional<TimePoint> time, std::string_view text, ReaderMemory& memory) {
  constexpr std::string_view words = "Internal Server Error: ";
  LineAbove& above = memory.above;
  above.is_record = is_record;
  above.time = time;
  above.read_at = memory.options.reference;
  above.program.assign(memory.program_tag);
  above.level = error_level_in(text);
  above.request.clear();
  const auto at = text.find(words);
  if (at == std::string_view::npos || !text.substr(at + words.size()).starts_with('/')) return;
  above.request.assign(text.substr(0, longest_header));
  above.path.assign(path_of(text.substr(at + words.size())).substr(0, longest_header));
}

/// A traceback begins: does it belong to the open record? One of Gunicorn's stands directly above its traceback.
[[nodiscard]] bool is_of_open_record(const ReaderMemory& memory) {
  if (is_own_record(memory)) return false;
  return memory.record.is_chained || (memory.above.is_record && memory.above.program == memory.program_tag);
}

/// `    | `, in front of each line of a group of exceptions.
[[nodiscard]] bool take_margin(std::string_view& line) {
  const auto bar = line.find_first_not_of(' ');
  if (bar == std::string_view::npos || line[bar] != '|') return false;
  line.remove_prefix(bar + 1);
  if (line.starts_with(' ')) line.remove_prefix(1);
  return true;
}

void begin_frames(OpenRecord& open) {
  open.stage = OpenRecord::Stage::frames;
  open.traceback = OpenRecord::Traceback::optional;
  open.is_chained = false;
  open.frame = {};
}

/// Behind these words the next traceback is of the same failure.
[[nodiscard]] bool announces_next(std::string_view line) {
  return line == "During handling of the above exception, another exception occurred:" ||
         line == "The above exception was the direct cause of the following exception:";
}

}  // namespace

/// Other programs of one syslog write between the lines of one; most of their lines are nothing to a traceback.
void note_line_above(const ReadLine& read, ReaderMemory& memory) {
  if (read.format == Format::python_traceback) return;  // read_traceback() has noted its text
  const bool is_record = read.format == Format::gunicorn_error;
  const bool is_text = read.format == Format::text || read.format == Format::syslog;
  if (!is_record && !is_text && memory.above.program != memory.program_tag) return;
  // Spring Boot leaves a line empty between its message and the exception.
  const bool is_empty = is_text && memory.text_size == memory.end_size;
  if (is_empty && !memory.above.level.empty()) return;
  note_above(is_record, is_text ? read.time : std::nullopt, is_text ? read.message : std::string_view(), memory);
}

bool has_line_above(const ReaderMemory& memory) {
  return memory.above.program == memory.program_tag && memory.options.reference - memory.above.read_at <= longest_pause;
}

bool read_traceback(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  using Stage = OpenRecord::Stage;
  OpenRecord& open = memory.record;
  const std::size_t size = line.size() + 1;
  const bool is_in_group = open.is_group && open.stage != Stage::none && take_margin(line);
  if (open.traceback == OpenRecord::Traceback::path_open && !is_own_record(memory)) return false;
  if (line == traceback_first_line || line == group_first_line) {
    if (!is_in_group && !is_of_open_record(memory)) open_own_record(line, memory);
    open.is_group = is_in_group || line == group_first_line;
    begin_frames(open);
    memory.above = {};
  } else if (begins_excerpt(line, open)) {
    open_own_record(line, memory);
    begin_frames(open);
    note_frame(line, open);
    if (line.front() != ' ') open.stage = Stage::source;
  } else {
    if (is_own_record(memory) && open.format != Format::python_traceback) return false;
    if (open.program != memory.program_tag || open.stage == Stage::none) return false;
    const bool is_text = open.stage == Stage::exception_text;
    if (is_text ? open.bytes > longest_record : !read_in_frames(line, open, into)) return false;
    if (is_text) open.is_chained = open.is_chained ? line.empty() : announces_next(line);
    if (is_text) note_above(false, leading_time(line, memory.times), line, memory);
  }
  open.bytes += size;
  open.read_at = memory.options.reference;
  add_record(memory, into);
  return true;
}

}  // namespace triaged::formats

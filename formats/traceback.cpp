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
// Only the exception line has a message. An exception's text may come from a client and may hold line breaks, so the
// lines behind it are never taken for a second exception: that needs a new `Traceback (most recent call last):`.
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

/// `line` inside the frames: true when it belongs to them.
[[nodiscard]] bool read_in_frames(std::string_view line, OpenRecord& open, ReadLine& into) {
  if (line.empty() || line.front() == ' ' || line.front() == '\t') return true;
  Exception exception;
  if (!read_exception(line, exception)) return false;
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
  } else {
    if (is_own_record(memory) && open.format != Format::python_traceback) return false;
    if (open.program != memory.program_tag || open.stage == Stage::none) return false;
    if (open.stage == Stage::frames && !read_in_frames(line, open, into)) return false;
    if (open.stage == Stage::exception_text && open.bytes > longest_record) return false;
  }
  open.bytes += line.size() + 1;
  add_record(memory, into);
  return true;
}

}  // namespace triaged::formats

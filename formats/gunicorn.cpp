// Gunicorn's error log, and the lines that Flask's logger writes into it:
//
//   [2026-11-21 01:10:08 +0000] [26416] [ERROR] Error handling request /api/tree?id=2332
//   [2026-11-21 01:11:40,605] ERROR in app: Exception on /api/total [GET]
//   [1] [CRITICAL] WORKER TIMEOUT (pid:13)                          without times, or by syslog without the level
//   2026-11-21 01:10:08,605 CRITICAL gunicorn.error: WORKER TIMEOUT (pid:13)   a logging configuration of one's own
//
// What a client sent stands at the end of some sentences; the message stops before it. Gunicorn writes a path as it
// came, Flask decodes it first: there a %0A is a real line break, and the rest of the path looks like lines of the log.
// Such a line is known by what ought to stand at its end and does not: ` [METHOD]`. Everything up to the line that has
// it is the client's.
#include <algorithm>
#include <array>

#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t longest_path = 16 * 1024;  // in bytes; servers refuse request lines far below
constexpr std::size_t longest_header = 4096;

struct Record {
  std::optional<TimePoint> time;
  std::string_view pid, level, words;  // words: all after the header
  std::string_view message, method, path;
  OpenRecord::Traceback traceback = OpenRecord::Traceback::optional;
};

[[nodiscard]] bool is_method(std::string_view word) {
  if (word.size() < 3 || word.size() > 20) return false;
  for (const char c : word) {
    if (c <= ' ' || is_lower(c) || c > '~') return false;
  }
  return true;
}

/// `[26416] [ERROR] words`
[[nodiscard]] bool read_gunicorn_header(Scanner& scanner, Record& into) {
  if (!scanner.skip("[") || !scanner.take_digits(into.pid) || !scanner.skip("] [")) return false;
  if (!scanner.take_until(']', into.level)) return false;
  static_cast<void>(scanner.skip(" "));
  into.words = scanner.rest();
  return true;
}

/// `ERROR in app: words`; the level and the module are part of the words.
[[nodiscard]] bool read_flask_header(Scanner& scanner, Record& into) {
  into.words = scanner.rest();
  std::string_view module;
  if (!scanner.take_until(' ', into.level) || into.level.empty() || !is_upper(into.level[0])) return false;
  return scanner.skip("in ") && scanner.take_until(':', module) && scanner.skip(" ") && !contains(module, " ");
}

[[nodiscard]] bool read_header(std::string_view line, ReaderMemory& memory, Record& into) {
  if (line.size() < 22 || line[0] != '[' || !is_digit(line[1])) return false;
  std::size_t consumed = 0;
  into.time = memory.times.iso(line.substr(1), consumed);
  if (!into.time) return false;
  Scanner scanner(line.substr(1 + consumed));
  if (!scanner.skip("] ")) return false;
  return scanner.rest().starts_with('[') ? read_gunicorn_header(scanner, into) : read_flask_header(scanner, into);
}

/// Gunicorn's own sentences, by which they are known behind another header or none: --log-syslog, a logging
/// configuration and loggers that write objects leave its own one out. (gunicorn/arbiter.py, workers/base.py, sock.py)
constexpr std::array sentences{
    "WORKER TIMEOUT (pid:"sv,
    "Worker (pid:"sv,
    "Worker exiting (pid: "sv,
    "Worker with pid "sv,
    "Booting worker with pid"sv,
    "Worker failed to boot."sv,
    "Reason: Worker failed to boot."sv,
    "Reason: App failed to load."sv,
    "Autorestarting worker after current request."sv,
    "Starting gunicorn "sv,
    "Listening at: "sv,
    "Using worker: "sv,
    "Handling signal: "sv,
    "Shutting down: "sv,
    "Connection in use: ("sv,
    "Can't connect to ("sv,
    "Exception in worker process"sv,
    "Error handling request "sv,
    "Unhandled exception in main loop"sv,
};

[[nodiscard]] bool is_sentence(std::string_view words) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](std::string_view sentence) { return words.starts_with(sentence); });
}

/// Those that name Gunicorn or a worker, so that they may stand alone.
[[nodiscard]] bool is_own_sentence(std::string_view words) {
  for (const std::string_view sentence : {"WORKER TIMEOUT (pid:"sv, "Worker (pid:"sv, "Worker exiting (pid: "sv,
                                          "Worker with pid "sv, "Booting worker with pid"sv, "Starting gunicorn "sv}) {
    if (words.starts_with(sentence)) return true;
  }
  return false;
}

[[nodiscard]] bool is_level(std::string_view word) {
  return word == "CRITICAL" || word == "ERROR" || word == "WARNING" || word == "INFO" || word == "DEBUG";
}

/// `[13] [INFO] words` without a time, `[1696] WORKER TIMEOUT (pid:1701)` without a level, and, when the transport
/// names Gunicorn, the sentence alone.
[[nodiscard]] bool read_without_time(std::string_view line, const ReaderMemory& memory, Record& into) {
  Scanner scanner(line);
  if (scanner.skip("[")) {
    if (!scanner.take_digits(into.pid) || !scanner.skip("] ")) return false;
    if (scanner.skip("[") && (!scanner.take_until(']', into.level) || !is_level(into.level) || !scanner.skip(" "))) {
      return false;
    }
  }
  into.words = scanner.rest();
  if (!into.level.empty()) return true;
  if (into.pid.empty() && !memory.program.starts_with("gunicorn")) return false;  // anybody may say that
  return is_sentence(into.words);
}

/// `ERROR gunicorn.error: words`, `2026-11-21 01:10:08,123 [CRITICAL] words`: a sentence behind a level, between them
/// nothing but the logger's name, and before them nothing but a time or that.
[[nodiscard]] bool read_behind_level(std::string_view line, ReaderMemory& memory, Record& into) {
  constexpr std::size_t longest = 100;
  constexpr std::string_view between = " \t:|[]-";
  const auto is_stamp_byte = [](char c) {
    return is_digit(c) || contains(" \t:|[]-.,+/()TZ", std::string_view(&c, 1));
  };
  const auto is_word_byte = [&](char c) { return between.find(c) == std::string_view::npos; };
  const auto head = line.substr(0, longest);
  if (head.starts_with(' ') || head.starts_with('\t')) return false;  // it continues another line
  for (std::size_t at = 0; at < head.size();) {
    if (head.substr(at).starts_with("gunicorn")) {
      at = std::min(head.find_first_of(between, at), head.size());
      continue;
    }
    if (!is_upper(head[at]) || (at > 0 && is_word_byte(head[at - 1]))) {
      if (!is_stamp_byte(head[at])) return false;
      ++at;
      continue;
    }
    const auto end = std::min(head.find_first_of(between, at), head.size());
    const auto level = head.substr(at, end - at);
    if (!is_level(level)) {
      if (!is_stamp_byte(head[at])) return false;
      ++at;
      continue;
    }
    at = end;
    auto words = line.substr(end);
    words.remove_prefix(std::min(words.find_first_not_of(between), words.size()));
    const bool names_gunicorn = words.starts_with("gunicorn") || contains(line.substr(0, end), "gunicorn");
    if (words.starts_with("gunicorn")) {
      words.remove_prefix(std::min(words.find_first_of(" \t:|]"), words.size()));
      words.remove_prefix(std::min(words.find_first_not_of(between), words.size()));
    }
    if (!is_own_sentence(words) && !(names_gunicorn && is_sentence(words))) continue;
    std::size_t consumed = 0;
    into.time = memory.times.iso(line.starts_with('[') ? line.substr(1) : line, consumed);
    into.level = level;
    into.words = words;
    return true;
  }
  return false;
}

/// The method when `text` ends with ` [GET]`.
[[nodiscard]] std::string_view method_at_end(std::string_view text) {
  if (!text.ends_with(']')) return {};
  const std::size_t bracket = text.rfind(" [");
  if (bracket == std::string_view::npos) return {};
  const std::string_view method = text.substr(bracket + 2, text.size() - bracket - 3);
  return is_method(method) ? method : std::string_view{};
}

void read_flask_exception(std::size_t path_begin, Record& into) {
  const std::string_view path = into.words.substr(path_begin);
  into.message = into.words.substr(0, path_begin);
  into.method = method_at_end(path);
  into.traceback = into.method.empty() ? OpenRecord::Traceback::path_open : OpenRecord::Traceback::awaited;
  into.path = into.method.empty() ? path : path.substr(0, path.size() - into.method.size() - 3);
}

/// Gunicorn writes each request at DEBUG, as `GET /api/items`. `12345 workers` has the same shape and is its own.
[[nodiscard]] bool read_debug_request(Record& into) {
  const std::size_t space = into.words.find(' ');
  if (into.level != "DEBUG" || space == std::string_view::npos) return false;
  const std::string_view method = into.words.substr(0, space);
  const std::string_view path = into.words.substr(space + 1);
  if (!is_method(method) || path == "workers") return false;
  into.method = method;
  into.path = path;
  into.message = {};
  into.traceback = OpenRecord::Traceback::awaited;
  return true;
}

/// `GET /api/items`, as Gunicorn writes a request since version 24.
void take_method(Record& into) {
  const auto method = into.path.substr(0, into.path.find(' '));
  if (!is_method(method) || method.size() == into.path.size()) return;
  into.method = method;
  into.path.remove_prefix(method.size() + 1);
}

/// Parts the words into what the program says and what a client sent.
void read_words(Record& into) {
  constexpr std::string_view failed = "Error handling request ";
  constexpr std::string_view flask = ": Exception on ";
  constexpr std::string_view invalid = "Invalid request from ip=";
  into.message = into.words;
  if (into.words.starts_with(failed)) {
    into.path = into.words.substr(failed.size());
    into.message = failed;
    take_method(into);
    // Without a process it would be taken for Flask's, whose paths may hold line feeds.
    if (!into.pid.empty()) into.traceback = OpenRecord::Traceback::awaited;
    return;
  }
  if (into.words.starts_with(invalid)) {
    into.message = into.words.substr(0, into.words.find_first_of("'\""));
    return;
  }
  if (const std::size_t at = into.words.find(flask); into.pid.empty() && at != std::string_view::npos) {
    return read_flask_exception(at + flask.size(), into);
  }
  static_cast<void>(read_debug_request(into));
}

/// `http://127.0.0.1:8000` as nginx names that upstream. A server that listens on all addresses is written into nginx's
/// configuration as the local one, so that is the name under which nginx complains about it.
void remember_address(std::string_view words, ReaderMemory& memory) {
  constexpr std::string_view mark = "Listening at: ";
  if (!words.starts_with(mark)) return;
  std::string_view address = words.substr(mark.size());
  address = address.substr(0, address.find(" ("));
  address = address.substr(0, address.find(','));  // of several, the first
  if (const std::size_t scheme = address.find("://"); scheme != std::string_view::npos)
    address.remove_prefix(scheme + 3);
  for (const std::string_view any : {"0.0.0.0:"sv, "[::]:"sv}) {
    if (!address.starts_with(any)) continue;
    memory.listening_at.assign("127.0.0.1:").append(address.substr(any.size()));
    return;
  }
  memory.listening_at.assign(address);
}

/// The worker that the words are about: "Booting worker with pid: 6595", "Worker (pid:1590) was sent SIGKILL!", "Worker
/// with pid 26109 was terminated due to signal 9", "WORKER TIMEOUT (pid:25363)".
[[nodiscard]] std::string_view worker_in(std::string_view words) {
  if (!words.starts_with("Worker ") && !words.starts_with("Booting worker ") && !words.starts_with("WORKER TIMEOUT ")) {
    return {};
  }
  for (const std::string_view mark : {"(pid:"sv, "(pid: "sv, "with pid: "sv, "with pid "sv}) {
    if (const auto number = digits_after(words, mark); !number.empty()) return number;
  }
  return {};
}

void open_record(std::string_view line, const Record& record, ReaderMemory& memory) {
  OpenRecord& open = memory.record;
  open.format = Format::gunicorn_error;
  open.header.assign(line.substr(0, longest_header));
  open.time = record.time;
  open.bytes = line.size() + 1;
  open.pid.assign(record.pid);
  open.level.assign(record.level);
  open.method.assign(record.method);
  open.path.assign(path_of(record.path).substr(0, longest_header));
  open.record.assign(record.message.substr(0, longest_header));
  open.program.assign(memory.program_tag);
  open.stage = OpenRecord::Stage::none;
  open.traceback = record.traceback;
  open.is_group = open.is_chained = false;
  open.place = {};
}

void add(ReadLine& into, std::string_view name, std::string_view value) {
  if (!value.empty()) into.fields.push_back({name, value});
}

/// Whether `line` stands inside a client's path. Gunicorn writes one as it came, so without a space; Flask decodes it.
[[nodiscard]] bool continues_path(std::string_view line, const ReaderMemory& memory) {
  using Traceback = OpenRecord::Traceback;
  const OpenRecord& open = memory.record;
  if (open.traceback == Traceback::optional || open.format != Format::gunicorn_error) return false;
  if (open.program != memory.program_tag) return false;
  if (!open.pid.empty()) return !contains(line, " ");
  return open.traceback == Traceback::path_open || line != traceback_first_line;
}

/// A line between a header that ends with a client's path and the traceback below it. Its message stays empty.
void read_path_continued(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  using Traceback = OpenRecord::Traceback;
  OpenRecord& open = memory.record;
  open.bytes += line.size() + 1;
  if (open.pid.empty()) open.traceback = method_at_end(line).empty() ? Traceback::path_open : Traceback::awaited;
  if (open.bytes > longest_path) open.traceback = Traceback::optional;
  into.format = Format::gunicorn_error;
  into.time = open.time;
  into.header = open.header;
  add(into, "level", open.level);
  add(into, "pid", open.pid);
  add(into, "upstream", memory.listening_at);
}

}  // namespace

bool read_gunicorn_error(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (continues_path(line, memory)) {
    read_path_continued(line, memory, into);
    return true;
  }
  Record record;
  if (!read_header(line, memory, record) && !read_without_time(line, memory, record = {}) &&
      !read_behind_level(line, memory, record = {})) {
    return false;
  }
  read_words(record);
  remember_address(record.words, memory);
  open_record(line, record, memory);
  into.format = Format::gunicorn_error;
  into.time = record.time;
  into.message = record.message;
  add(into, "level", record.level);
  add(into, "pid", record.pid);
  add(into, "method", record.method);
  add(into, "path", path_of(record.path));
  add(into, "worker_pid", worker_in(record.message));
  add(into, "upstream", memory.listening_at);
  return true;
}

}  // namespace triaged::formats

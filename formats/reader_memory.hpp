// What a LineReader keeps between lines, and what the readers of single formats share. Private to this room.
//
// Each format has one function `bool read_X(std::string_view line, ReaderMemory&, ReadLine& into)`: true when the line
// is of that format, and then format, message, time and fields of `into` are set (`into` comes in cleared). A function
// that says false leaves `into` and the memory as they were.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "base/time.hpp"
#include "formats/line_reader.hpp"
#include "formats/log_time.hpp"
#include "formats/nginx_error_line.hpp"

namespace triaged::formats {

/// Where in the program's own code a failure came about (traces/code_place.hpp); each part is bounded.
struct CodePlace {
  std::string file, line, function;

  [[nodiscard]] bool is_known() const { return !file.empty(); }
};

/// A record that began on an earlier line and is not over: a Python traceback under its Gunicorn header, an nginx
/// record whose quoted text holds a newline.
struct OpenRecord {
  Format format = Format::text;  // of its first line
  std::string header;            // its first line, cut to 4 KiB
  std::optional<TimePoint> time;
  std::size_t bytes = 0;  // so far, line ends included
  /// A traceback: LineReaderOptions::reference when its last line was read. The latest time there is: not known, for it
  /// was read before a restart.
  TimePoint read_at = TimePoint::max();
  bool is_over = false;  // nginx: the line just read was its last; forgotten before the next one
  /// nginx: another record may have been cut on the line just read. Then a head on the next one is not a client's.
  bool may_be_over = false;
  // Fields that its later lines inherit.
  std::string pid, level, method, path, record;
  std::string program;  // "gunicorn[1457]" of the syslog header in front of its lines; empty: they have none
  /// A header that ends with a client's path, in which line breaks may stand, always has a traceback below it. awaited:
  /// the path ended as it ought to; path_open: it goes on in the next line.
  enum class Traceback { optional, awaited, path_open } traceback = Traceback::optional;
  /// A traceback: the frames are being read / the exception line has been read and what follows is its text.
  /// source: what follows is the frame's line of source, which is not indented.
  enum class Stage { none, frames, exception_text, source } stage = Stage::none;
  bool is_group = false;    // the lines of a traceback of several exceptions stand behind a margin
  bool is_chained = false;  // its text ended with words behind which another traceback belongs to it
  CodePlace frame;          // the program's own last one in the traceback that is being read
  CodePlace place;          // of the record: the first of its exceptions that has one
};

/// A panic or an exception whose stack is being written (traces/trace.hpp).
struct OpenTrace {
  Format format = Format::text;
  std::string header;  // its first line, cut to 4 KiB; empty: none is open
  std::optional<TimePoint> time;
  TimePoint read_at = TimePoint::max();  // as in OpenRecord
  std::size_t bytes = 0;                 // in the stream, since it began
  std::string program;                   // as in OpenRecord
  CodePlace place;                       // of the record
  std::string call;                      // Go: the function of the frame whose file comes next
  bool is_first_stack = true;            // Go: no other goroutine's
};

/// What a traceback inherits that begins directly below: from a record of Gunicorn's, which it belongs to, or from a
/// line that nobody recognised. An application's logger dates its message, and Django writes "Internal Server Error:
/// /cart".
struct LineAbove {
  bool is_record = false;
  std::optional<TimePoint> time;
  std::string request, path;             // Django's words, and the path in them; empty: it is no such line
  std::string program;                   // as in OpenRecord
  std::string_view level;                // a constant of log_level.hpp; empty: it is no logger's line of an error
  TimePoint read_at = TimePoint::max();  // as in OpenRecord
};

/// A program prints a stack at once. What comes later belongs to something else.
inline constexpr Microseconds longest_pause = std::chrono::seconds(30);

/// A line of nginx's error log with a client's text in which a line feed may stand, so that it may be the beginning of
/// a record whose end a client forged.
struct NginxSuspect {
  std::size_t bytes_ago = 0;     // in the stream, from its beginning to that of the line being read
  std::size_t record_bytes = 0;  // of those, what may belong to its record: without other programs and their headers
  std::size_t header_bytes = 0;  // of syslog's, in front of it
  std::uint32_t origin = 0;      // its program
  NginxText text = NginxText::none;
  bool may_end_anywhere = false;  // cut at the greatest length, it has no error number near its end
  bool is_opaque = false;         // nothing tells where its record ends
};

/// The formats other than nginx's that a program's lines have shown where no client can have written them.
struct NginxHome {
  std::uint32_t origin = 0;
  std::uint64_t formats = 0;  // a bit a format; those behind a syslog header above the others
};

inline constexpr std::uint32_t all_formats_carried = 0xffffffff;
[[nodiscard]] constexpr std::uint32_t bit_of(Format format) {
  return std::uint32_t{1} << static_cast<unsigned>(format);
}

struct NginxMemory {
  static constexpr std::size_t long_ago = std::size_t{1} << 20;
  std::size_t bytes_read = 0;         // of the stream, at most long_ago
  std::size_t since_head = long_ago;  // from the beginning of the last line with a head to that of the line being read
  bool is_debug_opaque = false;       // a debug line announced a client's text that may hold a line feed
  bool is_wrapped = false;            // that line had a syslog header, so the lines of its record have, too
  static constexpr std::size_t most_suspects = 64, most_homes = 16;
  /// Oldest first, within the length of a record. A head alone has more bytes than there are in a record for one more.
  std::vector<NginxSuspect> suspects;
  boost::container::small_vector<NginxHome, 1> homes{NginxHome{}};  // of the programs that wrote nginx's records
};

/// A line about a request that ends inside a client's text: what follows belongs to it, whatever it looks like.
struct OpenRequest {
  Format format = Format::text;
  std::size_t bytes = 0;  // so far, line ends included; 0: none is open
  bool is_in_quotes = false;
  bool is_in_user = false;  // uWSGI: a user's name, in front of `) {28 vars in 453 bytes} [`
  std::string program;      // as in OpenRecord
};

/// Lines about requests of a program that escapes nothing (uWSGI, php-fpm's access log): a client can write a line, and
/// make both its own line and the one behind it look whole.
struct UnescapedRequests {
  static constexpr std::size_t reach = 16 * 1024;
  std::size_t bytes_ago = reach;  // since the last such line
  std::uint32_t beside = 0;       // a bit a format: lines that the program may write beside them
};

/// sshd's lines on its standard error: a user's name stands in them as it came, and in no other program's words.
struct SshdNames {
  static constexpr std::size_t longest_record = 1024;  // that sshd writes
  std::size_t bytes_ago = longest_record;              // since the last such line
};

struct ReaderMemory {
  LineReaderOptions options;
  LogTimes times;               // completes and caches times
  Format last = Format::text;   // of the last line of its own: tried first; kept by line_reader.cpp
  bool syslog_headers = false;  // the last line of its own had a syslog header; kept by line_reader.cpp
  bool is_own = false;          // the last line that was not indented had triaged's
  bool is_inside = false;       // as RecordReader's
  OpenRecord record;            // record.header empty: none
  OpenTrace trace;
  bool shows_node = false;  // a frame of Node.js stood in the stream
  LineAbove above;
  OpenRequest request;
  UnescapedRequests unescaped;
  SshdNames sshd;
  std::string listening_at;  // the address of Gunicorn's last "Listening at", as nginx writes an upstream
  std::string cut_message;   // what ReadLine::message points into when a client's text was cut out
  std::string joined_name;   // what a field points into that is made of two pieces of the line
  // Of the syslog header in front of what is being read: empty and nothing when there is none.
  std::string_view program;                           // "haproxy"
  std::string_view program_tag;                       // "haproxy[32129]"
  std::optional<std::chrono::seconds> header_offset;  // the zone that the header spells out
  // Of the line being read.
  std::uint32_t carried = all_formats_carried;  // a bit a format that its program may write
  bool may_be_kernels = true;                   // its transport does not rule out that the kernel wrote it
  std::uint32_t origin = 0;                     // a number for the program in its syslog header; 0: it has none
  std::size_t end_size = 1;                     // of its line end
  std::size_t line_size = 0, text_size = 0;     // with its end; with and without that header
  bool is_gunicorn = false;    // the source's name, or the format named, says that its access lines are Gunicorn's
  bool is_access_log = false;  // one of them says that the source has access lines
  NginxMemory nginx;
};

// line_reader.cpp
/// Whatever fits of the formats that need no syslog header, the last one that fitted first; false: none does. For
/// read_syslog, which asks it about the words behind the header and adds host, program and pid itself.
[[nodiscard]] bool read_known(std::string_view line, ReaderMemory& memory, ReadLine& into);

/// By one of LineReaderOptions::log_formats.
[[nodiscard]] bool read_own_log_format(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// Likewise by one that is written to standard output; of a line that no other format reads.
[[nodiscard]] bool read_format_of_output(std::string_view line, ReaderMemory& memory, ReadLine& into);

// nginx_error.cpp, nginx_error_record.cpp, nginx_access.cpp, json_access.cpp
[[nodiscard]] bool read_nginx_error(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// A line of the open nginx record, whatever it looks like.
[[nodiscard]] bool read_nginx_continuation(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// The end of an nginx record whose beginning was taken for a whole one: disowns the lines above it.
[[nodiscard]] bool read_nginx_orphan(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// Opens a record that does not end on its line, notes what later lines may have to disown, and disowns what stands
/// above the line when that ends another record. False: its own words are not to be trusted either.
[[nodiscard]] bool remember_nginx_error_line(std::string_view line, const NginxHead& head, const NginxWords& words,
                                             ReaderMemory& memory, ReadLine& into);
/// The line stands where a record of a client's making may reach, and nothing tells where that ends.
[[nodiscard]] bool is_in_opaque_record(const ReaderMemory& memory);
/// The line may stand in a record that began above, and lines of `format` were never seen where none can reach.
[[nodiscard]] bool is_foreign_to_nginx(Format format, ReaderMemory& memory);
/// Lines of `format` were seen in the stream where no client can have written them.
[[nodiscard]] bool is_at_home(Format format, ReaderMemory& memory);
/// Receivers of syslog that keep line feeds: a client may have written the header in front of the true end of its
/// record. Such a line disowns those above it. False: it does not end one.
[[nodiscard]] bool disown_behind_header(std::string_view line, const ReaderMemory& memory, ReadLine& into);
/// The line has no syslog header, and stands where a record of nginx's that has one may reach.
[[nodiscard]] bool is_near_wrapped_record(const ReaderMemory& memory);
/// To be told of each line.
void note_home(Format format, ReaderMemory& memory);
/// To be told each line, once it is read.
void pass_line(ReaderMemory& memory);
/// Combined, nginx's or Gunicorn's, and nginx's JSON.
[[nodiscard]] bool read_access(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// What an application's server, or a load balancer of AWS, writes of each request.
[[nodiscard]] bool read_app_access(std::string_view line, ReaderMemory& memory, ReadLine& into);
[[nodiscard]] bool read_alb_access(std::string_view line, ReaderMemory& memory, ReadLine& into);
[[nodiscard]] bool read_json_access(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// Words, and behind them what ends an access record: its format begins with a header of a client's.
[[nodiscard]] bool ends_as_access(std::string_view line, LogTimes& times);
/// Where a request and what it was answered stand in quotes, `"GET / HTTP/1.1" 502`; npos: nowhere. A line that an
/// access log of whatever form may have: what stands in front may be a header of a client's.
[[nodiscard]] std::size_t answered_request_in(std::string_view line);
/// The value of a JSON access line's time key; empty: none.
[[nodiscard]] std::string_view time_in_json(std::string_view line);

/// With this line a traceback begins.
inline constexpr std::string_view traceback_first_line = "Traceback (most recent call last):";

// haproxy.cpp, kernel.cpp, …: `line` is what follows a syslog header, when there was one
[[nodiscard]] bool read_haproxy_request(std::string_view line, ReaderMemory& memory, ReadLine& into);  // http and tcp
[[nodiscard]] bool read_haproxy_event(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// The names of the termination state of a line that has one, however it was read.
void add_haproxy_ending(ReadLine& into);
[[nodiscard]] bool read_envoy(std::string_view line, ReaderMemory& memory, ReadLine& into);
[[nodiscard]] bool read_gunicorn_error(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// Lines of a traceback that belong to the open record, or open one of their own.
[[nodiscard]] bool read_traceback(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// REQUIRES: called for each line. Keeps what a traceback below it inherits.
void note_line_above(const ReadLine& read, ReaderMemory& memory);
/// ReaderMemory::above is of the program of the line being read, and was read just before it.
[[nodiscard]] bool has_line_above(const ReaderMemory& memory);

// record_reader.cpp
/// "2026/11/21 01:17:36 …", an RFC 3339 time, either of them and their kin in brackets, or behind a level.
[[nodiscard]] std::optional<TimePoint> leading_time(std::string_view line, LogTimes& times);
[[nodiscard]] bool read_kernel(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// traces/: of text's family, so they are tried where a line is nobody's.
[[nodiscard]] bool read_go_panic(std::string_view line, ReaderMemory& memory, ReadLine& into);
[[nodiscard]] bool read_java_exception(std::string_view line, ReaderMemory& memory, ReadLine& into);
[[nodiscard]] bool read_node_error(std::string_view line, ReaderMemory& memory, ReadLine& into);
[[nodiscard]] bool read_ruby_error(std::string_view line, ReaderMemory& memory, ReadLine& into);
[[nodiscard]] bool read_php_fpm(std::string_view line, ReaderMemory& memory, ReadLine& into);
[[nodiscard]] bool read_uwsgi(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// Where in a line about a request what uWSGI writes behind a user's name ends: `) {28 vars in 453 bytes} [DATE] `;
/// npos: nowhere. The name has no colon, and the date has.
[[nodiscard]] std::size_t end_of_uwsgi_head(std::string_view line, LogTimes& times);
/// `(1 switches on core 0)`: the end of a line about a request.
[[nodiscard]] bool ends_uwsgi_request(std::string_view line);
/// A syslog header (RFC 3339 or traditional time, host, program[pid]:) in front of any of them, or of nobody's words.
[[nodiscard]] bool read_syslog(std::string_view line, ReaderMemory& memory, ReadLine& into);

// open_request.cpp
/// The line ends inside a client's text.
void open_request(std::string_view line, Format format, ReaderMemory& memory);
/// A line inside or at the end of the open one. It says nothing.
[[nodiscard]] bool continues_request(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// Does the line begin as an access line does, `ADDRESS - `, and if so, where do its client and what stands before the
/// user's name end?
struct AccessStart {
  std::string_view client;
  std::size_t user = 0;
};
[[nodiscard]] std::optional<AccessStart> read_access_start(std::string_view line, bool is_access_log);
/// Is an odd number of quotes in `text` not behind a backslash?
[[nodiscard]] bool ends_in_quotes(std::string_view text);
/// `… +0000 "GET /index.php" 200`: php-fpm's access log and its kin, where nobody escapes the path. `quote` is the
/// place of the first one.
[[nodiscard]] bool quotes_request_behind_zone(std::string_view line, std::size_t quote);

// syslog_header.cpp
/// A bit for each format that the program writes, as the transport names it.
[[nodiscard]] std::uint32_t formats_carried_by(std::string_view program);

// reader_state.cpp
/// Log lines are bytes and JSON is text: each byte is written as the character of that number (Latin-1).
void append_bytes(std::string& json, std::string_view bytes);
/// The bytes that append_bytes() wrote, of the text that a JSON reader makes of it.
[[nodiscard]] std::string bytes_of(std::string_view utf8);
[[nodiscard]] std::string to_state(const ReaderMemory& memory, const Redactor* redactor);
/// Leaves `memory` as it is when `state` is not what to_state writes.
void restore_state(std::string_view state, ReaderMemory& memory);

}  // namespace triaged::formats

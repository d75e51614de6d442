// What a LineReader keeps between lines, and what the readers of single formats share. Private to this room.
//
// Each format has one function `bool read_X(std::string_view line, ReaderMemory&, ReadLine& into)`: true when the line
// is of that format, and then format, message, time and fields of `into` are set (`into` comes in cleared). A function
// that says false leaves `into` and the memory as they were.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <boost/container/static_vector.hpp>

#include "base/time.hpp"
#include "formats/line_reader.hpp"
#include "formats/log_time.hpp"
#include "formats/nginx_line.hpp"

namespace triaged {

/// A record that began on an earlier line and is not over: a Python traceback under its Gunicorn header, an nginx
/// record whose quoted text holds a newline.
struct OpenRecord {
  Format format = Format::text;  // of its first line
  std::string header;            // its first line, cut to 4 KiB
  std::optional<TimePoint> time;
  std::size_t bytes = 0;  // so far, line ends included
  bool is_over = false;   // nginx: the line just read was its last; forgotten before the next one
  // Fields that its later lines inherit.
  std::string pid, level, path, record;
  std::string program;  // "gunicorn[1457]" of the syslog header in front of its lines; empty: they have none
  /// A header that ends with a client's path, in which line breaks may stand, always has a traceback below it. awaited:
  /// the path ended as it ought to; path_open: it goes on in the next line.
  enum class Traceback { optional, awaited, path_open } traceback = Traceback::optional;
  /// A traceback: the frames are being read / the exception line has been read and what follows is its text.
  enum class Stage { none, frames, exception_text } stage = Stage::none;
};

/// A line of nginx's error log that quotes a text among its words, so that it may be the beginning of a record whose
/// end a client forged.
struct NginxSuspect {
  std::size_t bytes_ago = 0;      // from its beginning to that of the line being read
  bool may_end_anywhere = false;  // cut at the greatest length, it has no error number near its end
};

struct NginxMemory {
  static constexpr std::size_t long_ago = std::size_t{1} << 20;
  std::size_t since_head = long_ago;  // from the beginning of the last line with a head to that of the line being read
  bool is_wrapped = false;            // that line had a syslog header, so the lines of its record have, too
  boost::container::static_vector<NginxSuspect, 24> suspects;  // oldest first, within the length of a record
};

struct ReaderMemory {
  LineReaderOptions options;
  LogTimes times;               // completes and caches times
  Format last = Format::text;   // of the last line of its own: tried first; kept by line_reader.cpp
  bool syslog_headers = false;  // the last line of its own had a syslog header; kept by line_reader.cpp
  OpenRecord record;            // record.header empty: none
  std::string listening_at;     // the address of Gunicorn's last "Listening at", as nginx writes an upstream
  std::string cut_message;      // what ReadLine::message points into when a client's text was cut out
  // Of the syslog header in front of what is being read: empty and nothing when there is none.
  std::string_view program;                           // "haproxy"
  std::string_view program_tag;                       // "haproxy[32129]"
  std::optional<std::chrono::seconds> header_offset;  // the zone that the header spells out
  bool is_gunicorn = false;  // the source's name, or the format named, says that its access lines are Gunicorn's
  NginxMemory nginx;
};

// line_reader.cpp
/// Whatever fits of the formats that need no syslog header, the last one that fitted first; false: none does. For
/// read_syslog, which asks it about the words behind the header and adds host, program and pid itself.
[[nodiscard]] bool read_known(std::string_view line, ReaderMemory& memory, ReadLine& into);

// nginx_error.cpp, nginx_record.cpp, nginx_access.cpp, json_access.cpp
[[nodiscard]] bool read_nginx_error(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// A line of the open nginx record, whatever it looks like.
[[nodiscard]] bool read_nginx_continuation(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// The end of an nginx record whose beginning was taken for a whole one: disowns the lines above it.
[[nodiscard]] bool read_nginx_orphan(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// Opens a record that does not end on its line, and notes what later lines may have to disown.
void remember_nginx_line(std::string_view line, const NginxHead& head, const NginxWords& words, ReaderMemory& memory,
                         ReadLine& into);
/// To be told each line, once it is read.
void pass_line(std::string_view line, NginxMemory& memory);
[[nodiscard]] bool read_access(std::string_view line, ReaderMemory& memory,
                               ReadLine& into);  // combined; nginx's or Gunicorn's
[[nodiscard]] bool read_json_access(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// The value of a JSON access line's time key; empty: none.
[[nodiscard]] std::string_view time_in_json(std::string_view line);

/// With this line a traceback begins.
inline constexpr std::string_view traceback_first_line = "Traceback (most recent call last):";

// haproxy.cpp, kernel.cpp, …: `line` is what follows a syslog header, when there was one
[[nodiscard]] bool read_haproxy_request(std::string_view line, ReaderMemory& memory, ReadLine& into);  // http and tcp
[[nodiscard]] bool read_haproxy_event(std::string_view line, ReaderMemory& memory, ReadLine& into);
[[nodiscard]] bool read_gunicorn_error(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// Lines of a traceback that belong to the open record, or open one of their own.
[[nodiscard]] bool read_traceback(std::string_view line, ReaderMemory& memory, ReadLine& into);
[[nodiscard]] bool read_kernel(std::string_view line, ReaderMemory& memory, ReadLine& into);
[[nodiscard]] bool read_php_fpm(std::string_view line, ReaderMemory& memory, ReadLine& into);
[[nodiscard]] bool read_uwsgi(std::string_view line, ReaderMemory& memory, ReadLine& into);
/// A syslog header (RFC 3339 or traditional time, host, program[pid]:) in front of any of them, or of nobody's words.
[[nodiscard]] bool read_syslog(std::string_view line, ReaderMemory& memory, ReadLine& into);

// reader_state.cpp
[[nodiscard]] std::string to_state(const ReaderMemory& memory);
/// Leaves `memory` as it is when `state` is not what to_state writes.
void restore_state(std::string_view state, ReaderMemory& memory);

}  // namespace triaged

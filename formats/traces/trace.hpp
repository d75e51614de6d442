// Panics and exceptions of programs in Go, Java, Node.js and Ruby, as they print them:
//
//   panic: assignment to entry in nil map                      says what failed, and opens a record
//   goroutine 103 [running]:                                   frames: they continue it
//   main.refresh(...)
//   	./gocrash.go:15
//
// What says what failed has the fields `exception` and `exception_text`. A frame has none, and as its header the line
// that opened the record; its message is the line, for rules know failures by the place where they come about. The
// innermost frame of the program's own code has that place as fields, which belong to the whole record. Whatever
// else stands between is text: these formats are of text's family, so they count where text counts and nowhere else. A
// client's line feed can make a head where the program writes it raw, as it can make any other text there, and no more.
// Private to this room.
#pragma once

#include <string_view>

#include "formats/reader_memory.hpp"
#include "formats/traces/code_place.hpp"

namespace triaged::formats {

/// "java.net.ConnectException" and "Connection refused".
struct Failure {
  std::string_view exception, text;
};

/// `line` says what failed; a record begins.
void begin_trace(Format format, std::string_view line, Failure failure, ReaderMemory& memory, ReadLine& into);
/// It says what else failed, in the record that is open, if one is.
void add_cause(Format format, std::string_view line, Failure failure, ReaderMemory& memory, ReadLine& into);
/// It is a frame, or what else stands among frames.
void add_frame(Format format, std::string_view line, ReaderMemory& memory, ReadLine& into);
/// A frame with which a record may begin whose first line is not known as one.
void begin_with_frame(Format format, std::string_view line, ReaderMemory& memory, ReadLine& into);

/// The open record, or the line that begins one, goes through the program's own code there; the first such frame says
/// where the failure came about.
void place_trace(const Frame& frame, ReaderMemory& memory, ReadLine& into);

/// A record of the format and of the line's program is open.
[[nodiscard]] bool has_open_trace(Format format, const ReaderMemory& memory);

/// What stands behind the blanks at its beginning.
[[nodiscard]] std::string_view without_margin(std::string_view line);
/// `text` of "NAME: text"; empty for "NAME" alone. False: something else stands behind the name.
[[nodiscard]] bool take_text_behind_name(std::string_view behind_name, std::string_view& text);

}  // namespace triaged::formats

// Reads the lines of one program's stream, free of what transport put around them: which format each has, and what it
// inherits from those before it. formats/line_reader.hpp has one for each stream that it finds in a source. Private to
// this room.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "formats/line_reader.hpp"
#include "formats/reader_memory.hpp"

namespace triaged::formats {

/// Who wrote a line, by what its transport says.
struct Writer {
  std::string_view program;                         // only formats that it writes count then; empty: not known
  std::optional<bool> is_kernel;                    // as Envelope::is_kernel
  std::optional<std::chrono::seconds> offset = {};  // of the zone of its host, when a header around the line says it
};

class RecordReader {
 public:
  /// `is_inside`: its lines are what somebody collected of a program's output, or a transport carries them.
  explicit RecordReader(const LineReaderOptions& options, bool is_inside = false);

  /// As LineReader::read(), of a line without wrappers.
  void read(std::string_view line, ReadLine& into, std::size_t end_size, const Writer& writer = {});
  /// So many bytes stood in the stream that are none of its lines.
  void pass(std::size_t bytes);

  /// Would the line be one of a known format if nothing stood before it? Costs as much as reading it.
  [[nodiscard]] bool recognises(std::string_view line) const;
  /// Which format that is; nullopt: none.
  [[nodiscard]] std::optional<Format> format_of(std::string_view line) const;
  /// Likewise by what it begins with: a time, a level in brackets. Words alone may be anybody's.
  [[nodiscard]] bool recognises_by_head(std::string_view line) const;
  /// A client may have written the next line, also its beginning: a record with a client's text stands near.
  [[nodiscard]] bool is_near_client_text() const;
  /// A record is open that the next line may continue.
  [[nodiscard]] bool has_open_record() const { return !memory_.record.header.empty() || !memory_.trace.header.empty(); }
  /// The last line of its own had a syslog header.
  [[nodiscard]] bool has_syslog_headers() const { return memory_.syslog_headers; }

  [[nodiscard]] const LineReaderOptions& options() const { return memory_.options; }
  [[nodiscard]] LogTimes& times() { return memory_.times; }
  void set_reference(TimePoint reference);

  [[nodiscard]] std::string state(const Redactor* redactor) const { return to_state(memory_, redactor); }
  void restore(std::string_view state) { restore_state(state, memory_); }

 private:
  [[nodiscard]] bool read_afresh(std::string_view line, ReadLine& into) const;

  ReaderMemory memory_;
};

}  // namespace triaged::formats

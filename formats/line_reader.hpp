// Reads log lines: which format a line has, what its fields and its time are, and which span of it is the program's own
// words. That span is the safety rule of the product: text that a client controls (request line, referrer, user agent,
// host, cookies, decoded file names) lies outside it, and a match counts only inside.
//
// One LineReader per source, on one thread. Formats are recognised from content, line by line, the last one that fitted
// being tried first, so a file may hold several (HAProxy's events among its requests, tracebacks under Gunicorn's
// records). The reader keeps what a line inherits from the lines before it: the header of a record, its time, whether a
// quoted text is still open. That memory is small and can be saved with the cursor and restored.
//
// What transport put around a line ("web-1  | ", a time of docker's, an object of a collector's) is taken off first
// (envelope/): the line is read as its program wrote it, in the order of that program's own stream, and what the
// wrapper knows becomes fields: container, pod, namespace, unit, program, pid.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/static_vector.hpp>

#include "base/result.hpp"
#include "base/time.hpp"
#include "formats/format.hpp"
#include "formats/log_format.hpp"
#include "values/envelope.hpp"

namespace triaged::formats {

class Redactor;

struct FieldView {
  std::string_view name;   // static storage
  std::string_view value;  // into the line, or into the reader (inherited fields): valid until the next read()
};

/// What a Doubt asks of a line: read once, for one line may stand in the reach of many.
struct DoubtedLine {
  explicit DoubtedLine(std::string_view line);

  int text = 0;  // as Doubt::text; 0: nobody can have written it but the program
  bool begins_as_text = false, is_complete = true, has_suffix = false;
  std::string end, server, upstream;
};

/// The line may be the end of a record that a client's line feed broke: what the lines said that begin within `bytes`
/// before it may be forged, unless any client can make the program say the same by honest means.
struct Doubt {
  std::size_t bytes = 0;  // 0: none
  int text = 0;           // which kind of client's text stands in the record
  std::string_view end;   // the program's words behind it
  std::string_view server, upstream;

  /// Is this line, of the format of the one that raised the doubt, of the kind that any client can cause?
  [[nodiscard]] bool spares(const DoubtedLine& line) const;
};

struct ReadLine {
  Format format = Format::text;
  /// The line without what transport put around it: the line itself, or a copy in the reader, valid until the next
  /// read().
  std::string_view text;
  /// Which of the streams that run through each other in the source it belongs to; 0: nothing was put around it.
  std::uint32_t stream = 0;
  /// The streams that it stands in, outermost first: `stream` is the last one.
  boost::container::static_vector<std::uint32_t, 4> streams;
  /// Where the program itself speaks: a span of the line, or, when a client's text stands inside the program's sentence
  /// (`open() "/srv/www/CLIENT" failed`), a copy in the reader with that text cut out (`open() "" failed`). Valid until
  /// the next read(). Empty: the program says nothing here (match fields only).
  std::string_view message;
  std::optional<TimePoint> time;  // of the line itself, or inherited from its record
  std::string_view host;          // from a syslog header, or from the transport
  std::string_view header;        // of the record that this line continues; empty for a line of its own
  boost::container::static_vector<FieldView, 40> fields;
  /// The line reveals that text above it was forged through a client's newline (the tail of an nginx path stands at its
  /// start): nothing in the lines of its stream that begin within this many bytes before it may count. 0: nothing of
  /// the kind.
  std::size_t disowned_bytes = 0;
  Doubt doubt;
  /// Of a line that transport cut into parts, each a line of the source: so many bytes before the last one, which
  /// read() was given, the first one begins. 0: it is whole.
  std::size_t bytes_of_parts_above = 0;
  /// What was taken off around it, for people, outermost first: "a service's name", "a JSON object". Static storage.
  boost::container::static_vector<std::string_view, 4> wrappers;
  bool is_silenced = false;  // it stands so near to a client's text that the client may have written it
  bool is_own = false;       // triaged wrote it: it says nothing

  [[nodiscard]] std::string_view field(std::string_view name) const {
    for (const auto& [field_name, value] : fields) {
      if (field_name == name) return value;
    }
    return {};
  }
};

/// How the times of lines without a zone or a year are completed.
struct TimeZoneRule {
  /// Offset from UTC of lines that carry none; nullopt: this host's zone.
  std::optional<std::chrono::seconds> offset;
};

struct LineReaderOptions {
  std::string source_name;       // Gunicorn's access log looks like nginx's: a name with "gunicorn" in it decides
  std::optional<Format> format;  // the operator named it: only this one (and what belongs to its records) is tried
  std::vector<OwnLogFormat> log_formats;  // that its lines may be written in, besides those that everybody knows
  TimeZoneRule zone;
  TimePoint reference = {};  // near the file's end (its mtime, or now): completes dates without a year
  /// Names that triaged gives itself besides its own: its lines carry them in a syslog header. nullptr: none.
  std::shared_ptr<const std::vector<std::string>> own_programs = {};
};

class LineReader {
 public:
  explicit LineReader(LineReaderOptions options);
  ~LineReader();
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;

  /// Reads one line (without its line end, which has `end_size` bytes in the stream). `line` must outlive `into`. Any
  /// bytes are fine. Never allocates for a line that starts a record of its own; cost is a small multiple of memchr
  /// over the line.
  ///
  /// `envelope` is what the transport says about the line (nullptr: nothing) and must outlive `into`, too: what the
  /// line and its wrappers do not say themselves.
  void read(std::string_view line, ReadLine& into, std::size_t end_size = 1, const Envelope* envelope = nullptr);
  /// An object may hold several lines: reads the next one of what read() was given last. False: there is none.
  [[nodiscard]] bool read_next(ReadLine& into);

  /// Lines from here on were written near `reference`: a stream that is followed for months outlives the first one.
  void set_reference(TimePoint reference);

  /// What is known about the stream's lines so far, as JSON for the cursor; restore() takes it back and ignores text
  /// that it does not understand. What of it is kept on a disk passes a redactor; nullptr: it stays in memory.
  [[nodiscard]] std::string state(const Redactor* redactor = nullptr) const;
  void restore(std::string_view state);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

/// The zone offset that this line spells out ("+0000", "-05:00", "Z" in a format that carries one), for guessing the
/// zone of its neighbours; nullopt when it has none.
[[nodiscard]] std::optional<std::chrono::seconds> zone_written_in(std::string_view line);
/// The time that this line writes with its year, as if in UTC when it says no zone; nullopt when it has none.
[[nodiscard]] std::optional<TimePoint> date_written_in(std::string_view line);

}  // namespace triaged::formats

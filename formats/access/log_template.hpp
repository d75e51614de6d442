// How somebody's access log is written, as a server's configuration says it (nginx's log_format, HAProxy's log-format,
// the %-codes of Apache and Gunicorn), and the reading of lines by that.
//
// Clients write a part of such a line. A line counts only when it can be read in one way: where a client's text would
// let the pieces behind it begin at two places, it is of the format and says nothing. Two readings are made, one with
// every piece as long and one with every piece as short as it can be; when these agree on what is wanted, so do all
// between them. In quotes a client's text ends at the next bare quote: the servers escape those, unless they were told
// not to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "formats/format.hpp"
#include "formats/log_format.hpp"
#include "formats/reader_memory.hpp"

namespace re2 {
class RE2;
}

namespace triaged::formats {

/// nginx: `$status`, `${status}` (ngx_http_log_module). haproxy: `%ST`, `%{+Q}r`, `%[src]` (HAProxy's configuration
/// manual, 8.2.6). apache: `%>s`, `%{Referer}i` (mod_log_config), and Gunicorn's `%(s)s`.
enum class TemplateDialect : std::uint8_t { nginx, haproxy, apache };

/// What a piece of a line is to the reader.
enum class PieceUse : std::uint8_t { none, field, time, request, path, client, upstream, list, last_of_list, url };

/// What may stand there.
enum class PieceShape : std::uint8_t { text, word, phrase, number, status, list, addresses, time };

struct TemplateVariable {
  std::string_view name;  // as the dialect calls it
  PieceShape shape = PieceShape::text;
  PieceUse use = PieceUse::none;
  std::string_view field = {};  // static storage
};

class LogTemplate {
 public:
  /// The dialect that `text` is written in, by its variables; nullopt: it has none.
  [[nodiscard]] static std::optional<TemplateDialect> dialect_of(std::string_view text);

  /// `is_escaped`: the server escapes quotes in what clients send. Error: what is wrong with `text`, for whoever wrote
  /// it.
  [[nodiscard]] static Result<LogTemplate> compile(std::string_view text, TemplateDialect dialect, Format format,
                                                   bool is_escaped = true);

  LogTemplate(LogTemplate&&) noexcept;
  LogTemplate& operator=(LogTemplate&&) noexcept;
  ~LogTemplate();

  /// Is the whole line written so? Then its fields are in `into`, unless there are two ways to read it.
  [[nodiscard]] bool read(std::string_view line, ReaderMemory& memory, ReadLine& into) const;

  [[nodiscard]] Format format() const { return format_; }

 private:
  struct Piece {
    PieceUse use = PieceUse::none;
    std::string_view field;
  };

  LogTemplate(Format format, TemplateDialect dialect);

  Format format_;
  TemplateDialect dialect_;
  std::vector<Piece> wanted_;          // one for each group of the expressions
  std::unique_ptr<re2::RE2> longest_;  // each piece as long as it can be
  std::unique_ptr<re2::RE2> shortest_;
};

}  // namespace triaged::formats

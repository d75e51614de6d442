// A log format as a server's configuration writes it: nginx's log_format, HAProxy's log-format, Apache's LogFormat,
// Gunicorn's --access-logformat.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "formats/format.hpp"

namespace triaged::formats {

class LogTemplate;

/// Immutable; any number of readers, on any threads, may share one.
using LogFormat = std::shared_ptr<const LogTemplate>;

/// The one that is written in `text`. Its variables say which server's it is; its lines are of `format`, by default of
/// the access log of that server. `is_escaped`: the server escapes quotes in what clients send (nginx: not with
/// escape=none). Error: what is wrong with `text`.
[[nodiscard]] Result<LogFormat> read_log_format(std::string_view text, std::optional<Format> format = {},
                                                bool is_escaped = true);

/// A log format that lines of a source may have.
struct OwnLogFormat {
  LogFormat format;
  std::string program = {};  // only lines that it wrote, as their transport says; empty: any line
  /// It is written to standard output: only lines that stand in what somebody collected of a program's output (a
  /// container's log, a journal), that are of no other format, and that show their status and their request or time.
  bool is_of_output = false;
};

}  // namespace triaged::formats

// What transport put around a line, layer by layer and in words, for people who ask how a line is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/line_reader.hpp"

namespace triaged::formats {

struct WrapperWords {
  std::string_view name;  // "compose's", "a JSON object"; static storage
  std::string text;       // what stands in front of the line: "nginx-1  | "; empty: it cannot be shown so
};

/// The layers that were taken off around `line`, which was read as `read`, outermost first; a syslog header is the
/// last.
[[nodiscard]] std::vector<WrapperWords> wrappers_around(std::string_view line, const ReadLine& read);

/// `compose's "nginx-1  | " and a syslog header "Nov 21 …: "`
[[nodiscard]] std::string to_text(const std::vector<WrapperWords>& wrappers);

}  // namespace triaged::formats

// How the lines of a haproxy.cfg are written (HAProxy configuration manual 2.6, chapter 2.2). Private to this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace triaged::topology {

using HaproxyWords = std::vector<std::string>;

struct HaproxyLine {
  unsigned number = 0;  // in the file; counted from 1
  HaproxyWords words;   // at least one
};

/// Each line that has any words. Quotes hold together, a backslash takes what follows as it is, # begins a comment.
[[nodiscard]] std::vector<HaproxyLine> haproxy_lines(std::string_view text);

/// Whether a line that begins with this word begins a section.
[[nodiscard]] bool is_haproxy_section(std::string_view word);

/// The parts of ":80,:443".
[[nodiscard]] std::vector<std::string> split_haproxy_list(std::string_view list);

}  // namespace triaged::topology

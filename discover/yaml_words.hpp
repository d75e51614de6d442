// Paths and texts of this host as words of a configuration. Private to this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace triaged::discover {

/// The path as a pattern that matches it: what a pattern or the configuration would take for something else becomes a
/// wildcard, and so does what is no UTF-8.
[[nodiscard]] std::string glob_of(const std::string& path);
[[nodiscard]] bool is_glob(std::string_view path);

[[nodiscard]] std::string yaml_quoted(std::string_view text);
/// In quotes only when it must be.
[[nodiscard]] std::string yaml_word(const std::string& text);
/// "[/etc/a.cfg, '/etc/b c.cfg']".
[[nodiscard]] std::string yaml_list(const std::vector<std::string>& words);

/// Whether it can stand where no pattern may.
[[nodiscard]] bool can_be_path(const std::string& path);
/// Whether it is a form that triaged reads, and the configuration would not take a part of it for a variable.
[[nodiscard]] bool can_be_log_format(const std::string& text);

}  // namespace triaged::discover

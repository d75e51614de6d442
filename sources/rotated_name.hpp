// What log rotation makes of a file's name, and which of two rotated files is the older one. Covers logrotate (numbers,
// dateext, extension), Python's handlers, kubelet, cronolog-like dates before the extension, and a compressed file's
// ending behind any of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triaged {

/// Whether a tool that rotates `base` ("error.log") gives names like `name`: "error.log.1", "error.log.2.gz",
/// "error.log-20261121", "error-20261121.log", "error.log.old". `base` itself is not one.
[[nodiscard]] bool is_rotated_name(std::string_view name, std::string_view base);

/// Whether `name` could be what `base` is called after the next rotation: a rotated name of it or, when `base` is one
/// itself ("error.log.1"), another of the same file ("error.log.2.gz").
[[nodiscard]] bool is_later_name(std::string_view name, std::string_view base);

/// All names of which `name` could be a rotated one.
[[nodiscard]] std::vector<std::string> possible_bases(std::string_view name);

/// Whether `name` was rotated away before `other`, as far as their names tell: a higher number, an earlier date. `base`
/// is the youngest of all. nullopt when the names do not say (a number and a date, "old").
[[nodiscard]] std::optional<bool> is_older_by_name(std::string_view name, std::string_view other,
                                                   std::string_view base);

/// The number in `name` when it is one of a series and stands in it behind `last` and before `next`: "1.log" between
/// "0.log" and "2.log", compressed or not. That is how a symbolic link goes from file to file (containers).
[[nodiscard]] std::optional<std::uint64_t> number_between(std::string_view name, std::string_view last,
                                                          std::string_view next);

}  // namespace triaged

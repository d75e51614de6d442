// What log rotation makes of a file's name, and which of two rotated files is the older one. Covers logrotate (numbers,
// dateext, extension), Python's handlers, kubelet, cronolog-like dates before the extension, and a compressed file's
// ending behind any of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triaged::sources {

/// Of the compressed files that can be read.
inline constexpr std::array<std::string_view, 4> compressed_endings{".gz", ".zst", ".xz", ".bz2"};

/// Whether a tool that rotates `base` ("error.log") gives names like `name`: "error.log.1", "error.log.2.gz",
/// "error.log-20261121", "error-20261121.log", "error.log.old". `base` itself is not one.
[[nodiscard]] bool is_rotated_name(std::string_view name, std::string_view base);

/// Whether `name` could be what `base` is called after the next rotation: a rotated name of it or, when `base` is one
/// itself ("error.log.1"), another of the same file ("error.log.2.gz").
[[nodiscard]] bool is_later_name(std::string_view name, std::string_view base);

/// All names of which `name` could be a rotated one.
[[nodiscard]] std::vector<std::string> possible_bases(std::string_view name);

/// Which way the numbers of rotated files go.
enum class Numbering {
  newest_is_lowest,   // logrotate: every file is renamed with each rotation, "error.log.1" is the newest
  newest_is_highest,  // a file keeps its number, "error.log.1" is the oldest
};

struct TimedName {
  std::string name;
  std::int64_t time = 0;
  bool is_last_write =
      false;  // of a compressed file, whose birth nobody knows: a late line may have made it that young
};

/// Which way fits the times; newest_is_lowest when they do not say.
[[nodiscard]] Numbering numbering_of(const std::vector<TimedName>& files, std::string_view base);

/// Whether `name` was rotated away before `other`, as far as their names tell: a number, an earlier date. `base` is the
/// youngest of all. nullopt when the names do not say (a number and a date, "old").
[[nodiscard]] std::optional<bool> is_older_by_name(std::string_view name, std::string_view other, std::string_view base,
                                                   Numbering numbering = Numbering::newest_is_lowest);

/// A glob that matches `path` and others that the same tool makes by the same rule: other digits stand where it has
/// some ("/var/log/2026-11-21/app.log"), another label where it has one of svlogd's and multilog's
/// ("@400000006928b0c50fd5b4d4.s"), and it may be compressed.
[[nodiscard]] std::string glob_of_names_like(std::string_view path);
/// Whether the two differ as glob_of_names_like() says, and in nothing else.
[[nodiscard]] bool is_named_like(std::string_view path, std::string_view other);

/// Whether `name` has the ending of a compressed file that can be read (".gz"), and its name without that.
[[nodiscard]] std::optional<std::string_view> plain_name_of(std::string_view name);

/// The number in `name` when it is one of a series and stands in it behind `last` and before `next`: "1.log" between
/// "0.log" and "2.log", compressed or not. That is how a symbolic link goes from file to file (containers).
[[nodiscard]] std::optional<std::uint64_t> number_between(std::string_view name, std::string_view last,
                                                          std::string_view next);

}  // namespace triaged::sources

// The options of a server's command line. Private to this room.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triaged::discover {

/// The values of an option under all of its names, in their order: "-b X", "-bX", "--bind X", "--bind=X".
[[nodiscard]] std::vector<std::string> option_values(const std::vector<std::string>& command,
                                                     std::initializer_list<std::string_view> names);

/// The last of them, which is the one that counts.
[[nodiscard]] std::optional<std::string> option_value(const std::vector<std::string>& command,
                                                      std::initializer_list<std::string_view> names);

/// Whether an option without a value is there.
[[nodiscard]] bool has_option(const std::vector<std::string>& command, std::string_view name);

/// A title that a server wrote over its command line is one word: "nginx: master process /usr/sbin/nginx -c /etc/x".
[[nodiscard]] std::vector<std::string> words_in(const std::vector<std::string>& command);

/// The words of a command line as a shell splits it, and Python's shlex: quotes hold together, a backslash takes what
/// follows as it is.
[[nodiscard]] std::vector<std::string> shell_words(std::string_view line);

}  // namespace triaged::discover

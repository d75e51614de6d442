// Puts an incident's own addresses, pids and paths into the texts of rules: "{upstream}" becomes "127.0.0.1:8003".
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace triaged::diagnosis {

/// Gives the value of a field; empty when it is unknown.
using FieldLookup = std::function<std::string_view(std::string_view name)>;

/// `text` with each {name} replaced. An unknown name is shown in capitals (UPSTREAM), as manuals do. Braces around
/// anything but a field name (shell, JSON) stay as they are.
[[nodiscard]] std::string fill_text(std::string_view text, const FieldLookup& lookup);

/// The same for commands: values are quoted for a POSIX shell unless they hold only harmless characters, because log
/// text is hostile and commands get pasted.
[[nodiscard]] std::string fill_command(std::string_view text, const FieldLookup& lookup);

[[nodiscard]] std::string shell_quoted(std::string_view value);

}  // namespace triaged::diagnosis

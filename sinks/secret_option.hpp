// An option that is a secret: it stands in the configuration, which may take it from the environment, or in a file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/yaml.hpp"

namespace triaged::sinks {

/// The text of `key`, or the first line of the file that `file_key` names; nullopt when neither is given or after a
/// problem was reported (both given, one given without a value, an unreadable or empty file).
[[nodiscard]] std::optional<std::string> read_secret(YamlMapReader& fields, std::string_view key,
                                                     std::string_view file_key);

}  // namespace triaged::sinks

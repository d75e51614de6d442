// Percent encoding, as queries and forms have it (WHATWG URL, application/x-www-form-urlencoded).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triaged::admin {

/// nullopt: a percent sign without two hexadecimal digits behind it.
[[nodiscard]] std::optional<std::string> decoded(std::string_view text, bool plus_is_blank);

using FormFields = std::vector<std::pair<std::string, std::string>>;

/// "worked=1&failed=2"; nullopt when a part cannot be decoded.
[[nodiscard]] std::optional<FormFields> form_fields(std::string_view text);

}  // namespace triaged::admin

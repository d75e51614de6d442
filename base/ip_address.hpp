// Numeric addresses of IP version 4 and 6.
#pragma once

#include <string_view>

namespace triaged::inline base {

/// "127.0.0.1": four numbers.
[[nodiscard]] bool is_ipv4(std::string_view text);
/// "::1", without brackets and zone.
[[nodiscard]] bool is_ipv6(std::string_view text);
[[nodiscard]] inline bool is_ip(std::string_view text) { return is_ipv4(text) || is_ipv6(text); }

/// What stands between brackets, or all of it.
[[nodiscard]] constexpr std::string_view without_brackets(std::string_view text) {
  const bool is_bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  return is_bracketed ? text.substr(1, text.size() - 2) : text;
}

}  // namespace triaged::inline base

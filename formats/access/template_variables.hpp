// The variables that each dialect of log formats has, and what they are to us. One that is not listed may be a client's
// text, with anything in it.
#pragma once

#include <string_view>

#include "formats/access/log_template.hpp"

namespace triaged::formats {

/// As `name` is written: "$upstream_addr" is "upstream_addr", "%ST" is "ST", "%>s" is "s", "%(s)s" is "s",
/// "%{Referer}i" is "{Referer}i".
[[nodiscard]] TemplateVariable variable_of(TemplateDialect dialect, std::string_view name);

/// The longest name of HAProxy's that `text` begins with; empty: none. (`%TR` is none of `%T` and an R.)
[[nodiscard]] std::string_view haproxy_name_at(std::string_view text);

/// Is it one that only HAProxy has?
[[nodiscard]] bool is_haproxys_own(std::string_view name);

}  // namespace triaged::formats

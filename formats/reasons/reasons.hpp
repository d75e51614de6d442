// What a program's own words give as the reason, by a name that is the same on every platform and in every version:
// `(111: Connection refused)`, `(61: Connection refused)`, `[WinError 10061] …` and ECONNREFUSED are all the errno
// `refused`. Each kind of reason is a field that rules use as they use those that a line has (docs/writing-rules.md has
// the names), and has a table in a file of its own, which says where its numbers and words come from.
//
// Only lines that a rule has matched are asked (matcher/signature.hpp): other lines pay nothing for it. All
// functions are pure.
#pragma once

#include <string_view>
#include <vector>

namespace triaged::formats {

/// Words between spaces, as FormatFacts::fields.
inline constexpr std::string_view reason_fields =
    "check_result errno exit_status grpc_code http2_code servers_left signal sqlstate tls_alert tls_reason";

[[nodiscard]] bool is_reason(std::string_view field);

/// It has a fixed set of names: a reason, or a field that lines have themselves (`ended_by` and `ended_in` of
/// HAProxy's).
[[nodiscard]] bool has_names(std::string_view field);

/// The reason of this kind in `words`, where the program itself speaks: a name of reason_names(), or a number that has
/// no name (a view into `words`). Empty: none. REQUIRES: is_reason(field).
[[nodiscard]] std::string_view reason_in(std::string_view field, std::string_view words);

/// The name of a reason that is written alone: as a name, a number (of Linux and Windows) or a symbol. Empty: there is
/// none. REQUIRES: has_names(field).
[[nodiscard]] std::string_view reason_named(std::string_view field, std::string_view written);

/// All names of that kind, each once. REQUIRES: has_names(field).
[[nodiscard]] std::vector<std::string_view> reason_names(std::string_view field);

/// "sH--" is server_timeout in headers; both empty: it is no termination state of HAProxy's.
struct HaproxyEnding {
  std::string_view by, in;
};
[[nodiscard]] HaproxyEnding haproxy_ending(std::string_view termination);

}  // namespace triaged::formats

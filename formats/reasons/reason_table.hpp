// What the tables of reasons are made of. Private to this alcove.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace triaged::formats {

inline constexpr int no_number = -1;

/// A reason by its number and by what programs write for it. In both texts '_' stands for a space, a hyphen, a '_' or
/// nothing, and case does not matter: "handshake_failure" is also "handshake failure" and "HandshakeFailure".
struct Reason {
  int number = no_number;
  std::string_view name;
  std::string_view written = {};  // where it is not the name
};
using Reasons = std::span<const Reason>;

/// One kind of reason; what the functions give and take is said in reasons.hpp.
struct ReasonTable {
  std::string_view field;
  std::string_view (*in)(std::string_view words);  // null: the lines' own fields have it
  std::string_view (*named)(std::string_view written);
  Reasons (*rows)();
};

extern const ReasonTable check_results, ended_by, ended_in, errnos, exit_statuses, grpc_codes, http2_codes,
    servers_left, signals, sqlstates, tls_alerts, tls_reasons;

/// How many bytes at the beginning of `text` are `written`, to the end of a word; 0: none.
[[nodiscard]] std::size_t length_at(std::string_view text, std::string_view written);

/// The name of the row that `text` begins with, the longest one; empty: none.
[[nodiscard]] std::string_view name_at(Reasons rows, std::string_view text);
/// The name of the row whose words stand first in `text`.
[[nodiscard]] std::string_view first_name_in(Reasons rows, std::string_view text);

/// The digits that `text` begins with; empty: none.
[[nodiscard]] std::string_view digits_at(std::string_view text);
/// The name of a number, or its digits when it has none.
[[nodiscard]] std::string_view name_or_digits(Reasons rows, std::string_view digits);

/// The first of `places` that is followed by a number or by words of a row says the reason.
[[nodiscard]] std::string_view reason_behind(Reasons rows, std::string_view words,
                                             std::span<const std::string_view> places);

/// What is written alone: all of it is a name or a number, a number may have its name behind it ("9/KILL").
[[nodiscard]] std::string_view whole_name(Reasons rows, std::string_view written);

}  // namespace triaged::formats

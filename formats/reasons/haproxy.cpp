// What HAProxy says of a check that failed: the short names of its statistics page for the sentences of its log
// (doc/management.txt, "check_status"; get_check_status_info() in src/check.c), and who is left to serve: "1 active and
// 0 backup servers left".
#include <array>

#include "formats/reasons/reason_table.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

constexpr Reason results[] = {{no_number, "SOCKERR", "Socket_error"},
                              {no_number, "L4TOUT", "Layer4_timeout"},
                              {no_number, "L4CON", "Layer4_connection_problem"},
                              {no_number, "L6TOUT", "Layer6_timeout"},
                              {no_number, "L6RSP", "Layer6_invalid_response"},
                              {no_number, "L7TOUT", "Layer7_timeout"},
                              {no_number, "L7RSP", "Layer7_invalid_response"},
                              {no_number, "L7STS", "Layer7_wrong_status"},
                              {no_number, "PROCERR", "External_check_error"},
                              {no_number, "PROCTOUT", "External_check_timeout"},
                              {no_number, "HANA", "Health_analyze"}};
constexpr std::array<std::string_view, 1> place_of_result = {", reason: "};

constexpr Reason left[] = {{no_number, "none"}, {no_number, "backup"}, {no_number, "active"}};

std::string_view left_in(std::string_view words) {
  constexpr std::string_view middle = " active and ";
  const auto at = words.find(middle);
  if (at == std::string_view::npos || at == 0 || !is_digit(words[at - 1])) return {};
  const auto backups = digits_at(words.substr(at + middle.size()));
  if (backups.empty() || !words.substr(at + middle.size() + backups.size()).starts_with(" backup servers left")) {
    return {};
  }
  const bool has_active = words[at - 1] != '0' || (at > 1 && is_digit(words[at - 2]));
  return has_active ? "active" : backups != "0" ? "backup" : "none";
}

}  // namespace

constinit const ReasonTable check_results = {
    .field = "check_result",
    .in = [](std::string_view words) { return reason_behind(results, words, place_of_result); },
    .named = [](std::string_view written) { return whole_name(results, written); },
    .rows = [] { return Reasons(results); }};

constinit const ReasonTable servers_left = {.field = "servers_left",
                                            .in = left_in,
                                            .named = [](std::string_view written) { return whole_name(left, written); },
                                            .rows = [] { return Reasons(left); }};

}  // namespace triaged::formats

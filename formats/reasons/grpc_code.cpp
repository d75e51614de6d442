// Status codes of gRPC. Numbers and names: https://grpc.io/docs/guides/status-codes/. How the libraries write them:
// Go "rpc error: code = Unavailable desc = …", Python "StatusCode.UNAVAILABLE", Java "StatusRuntimeException:
// UNAVAILABLE: …", Node.js "Error: 14 UNAVAILABLE: …", and the trailer "grpc-status: 14".
#include <array>

#include "formats/reasons/reason_table.hpp"

namespace triaged::formats {

namespace {

constexpr Reason rows[] = {{0, "ok"},
                           {1, "cancelled"},
                           {1, "cancelled", "canceled"},
                           {2, "unknown"},
                           {3, "invalid_argument"},
                           {4, "deadline_exceeded"},
                           {5, "not_found"},
                           {6, "already_exists"},
                           {7, "permission_denied"},
                           {8, "resource_exhausted"},
                           {9, "failed_precondition"},
                           {10, "aborted"},
                           {11, "out_of_range"},
                           {12, "unimplemented"},
                           {13, "internal"},
                           {14, "unavailable"},
                           {15, "data_loss"},
                           {16, "unauthenticated"}};

constexpr std::array<std::string_view, 6> places = {"rpc error: code = ", "StatusCode.",   "StatusRuntimeException: ",
                                                    "StatusException: ",  "grpc-status: ", "grpc-status="};

/// "Error: 14 UNAVAILABLE: No connection established": a number that the name behind it confirms.
std::string_view number_and_name_in(std::string_view words) {
  constexpr std::string_view before = "Error: ";
  const auto at = words.find(before);
  if (at == std::string_view::npos) return {};
  const auto rest = words.substr(at + before.size());
  const auto digits = digits_at(rest);
  if (digits.empty() || digits.size() == rest.size() || rest[digits.size()] != ' ') return {};
  const auto name = name_at(rows, rest.substr(digits.size() + 1));
  return name == name_or_digits(rows, digits) ? name : std::string_view();
}

}  // namespace

constinit const ReasonTable grpc_codes = {.field = "grpc_code",
                                          .in =
                                              [](std::string_view words) {
                                                const auto name = reason_behind(rows, words, places);
                                                return name.empty() ? number_and_name_in(words) : name;
                                              },
                                          .named = [](std::string_view written) { return whole_name(rows, written); },
                                          .rows = [] { return Reasons(rows); }};

}  // namespace triaged::formats

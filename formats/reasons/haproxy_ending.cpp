// How a request or a connection ended, of the two first letters of HAProxy's termination state: what ended it and what
// HAProxy was doing then. The letters are those of doc/configuration.txt, "Stream state at disconnection"; the third
// and the fourth one are about cookies.
#include <algorithm>

#include "formats/reasons/reason_table.hpp"
#include "formats/reasons/reasons.hpp"

namespace triaged::formats {

namespace {

/// Case counts: 's' is a time-out and 'S' is not. So these are compared as they are written.
constexpr Reason enders[] = {
    {no_number, "nobody", "-"},       {no_number, "client_abort", "C"},     {no_number, "client_timeout", "c"},
    {no_number, "server_abort", "S"}, {no_number, "server_timeout", "s"},   {no_number, "proxy", "P"},
    {no_number, "local_answer", "L"}, {no_number, "no_resource", "R"},      {no_number, "internal_error", "I"},
    {no_number, "server_down", "D"},  {no_number, "active_server_up", "U"}, {no_number, "killed", "K"}};

constexpr Reason stages[] = {{no_number, "done", "-"},      {no_number, "request", "R"}, {no_number, "queue", "Q"},
                             {no_number, "connect", "C"},   {no_number, "headers", "H"}, {no_number, "data", "D"},
                             {no_number, "last_data", "L"}, {no_number, "tarpit", "T"}};

std::string_view name_of(Reasons rows, std::string_view letter) {
  const auto row = std::ranges::find(rows, letter, &Reason::written);
  return row == rows.end() ? std::string_view() : row->name;
}

std::string_view named(Reasons rows, std::string_view written) {
  const auto row = std::ranges::find(rows, written, &Reason::name);
  return row == rows.end() ? name_of(rows, written) : row->name;
}

}  // namespace

constinit const ReasonTable ended_by = {.field = "ended_by",
                                        .in = nullptr,
                                        .named = [](std::string_view written) { return named(enders, written); },
                                        .rows = [] { return Reasons(enders); }};

constinit const ReasonTable ended_in = {.field = "ended_in",
                                        .in = nullptr,
                                        .named = [](std::string_view written) { return named(stages, written); },
                                        .rows = [] { return Reasons(stages); }};

HaproxyEnding haproxy_ending(std::string_view termination) {
  if (termination.size() != 2 && termination.size() != 4) return {};
  return {.by = name_of(enders, termination.substr(0, 1)), .in = name_of(stages, termination.substr(1, 1))};
}

}  // namespace triaged::formats

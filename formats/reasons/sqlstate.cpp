// Classes of SQLSTATE, the first two of its five characters: ISO/IEC 9075-2, section 24.1; those of PostgreSQL (53 to
// 58, F0, HV, P0, XX): https://www.postgresql.org/docs/current/errcodes-appendix.html; HY and IM are ODBC's. The class
// says what kind of failure it is with every database; the three characters behind it differ from one to the next.
#include <algorithm>
#include <array>

#include "formats/reasons/reason_table.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

constexpr std::size_t class_size = 2, state_size = 5;

constexpr Reason rows[] = {{no_number, "success", "00"},
                           {no_number, "warning", "01"},
                           {no_number, "no_data", "02"},
                           {no_number, "connection", "08"},
                           {no_number, "triggered_action", "09"},
                           {no_number, "unsupported", "0A"},
                           {no_number, "cardinality", "21"},
                           {no_number, "data", "22"},
                           {no_number, "constraint", "23"},
                           {no_number, "cursor_state", "24"},
                           {no_number, "transaction_state", "25"},
                           {no_number, "triggered_change", "27"},
                           {no_number, "authorization", "28"},
                           {no_number, "transaction_end", "2D"},
                           {no_number, "routine", "2F"},
                           {no_number, "cursor_name", "34"},
                           {no_number, "external_routine", "38"},
                           {no_number, "external_routine", "39"},
                           {no_number, "savepoint", "3B"},
                           {no_number, "catalog_name", "3D"},
                           {no_number, "schema_name", "3F"},
                           {no_number, "rollback", "40"},
                           {no_number, "syntax_or_access", "42"},
                           {no_number, "check_option", "44"},
                           {no_number, "resources", "53"},
                           {no_number, "program_limit", "54"},
                           {no_number, "object_state", "55"},
                           {no_number, "intervention", "57"},
                           {no_number, "system", "58"},
                           {no_number, "configuration_file", "F0"},
                           {no_number, "foreign_data", "HV"},
                           {no_number, "general", "HY"},
                           {no_number, "driver", "IM"},
                           {no_number, "raised", "P0"},
                           {no_number, "internal", "XX"}};

/// PDO "SQLSTATE[08006] [7] …", pgx "(SQLSTATE 57P01)", JDBC "SQLState: 08001", psql's verbose "ERROR:  57P01: …".
constexpr std::array<std::string_view, 6> places = {
    "SQLSTATE[", "SQLSTATE ", "SQLSTATE: ", "SQLState: ", "sqlState=", "sqlstate="};

bool is_state(std::string_view text) {
  return text.size() == state_size && std::ranges::all_of(text, [](char c) { return is_digit(c) || is_upper(c); });
}

std::string_view class_of(std::string_view state) { return name_at(rows, state.substr(0, class_size)); }

std::string_view state_in(std::string_view words) {
  for (const auto place : places) {
    const auto at = words.find(place);
    if (at == std::string_view::npos) continue;
    const auto state = words.substr(at + place.size(), state_size);
    if (is_state(state) && length_at(words.substr(at + place.size()), state) > 0) return class_of(state);
  }
  return {};
}

std::string_view named(std::string_view written) {
  if (is_state(written)) return class_of(written);
  const auto row =
      std::ranges::find_if(rows, [&](const Reason& each) { return each.name == written || each.written == written; });
  return row == std::end(rows) ? std::string_view() : row->name;
}

}  // namespace

constinit const ReasonTable sqlstates = {
    .field = "sqlstate", .in = state_in, .named = named, .rows = [] { return Reasons(rows); }};

}  // namespace triaged::formats

#include "formats/reasons/reasons.hpp"

#include <algorithm>

#include "formats/reasons/reason_table.hpp"

namespace triaged::formats {

namespace {

constexpr const ReasonTable* tables[] = {&check_results, &ended_by,   &ended_in,    &errnos,
                                         &exit_statuses, &grpc_codes, &http2_codes, &servers_left,
                                         &signals,       &sqlstates,  &tls_alerts,  &tls_reasons};

const ReasonTable* table_of(std::string_view field) {
  const auto* const found = std::ranges::find(tables, field, [](const ReasonTable* table) { return table->field; });
  return found == std::end(tables) ? nullptr : *found;
}

}  // namespace

bool is_reason(std::string_view field) {
  const auto* const table = table_of(field);
  return table != nullptr && table->in != nullptr;
}

bool has_names(std::string_view field) { return table_of(field) != nullptr; }

std::string_view reason_in(std::string_view field, std::string_view words) { return table_of(field)->in(words); }

std::string_view reason_named(std::string_view field, std::string_view written) {
  return table_of(field)->named(written);
}

std::vector<std::string_view> reason_names(std::string_view field) {
  std::vector<std::string_view> names;
  for (const auto& row : table_of(field)->rows()) {
    if (std::ranges::find(names, row.name) == names.end()) names.push_back(row.name);
  }
  return names;
}

}  // namespace triaged::formats

#include "formats/access/template_variables.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace triaged::formats {

namespace {

using Shape = PieceShape;
using Use = PieceUse;

/// https://nginx.org/en/docs/varindex.html; the last ones, with a colon, are our own names for the
/// logs of known_templates.cpp.
constexpr TemplateVariable nginx_variables[] = {
    {"remote_addr", Shape::word, Use::client, "client"},
    {"time_local", Shape::time, Use::time},
    {"time_iso8601", Shape::time, Use::time},
    {"msec", Shape::number, Use::time},
    {"request", Shape::text, Use::request},
    {"request_uri", Shape::text, Use::path, "path"},
    {"uri", Shape::text, Use::path, "path"},
    {"document_uri", Shape::text, Use::path, "path"},
    {"request_method", Shape::word, Use::field, "method"},
    {"status", Shape::status, Use::field, "status"},
    {"body_bytes_sent", Shape::number, Use::field, "bytes"},
    {"bytes_sent", Shape::number, Use::field, "bytes"},
    {"request_time", Shape::number, Use::field, "request_time"},
    {"request_length", Shape::number},
    {"connection", Shape::number},
    {"connection_requests", Shape::number},
    {"pid", Shape::number},
    {"server_port", Shape::number},
    {"gzip_ratio", Shape::number},
    {"scheme", Shape::word},
    {"pipe", Shape::word},
    {"server_name", Shape::word, Use::field, "vhost"},
    {"upstream_addr", Shape::addresses, Use::upstream},
    {"upstream_status", Shape::list, Use::list},
    {"upstream_connect_time", Shape::list, Use::last_of_list, "upstream_connect_time"},
    {"upstream_header_time", Shape::list, Use::last_of_list, "upstream_header_time"},
    {"upstream_response_time", Shape::list, Use::last_of_list, "upstream_response_time"},
    {"upstream_response_length", Shape::list},
    {"upstream_bytes_received", Shape::list},
    {"upstream_bytes_sent", Shape::list},
    {"upstream_cache_status", Shape::word},
    {":reason", Shape::phrase},
    {":date", Shape::time, Use::time},
    {":gin_time", Shape::text, Use::time},
    {":count", Shape::number},
    {":word", Shape::word},
    {":upstream_url", Shape::text, Use::url, "upstream"},
    {":target", Shape::word, Use::field, "upstream"},
    {":target_status", Shape::status, Use::field, "target_status"},
    {":target_time", Shape::number, Use::field, "target_time"},
    {":error_reason", Shape::text, Use::field, "error_reason"},
    {":actions", Shape::text, Use::field, "actions"},
    {":target_group", Shape::word, Use::field, "target_group"},
    {":address_with_port", Shape::word, Use::client, "client"},
};

/// HAProxy's configuration manual, "8.2.6. Custom log format".
constexpr TemplateVariable haproxy_variables[] = {
    {"ci", Shape::word, Use::client, "client"},
    {"cp", Shape::number},
    {"si", Shape::word},
    {"sp", Shape::number},
    {"fi", Shape::word},
    {"fp", Shape::number},
    {"bi", Shape::word},
    {"bp", Shape::number},
    {"t", Shape::time, Use::time},
    {"tr", Shape::time, Use::time},
    {"T", Shape::time, Use::time},
    {"Tl", Shape::time, Use::time},
    {"trg", Shape::time, Use::time},
    {"trl", Shape::time, Use::time},
    {"Ts", Shape::number, Use::time},
    {"ms", Shape::number},
    {"f", Shape::word, Use::field, "frontend"},
    {"ft", Shape::word, Use::field, "frontend"},
    {"b", Shape::word, Use::field, "backend"},
    {"s", Shape::word, Use::field, "server_name"},
    {"Th", Shape::number},
    {"Ti", Shape::number},
    {"Tq", Shape::number, Use::field, "time_request"},
    {"TR", Shape::number, Use::field, "time_request"},
    {"Tw", Shape::number, Use::field, "time_queue"},
    {"Tc", Shape::number, Use::field, "time_connect"},
    {"Tr", Shape::number, Use::field, "time_response"},
    {"Td", Shape::number},
    {"Ta", Shape::number, Use::field, "time_total"},
    {"Tt", Shape::number, Use::field, "time_total"},
    {"Tu", Shape::number, Use::field, "time_total"},
    {"ST", Shape::number, Use::field, "status"},
    {"B", Shape::number, Use::field, "bytes"},
    {"U", Shape::number},
    {"ts", Shape::word, Use::field, "termination"},
    {"tsc", Shape::word, Use::field, "termination"},
    {"ac", Shape::number, Use::field, "active_connections"},
    {"fc", Shape::number, Use::field, "frontend_connections"},
    {"bc", Shape::number, Use::field, "backend_connections"},
    {"sc", Shape::number, Use::field, "server_connections"},
    {"rc", Shape::number, Use::field, "retries"},
    {"sq", Shape::number, Use::field, "server_queue"},
    {"bq", Shape::number, Use::field, "backend_queue"},
    {"lc", Shape::number},
    {"rt", Shape::number},
    {"pid", Shape::number},
    {"H", Shape::word},
    {"ID", Shape::text},
    {"CC", Shape::text},
    {"CS", Shape::text},
    {"hr", Shape::text},
    {"hrl", Shape::text},
    {"hs", Shape::text},
    {"hsl", Shape::text},
    {"r", Shape::text, Use::request},
    {"HM", Shape::word, Use::field, "method"},
    {"HP", Shape::text, Use::path, "path"},
    {"HPO", Shape::text, Use::path, "path"},
    {"HU", Shape::text, Use::path, "path"},
    {"HQ", Shape::text},
    {"HV", Shape::word},
    {"sslc", Shape::word},
    {"sslv", Shape::word},
    {"o", Shape::text},
};

/// mod_log_config and mod_logio; Gunicorn's --access-logformat, whose letters mean nearly the same.
constexpr TemplateVariable apache_variables[] = {
    {"h", Shape::word, Use::client, "client"},
    {"a", Shape::text},  // an address at Apache, the user agent at Gunicorn
    {"A", Shape::word},
    {"l", Shape::word},
    {"u", Shape::text},
    {"t", Shape::time, Use::time},
    {"r", Shape::text, Use::request},
    {"s", Shape::status, Use::field, "status"},
    {"b", Shape::number, Use::field, "bytes"},
    {"B", Shape::number, Use::field, "bytes"},
    {"O", Shape::number, Use::field, "bytes"},
    {"I", Shape::number},
    {"S", Shape::number},
    {"D", Shape::number, Use::field, "request_time_us"},
    {"T", Shape::number, Use::field, "request_time"},
    {"L", Shape::number, Use::field, "request_time"},
    {"M", Shape::number},
    {"{ms}T", Shape::number},
    {"{us}T", Shape::number, Use::field, "request_time_us"},
    {"{s}T", Shape::number, Use::field, "request_time"},
    {"m", Shape::word, Use::field, "method"},
    {"U", Shape::text, Use::path, "path"},
    {"q", Shape::text},
    {"H", Shape::word},
    {"v", Shape::word, Use::field, "vhost"},
    {"V", Shape::text},
    {"p", Shape::word},
    {"P", Shape::number},
    {"k", Shape::number},
    {"X", Shape::word},
    {"{BALANCER_WORKER_NAME}e", Shape::word, Use::url, "upstream"},
};

TemplateVariable find(std::span<const TemplateVariable> variables, std::string_view name) {
  const auto found = std::find_if(variables.begin(), variables.end(), [&](auto& each) { return each.name == name; });
  return found != variables.end() ? *found : TemplateVariable{.name = name};
}

}  // namespace

TemplateVariable variable_of(TemplateDialect dialect, std::string_view name) {
  switch (dialect) {
    case TemplateDialect::nginx:
      return find(nginx_variables, name);
    case TemplateDialect::haproxy:
      return find(haproxy_variables, name);
    case TemplateDialect::apache:
      return find(apache_variables, name);
  }
  return {.name = name};
}

std::string_view haproxy_name_at(std::string_view text) {
  std::string_view longest;
  for (const auto& variable : haproxy_variables) {
    if (text.starts_with(variable.name) && variable.name.size() > longest.size()) longest = variable.name;
  }
  return longest;
}

bool is_haproxys_own(std::string_view name) {
  constexpr std::array<std::string_view, 16> own{"ci", "cp", "ft", "tr",  "ST", "TR", "Tw", "Tc",
                                                 "Tr", "Ta", "Tt", "tsc", "ts", "ac", "fc", "bc"};
  return std::find(own.begin(), own.end(), name) != own.end();
}

}  // namespace triaged::formats

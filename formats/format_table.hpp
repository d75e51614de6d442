// All that is known about each format, one row a format. Its reader is in the file of its program; docs/formats.md
// describes it for users, and tests hold the page and docs/rule.schema.json to this table.
#pragma once

#include <array>

#include "formats/format.hpp"
#include "formats/reader_memory.hpp"

namespace triaged::formats {

struct FormatRow {
  FormatFacts facts;
  bool (*read)(std::string_view, ReaderMemory&, ReadLine&) = nullptr;  // none: another row's reader finds these lines
};

/// In the order in which a line is offered to the readers: those that know a line by its head stand before those that
/// know it by its words.
inline constexpr std::array<FormatRow, format_count> format_table = {{
    {.facts = {.format = Format::nginx_error,
               .name = "nginx.error",
               .family = Format::nginx_error,
               .programs = "nginx",
               .fields = "level pid connection client vhost request method path subrequest upstream upstream_url "
                         "host_header phase errno file configured_file"},
     .read = read_nginx_error},
    {.facts = {.format = Format::nginx_access,
               .name = "nginx.access",
               .family = Format::nginx_access,
               .programs = "nginx",
               .opening = Opening::request,
               .fields = "client method path request status bytes request_time upstream upstream_addr upstream_tries "
                         "upstream_status upstream_first_status upstream_connect_time upstream_header_time "
                         "upstream_response_time vhost"},
     .read = read_access},
    {.facts = {.format = Format::haproxy_http,
               .name = "haproxy.http",
               .family = Format::haproxy_http,
               .programs = "haproxy",
               .opening = Opening::request,
               .fields = "client frontend backend server server_name time_request time_queue time_connect "
                         "time_response time_total status bytes termination ended_by ended_in active_connections "
                         "frontend_connections "
                         "backend_connections server_connections retries server_queue backend_queue request method "
                         "path"},
     .read = read_haproxy_request},
    {.facts = {.format = Format::haproxy_tcp,
               .name = "haproxy.tcp",
               .family = Format::haproxy_http,
               .programs = "haproxy",
               .opening = Opening::request,
               .fields = "client frontend backend server server_name time_queue time_connect time_total bytes "
                         "termination ended_by ended_in active_connections frontend_connections backend_connections "
                         "server_connections retries server_queue backend_queue"}},
    {.facts = {.format = Format::envoy_access,
               .name = "envoy.access",
               .family = Format::envoy_access,
               .programs = "envoy",
               .opening = Opening::request,
               .fields = "method path request status flags details transport_failure bytes time_total time_response "
                         "client upstream cluster"},
     .read = read_envoy},
    {.facts = {.format = Format::proxy_access,
               .name = "proxy.access",
               .family = Format::nginx_access,
               .programs = "traefik caddy",
               .opening = Opening::request,
               .fields = "client method path request status bytes request_time upstream upstream_addr upstream_tries "
                         "upstream_status upstream_first_status"}},
    {.facts = {.format = Format::alb_access,
               .name = "alb.access",
               .family = Format::alb_access,
               .programs = "",
               .opening = Opening::request,
               .fields = "client method path request status target_status upstream target_time bytes target_group "
                         "actions error_reason"},
     .read = read_alb_access},
    {.facts = {.format = Format::app_access,
               .name = "app.access",
               .family = Format::app_access,
               .programs = "",
               .opening = Opening::request,
               .fields = "client method path request status bytes"},
     .read = read_app_access},
    {.facts = {.format = Format::gunicorn_error,
               .name = "gunicorn.error",
               .family = Format::gunicorn_error,
               .programs = "gunicorn",
               .applications = Applications::python,
               .fields = "level pid worker_pid upstream method path"},
     .read = read_gunicorn_error},
    {.facts = {.format = Format::gunicorn_access,
               .name = "gunicorn.access",
               .family = Format::nginx_access,
               .programs = "gunicorn",
               .opening = Opening::request,
               .fields = "client method path request status bytes request_time_us"}},
    {.facts = {.format = Format::php_fpm,
               .name = "php-fpm",
               .family = Format::php_fpm,
               .programs = "php-fpm",
               .applications = Applications::php,
               .fields = "level pool pid file request method path"},
     .read = read_php_fpm},
    {.facts = {.format = Format::kernel,
               .name = "kernel",
               .family = Format::kernel,
               .programs = "kernel",
               .fields = "process pid unit"},
     .read = read_kernel},
    {.facts = {.format = Format::haproxy_event,
               .name = "haproxy.event",
               .family = Format::haproxy_http,
               .programs = "haproxy",
               .fields = "level pid client frontend backend server server_name"},
     .read = read_haproxy_event},
    {.facts = {.format = Format::uwsgi,
               .name = "uwsgi",
               .family = Format::uwsgi,
               .programs = "uwsgi",
               .opening = Opening::either,
               .applications = Applications::python,
               .fields = "pid client method path status"},
     .read = read_uwsgi},
    {.facts = {.format = Format::python_traceback,  // an exception's text may look like anything
               .name = "python.traceback",
               .family = Format::gunicorn_error,
               .programs = "gunicorn uwsgi",
               .opening = Opening::either,
               .applications = Applications::python,
               .fields = "exception exception_text pid level method path upstream record code_file code_line "
                         "code_function"},
     .read = read_traceback},
    {.facts = {.format = Format::go_panic,  // this one and the next three are text of which more is known
               .name = "go.panic",
               .family = Format::text,
               .programs = "",
               .fields = "exception exception_text client code_file code_line code_function"},
     .read = read_go_panic},
    {.facts = {.format = Format::java_exception,
               .name = "java.exception",
               .family = Format::text,
               .programs = "",
               .fields = "exception exception_text level code_file code_line code_function"},
     .read = read_java_exception},
    {.facts = {.format = Format::node_error,
               .name = "node.error",
               .family = Format::text,
               .programs = "",
               .fields = "exception exception_text code_file code_line code_function"},
     .read = read_node_error},
    {.facts = {.format = Format::ruby_error,
               .name = "ruby.error",
               .family = Format::text,
               .programs = "",
               .fields = "exception exception_text level code_file code_line code_function"},
     .read = read_ruby_error},
    {.facts = {.format = Format::syslog,  // read_syslog stands above the table: any of the others may follow its header
               .name = "syslog",
               .family = Format::syslog,
               .programs = "",
               .applications = Applications::any,
               .fields = "program pid"}},
    {.facts = {.format = Format::text,
               .name = "text",
               .family = Format::text,
               .programs = "",
               .applications = Applications::any,
               .fields = ""}},
}};

/// Where in the table each format stands.
inline constexpr auto place_in_table = [] {
  std::array<std::size_t, format_count> places{};
  places.fill(format_count);
  for (std::size_t i = 0; i < format_count; ++i) places[static_cast<std::size_t>(format_table[i].facts.format)] = i;
  return places;
}();

static_assert(
    [] {
      for (const auto place : place_in_table) {
        if (place == format_count) return false;
      }
      return true;
    }(),
    "each format has a row");
static_assert(format_count <= 32, "NginxHome::formats has 32 bits for the formats");

[[nodiscard]] constexpr const FormatFacts& facts_in_table(Format format) {
  return format_table[place_in_table[static_cast<std::size_t>(format)]].facts;
}

[[nodiscard]] constexpr Format family_of(Format format) { return facts_in_table(format).family; }

}  // namespace triaged::formats

#include "formats/format.hpp"

namespace triaged::formats {

namespace {

struct Named {
  Format format;
  std::string_view name;
};

constexpr std::array<Named, format_count> names = {{
    {Format::text, "text"},
    {Format::nginx_error, "nginx.error"},
    {Format::nginx_access, "nginx.access"},
    {Format::haproxy_http, "haproxy.http"},
    {Format::haproxy_tcp, "haproxy.tcp"},
    {Format::haproxy_event, "haproxy.event"},
    {Format::gunicorn_error, "gunicorn.error"},
    {Format::gunicorn_access, "gunicorn.access"},
    {Format::python_traceback, "python.traceback"},
    {Format::kernel, "kernel"},
    {Format::php_fpm, "php-fpm"},
    {Format::uwsgi, "uwsgi"},
    {Format::syslog, "syslog"},
}};

}  // namespace

std::string_view name_of(Format format) { return names[static_cast<std::size_t>(format)].name; }

std::optional<Format> format_named(std::string_view name) {
  for (const auto& entry : names) {
    if (entry.name == name) return entry.format;
  }
  return std::nullopt;
}

const std::array<Format, format_count>& all_formats() {
  static constexpr auto formats = [] {
    std::array<Format, format_count> all{};
    for (std::size_t i = 0; i < format_count; ++i) all[i] = names[i].format;
    return all;
  }();
  return formats;
}

}  // namespace triaged::formats

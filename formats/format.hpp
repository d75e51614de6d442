// The line formats that triaged knows by name. Rules are scoped by them; docs/formats.md tells what each one looks
// like.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace triaged::formats {

enum class Format : std::uint8_t {
  text,           // nobody recognised the line: plain output of some program
  nginx_error,    // error.log, and nginx's standard error
  nginx_access,   // combined, or one JSON object a line (escape=json)
  haproxy_http,   // option httplog
  haproxy_tcp,    // option tcplog
  haproxy_event,  // server UP/DOWN and the like, and HAProxy's standard error
  gunicorn_error,
  gunicorn_access,
  python_traceback,  // the lines of a traceback, with the fields of the record it belongs to
  kernel,            // dmesg -T, imklog by syslog
  php_fpm,
  uwsgi,
  syslog,  // a line with a syslog header of a program that has no format of its own
};

inline constexpr std::size_t format_count = 13;

[[nodiscard]] std::string_view name_of(Format format);  // "nginx.error", "python.traceback", "php-fpm", …
[[nodiscard]] std::optional<Format> format_named(std::string_view name);
[[nodiscard]] const std::array<Format, format_count>& all_formats();

}  // namespace triaged::formats

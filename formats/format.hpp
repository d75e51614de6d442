// The line formats that triaged knows by name. Rules are scoped by them; docs/formats.md tells what each one looks
// like. What else is known about a format stands in its row of formats/format_table.hpp, and nowhere else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace triaged::formats {

/// A new one comes last: states that were saved number them.
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
  syslog,        // a line with a syslog header of a program that has no format of its own
  envoy_access,  // Envoy's default text, and Istio's
  app_access,    // of an application's server: uvicorn, Werkzeug, Django, aiohttp, gin
  proxy_access,  // Traefik's, Caddy's
  alb_access,    // of AWS's load balancers
  go_panic,      // and what else a program in Go dies of, with its stack
  java_exception,
  node_error,
  ruby_error,
};

inline constexpr std::size_t format_count = static_cast<std::size_t>(Format::ruby_error) + 1;

/// Whose words a line begins with.
enum class Opening : std::uint8_t {
  program,  // the program's, always
  request,  // a client's, or it may: the lines are about requests
  either,   // the program's in some lines, a client's in others
};

/// Applications of which language write into lines of the format.
enum class Applications : std::uint8_t { none, python, php, any };

/// `programs` and `fields` are words between spaces.
struct FormatFacts {
  Format format;
  std::string_view name;      // "nginx.error", "python.traceback", "php-fpm", …
  Format family;              // the format whose readers find these lines
  std::string_view programs;  // that write it; a line is about a process of the first one
  Opening opening = Opening::program;
  Applications applications = Applications::none;
  std::string_view fields;  // that a line may have
};

/// Fields that a line of any format may have: they come from what transport put around it.
inline constexpr std::string_view wrapper_fields = "host program pid unit container pod namespace";

[[nodiscard]] const FormatFacts& facts_of(Format format);
[[nodiscard]] std::string_view name_of(Format format);
[[nodiscard]] std::optional<Format> format_named(std::string_view name);
[[nodiscard]] const std::array<Format, format_count>& all_formats();
/// Is what is said of `named` meant for a line of `format`, too? A panic or a stack is text of which more is known, so
/// what names text means it as well.
[[nodiscard]] bool covers(Format named, Format format);

/// The words between spaces of FormatFacts::programs or FormatFacts::fields.
[[nodiscard]] std::vector<std::string_view> words_in(std::string_view words);

}  // namespace triaged::formats

#include "discover/advice.hpp"

#include <string_view>

#include <fmt/format.h>

namespace triaged::discover {

namespace {

/// How the server is told to log where triaged reads.
std::string_view way_to_log(Program program) {
  switch (program) {
    case Program::nginx:
      return "name files in 'error_log' and 'access_log' of nginx.conf";
    case Program::haproxy:
      return "write 'log 127.0.0.1:5514 local0' into haproxy.cfg, and add the source "
             "syslog: {listen: 'udp://127.0.0.1:5514'}";
    case Program::gunicorn:
      return "start Gunicorn with --error-logfile FILE --access-logfile FILE, or as a unit of systemd";
    case Program::uvicorn:
      return "start uvicorn as a unit of systemd, or give it a --log-config with files";
    case Program::uwsgi:
      return "start uWSGI with --logto FILE";
    case Program::php_fpm:
      return "name a file in 'error_log' of php-fpm.conf";
  }
  return "";
}

}  // namespace

std::string advice_for(const FoundLog& log, const FoundServer& server, const Reader& reader) {
  using To = FoundLog::To;
  switch (log.to) {
    case To::file:
      if (log.right.may_read) return "";
      return fmt::format("{} may not read it ({}): {}", reader.name, log.right.why, log.right.advice());
    case To::journal:
    case To::container:
      return "";
    case To::syslog:
      return "let triaged receive it (docs/syslog.md), or follow the file into which its receiver writes it";
    case To::inside_container:
      return "only its container sees this file: let the server log to standard output, or mount the folder of its "
             "logs from the host";
    case To::pipe:
    case To::terminal:
    case To::nowhere:
      break;
  }
  return fmt::format("triaged cannot follow this: {}", way_to_log(server.program));
}

std::string place_of(const FoundLog& log) {
  using To = FoundLog::To;
  switch (log.to) {
    case To::journal:
      return "the journal";
    case To::syslog:
      return fmt::format("syslog at {}", log.path);
    case To::container:
      return "the log of its container";
    case To::terminal:
      return "a terminal";
    case To::nowhere:
      return "/dev/null";
    case To::file:
    case To::inside_container:
    case To::pipe:
      break;
  }
  return log.path;
}

std::string form_of(const FoundLog& log) {
  if (log.format_name.empty()) return log.format;
  return log.format.empty() ? fmt::format("format {}", log.format_name)
                            : fmt::format("{}, format {}", log.format, log.format_name);
}

}  // namespace triaged::discover

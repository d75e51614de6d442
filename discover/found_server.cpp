#include "discover/found_server.hpp"

namespace triaged::discover {

std::string_view name_of(Program program) {
  switch (program) {
    case Program::nginx:
      return "nginx";
    case Program::haproxy:
      return "haproxy";
    case Program::gunicorn:
      return "gunicorn";
    case Program::uvicorn:
      return "uvicorn";
    case Program::uwsgi:
      return "uwsgi";
    case Program::php_fpm:
      return "php-fpm";
  }
  return "";
}

std::string_view name_of(FoundLog::To to) {
  switch (to) {
    case FoundLog::To::file:
      return "file";
    case FoundLog::To::journal:
      return "journal";
    case FoundLog::To::syslog:
      return "syslog";
    case FoundLog::To::container:
      return "container";
    case FoundLog::To::inside_container:
      return "inside container";
    case FoundLog::To::pipe:
      return "pipe";
    case FoundLog::To::terminal:
      return "terminal";
    case FoundLog::To::nowhere:
      return "nowhere";
  }
  return "";
}

}  // namespace triaged::discover

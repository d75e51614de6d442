#include "knowledge/model/field_vocabulary.hpp"

namespace triaged::knowledge {

const std::vector<std::string_view>& known_fields() {
  static const std::vector<std::string_view> names = {
      // Of the place where the line stood.
      "host", "source", "program", "pid", "process", "level", "record",
      // Of a request.
      "client", "method", "path", "request", "status", "bytes", "vhost", "host_header", "request_time",
      "request_time_us", "subrequest", "connection",
      // Of the upstream as nginx sees it.
      "upstream", "upstream_url", "upstream_addr", "upstream_status", "upstream_first_status", "upstream_tries",
      "upstream_connect_time", "upstream_header_time", "upstream_response_time", "phase", "errno", "file",
      "configured_file",
      // Of HAProxy.
      "frontend", "backend", "server", "server_name", "time_request", "time_queue", "time_connect", "time_response",
      "time_total", "termination", "active_connections", "frontend_connections", "backend_connections",
      "server_connections", "retries", "server_queue", "backend_queue",
      // Of Python and php-fpm.
      "exception", "exception_text", "pool"};
  return names;
}

}  // namespace triaged::knowledge

// True lines of the formats that are known by the form of their lines, not by a time, words or keys alone, and whose
// form people change. Private to this room.
#pragma once

#include <array>
#include <string_view>

#include "formats/format.hpp"

namespace triaged::formats {

struct ModelLine {
  Format format;
  std::string_view form;   // what the format asks for
  std::string_view words;  // behind it, anything
};

inline constexpr std::array model_lines{
    ModelLine{Format::nginx_error, "2026/11/21 01:13:21 [error] 31473#31473: ",
              "*118 connect() failed (111: Connection refused) while connecting to upstream"},
    ModelLine{Format::nginx_access,
              R"(127.0.2.39 - - [21/Nov/2026:01:13:19 +0000] "GET / HTTP/1.1" 200 333 "-" "python-requests/2.31.0")",
              ""},
    ModelLine{Format::haproxy_http,
              R"(127.0.0.1:46120 [21/Nov/2026:01:08:52.386] web app/app1 0/0/0/4/4 200 521 - - ---- 1/1/0/0/0 0/0 )"
              R"("GET / HTTP/1.1")",
              ""},
    ModelLine{Format::haproxy_tcp, "127.0.0.1:46120 [21/Nov/2026:01:08:52.386] db pg/pg1 1/0/5 212 -- 1/1/0/0/0 0/0",
              ""},
    ModelLine{Format::haproxy_event, "[WARNING]  (551) : ", "All workers exited. Exiting... (0)"},
    ModelLine{Format::envoy_access,
              R"([2024-02-06T15:18:17.437Z] "GET / HTTP/1.1" 503 UF 0 91 1998 - "103.67.2.26" "curl/8.4.0" )"
              R"("d70640ec-2feb-46f8-9f63-24c44142c42e" "example.projectcontour.io" "10.244.8.27:8080")",
              ""},
    ModelLine{Format::app_access, R"(INFO:     127.0.0.1:41720 - "GET /items/7 HTTP/1.1" 500)", ""},
    ModelLine{Format::gunicorn_error, "[2026-11-21 01:10:08 +0000] [4242] [ERROR] ", "Exception in ASGI application"},
    ModelLine{Format::php_fpm, "[21-Nov-2026 01:07:55] NOTICE: ", "fpm is running, pid 20556"},
};

}  // namespace triaged::formats

// The fields of a line about a request, as all access logs give them: each format's rules ask for the same names.
#pragma once

#include <string_view>

#include "formats/access/log_template.hpp"
#include "formats/reader_memory.hpp"

namespace triaged::formats {

/// Adds to `into` what stands in a line; values are views into it. One that is empty or "-" is left out.
class AccessFields {
 public:
  AccessFields(ReaderMemory& memory, ReadLine& into) : memory_(memory), into_(into) {}

  void add(PieceUse use, std::string_view field, std::string_view value);

 private:
  void add(std::string_view field, std::string_view value);
  void add_time(std::string_view value);

  ReaderMemory& memory_;
  ReadLine& into_;
};

/// "GET /api/items?id=1 HTTP/1.1": request, method and path. A line that is none (`<BADREQ>`) has only the first.
void add_request_line(std::string_view request, ReadLine& into);

/// Of several upstreams that were asked one after the other ("127.0.0.1:8003, 127.0.0.1:8001"; " : " stands between
/// them after an internal redirect): the last, all of them, and how many there were (at most 9).
void add_upstreams(std::string_view list, ReadLine& into);
/// Likewise their statuses: the last and the first.
void add_upstream_statuses(std::string_view list, ReadLine& into);
[[nodiscard]] std::string_view last_in_list(std::string_view list);

/// The port that HAProxy and ASGI servers put behind a client's address is none of it.
[[nodiscard]] std::string_view without_port(std::string_view address);

/// Every way in which access logs write a time: an access log's with or without zone, RFC 3339, seconds since 1970 with
/// a fraction.
[[nodiscard]] std::optional<TimePoint> read_access_time(std::string_view text, LogTimes& times);

}  // namespace triaged::formats

// Error codes of HTTP/2: RFC 9113, section 7. How programs write them: nginx "upstream rejected request with error 7",
// "upstream sent goaway with error 11"; Go "stream error: stream ID 3; REFUSED_STREAM", "ErrCode=ENHANCE_YOUR_CALM";
// Node.js "NGHTTP2_REFUSED_STREAM"; curl "was not closed cleanly: INTERNAL_ERROR (err 2)"; OkHttp "stream was reset:
// CANCEL"; Python's h2 "error_code:ErrorCodes.NO_ERROR".
#include <array>

#include "formats/reasons/reason_table.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

constexpr Reason rows[] = {{0, "no_error"},
                           {1, "protocol_error"},
                           {2, "internal_error"},
                           {3, "flow_control_error"},
                           {4, "settings_timeout"},
                           {5, "stream_closed"},
                           {6, "frame_size_error"},
                           {7, "refused_stream"},
                           {8, "cancel"},
                           {9, "compression_error"},
                           {10, "connect_error"},
                           {11, "enhance_your_calm"},
                           {12, "inadequate_security"},
                           {13, "http_1_1_required"}};

constexpr std::array<std::string_view, 10> places = {
    "rejected request with error ", "goaway with error ", "ErrCode=",           "NGHTTP2_",    "not closed cleanly: ",
    "stream was reset: ",           "ErrorCodes.",        "connection error: ", "error_code:", "error_code="};

/// "stream error: stream ID 3; REFUSED_STREAM; received from peer"
std::string_view of_stream_in(std::string_view words) {
  Scanner scanner(words.substr(std::min(words.find("stream error: stream ID "), words.size())));
  std::string_view stream;
  return scanner.take_until(';', stream) && scanner.skip(" ") ? name_at(rows, scanner.rest()) : std::string_view();
}

}  // namespace

constinit const ReasonTable http2_codes = {.field = "http2_code",
                                           .in =
                                               [](std::string_view words) {
                                                 const auto name = reason_behind(rows, words, places);
                                                 return name.empty() ? of_stream_in(words) : name;
                                               },
                                           .named = [](std::string_view written) { return whole_name(rows, written); },
                                           .rows = [] { return Reasons(rows); }};

}  // namespace triaged::formats

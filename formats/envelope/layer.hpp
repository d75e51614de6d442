// One layer of what transport puts around a line: "web-1  | ", "2026-11-21T01:16:33.123456789Z ", a JSON object with
// the line in it. Peeling tells by syntax alone what stands at the beginning of a line; whether that is believed is
// decided in wrapped_stream.hpp. Private to this room.
//
// Sources of the forms: docker compose 1 and 2, docker logs --timestamps, the json-file driver, CRI (kubelet), kubectl
// --prefix and --timestamps, stern, kubetail, foreman, forego, honcho, pm2, svlogd and multilog, grep -H; Fluent Bit,
// Filebeat, Vector, ECS, Google Cloud and journalctl -o json.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "base/time.hpp"
#include "formats/log_time.hpp"

namespace triaged::formats {

/// A new one comes last: saved states number them.
enum class LayerKind : std::uint8_t {
  name,     // "web-1  | "
  process,  // foreman and honcho: "12:00:01 web.1  | "
  pm2,      // "0|app  | "
  pod,      // "[pod/web-7d9f/app] ", kubetail's "[web-7d9f app] "
  stern,    // "web-7d9f app "
  stamp,    // a time
  cri,      // "2026-11-21T01:16:33.123456789Z stderr F "
  file,     // grep's "logs/error.log:12:"
  json,     // an object with the line in it
  entry,    // of a journal: what the transport says stands in the line's Envelope
  syslog,   // a header of syslog's, of a message that its transport has framed
  klog,     // Kubernetes' own programs: "I1129 03:12:07.123456       1 server.go:123] "
};

/// For people.
[[nodiscard]] std::string_view words_for(LayerKind kind);

inline constexpr std::size_t layer_kinds = static_cast<std::size_t>(LayerKind::klog) + 1;

struct Layer {
  LayerKind kind = LayerKind::name;
  /// What is inside, in the line or in the peeler, without its line end. Of an object the first line, and behind it a
  /// traceback's: a client's line feed in a message begins no line.
  std::string_view text;
  std::string_view key;            // which one of several streams that run through each other
  bool is_certain = false;         // nothing else looks like this: it needs no proof
  bool is_about_request = false;   // an object with a client's words in it: only a known line inside proves it
  bool is_of_docker = false;       // an object of its json-file driver: nothing but the line, a stream and a time
  bool has_end = false;            // an object: the line inside has its line end
  bool is_tagged_partial = false;  // a tag says that the line goes on
  bool is_partial = false;         // the line goes on in the next one of its stream
  std::optional<TimePoint> time;
  bool is_zone_taken = false;     // the time says no zone: the reader's own was taken
  std::optional<bool> is_kernel;  // as Envelope::is_kernel
  // What the layer knows; empty: nothing.
  std::string_view host, program, pid, unit, container, pod, space;
};

/// How deep layers may stand in each other.
inline constexpr std::size_t most_layers = 4;

/// Peels one layer. What it returns is valid until it peels at the same depth again.
class Peeler {
 public:
  /// nullopt: no layer stands at the beginning of `line`.
  [[nodiscard]] std::optional<Layer> peel(std::string_view line, std::size_t depth, LogTimes& times);
  /// The line without a terminal's colour, which opens no stream; nullopt: it has none.
  [[nodiscard]] std::optional<std::string_view> without_colour(std::string_view line);

 private:
  std::array<simdjson::dom::parser, most_layers> parsers_;  // hold the texts of objects, one a depth
  std::array<std::string, most_layers> padded_, joined_;
  std::string plain_;  // a line without its colour
};

// peel_prefix.cpp
[[nodiscard]] std::optional<Layer> peel_prefix(std::string_view line, LogTimes& times);

/// What `peel_json` needs memory for.
struct JsonRoom {
  simdjson::dom::parser& parser;
  std::string& padded;
  std::string& joined;
};
// peel_docker.cpp
[[nodiscard]] std::optional<Layer> peel_docker(std::string_view line, std::string& unescaped);
/// Docker's driver and others keep the line end of what they put into an object.
[[nodiscard]] inline std::string_view without_line_ends(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}
// peel_json.cpp
[[nodiscard]] std::optional<Layer> peel_json(std::string_view line, JsonRoom room);

}  // namespace triaged::formats

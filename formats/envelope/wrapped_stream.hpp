// A stream of lines, and the streams that run wrapped inside it: `docker compose logs` of twelve services are twelve
// streams, each with a RecordReader of its own, for a traceback goes on in the next line of its own program.
//
// A wrapper is believed when what is inside is a line of a known format, when nothing else looks like it (docker's nine
// digits, CRI's tags), or when the stream has shown it before; one that names a service also after some lines in a row.
// Never where a client may have written the beginning of the line: a line feed in nginx's decoded path must not open a
// stream in which that client is trusted. Private to this room.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <boost/container/deque.hpp>
#include <simdjson.h>

#include "formats/envelope/layer.hpp"
#include "formats/record_reader.hpp"

namespace triaged::formats {

class WrappedStream {
 public:
  /// `number`: 0 for the source itself; differs from stream to stream.
  WrappedStream(const LineReaderOptions& options, std::uint32_t number)
      : core_(options, number != 0), number_(number) {}

  /// The blanks and quotation marks in front of a pasted line, when the stream has them: how many.
  [[nodiscard]] std::size_t margin_of(std::string_view line, Peeler& peeler);
  /// No client can have written the beginning of the next line, and the operator did not name plain text.
  [[nodiscard]] bool may_open_wrapper() const {
    return core_.options().format != Format::text && !core_.is_near_client_text();
  }
  /// What stands around `line`, when it is believed. `depth`: of this stream.
  /// `around`: a bit for each kind of the layers that were taken off already; but for an object, none stands in one of
  /// its own kind.
  [[nodiscard]] std::optional<Layer> peel(std::string_view line, std::size_t depth, std::uint32_t around,
                                          Peeler& peeler);
  /// The stream that the layer is of; a new one gets the number `next`, which is then counted up.
  [[nodiscard]] WrappedStream& inside(const Layer& layer, std::uint32_t& next);
  /// The bytes of a line that went to a stream inside.
  void pass(std::size_t bytes) { core_.pass(bytes); }

  /// Joins the parts of a line. nullopt: `text` is one more part, and there is more to come. `begin`: where in the
  /// source the part begins, and then where the first one does.
  [[nodiscard]] std::optional<std::string_view> join(std::string_view text, bool is_partial, std::uint64_t& begin);

  /// Reads a line of the stream, which begins at `begin` in the source.
  void read(std::string_view text, ReadLine& into, std::size_t end_size, std::uint64_t begin, const Writer& writer);

  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] const LineReaderOptions& options() const { return core_.options(); }
  [[nodiscard]] LogTimes& times() { return core_.times(); }
  /// The last line's time had no zone.
  [[nodiscard]] bool has_completed_time() { return core_.times().take_completed(); }

  void set_reference(TimePoint reference);
  /// JSON. restore() ignores what it does not understand. `position`: where the next line begins in the source.
  [[nodiscard]] std::string state(const Redactor* redactor, std::uint64_t position) const;
  void restore(std::string_view state, std::uint64_t position, std::uint32_t& next);

 private:
  [[nodiscard]] bool is_believed(const Layer& layer, std::string_view line, std::size_t depth, Peeler& peeler);
  [[nodiscard]] bool is_known_inside(std::string_view text, std::size_t depth, Peeler& peeler);
  [[nodiscard]] bool has_shown(LayerKind kind) const { return (shown_ >> static_cast<unsigned>(kind) & 1U) != 0; }
  WrappedStream& stream_of(const std::string& key, std::uint32_t& next);
  [[nodiscard]] std::size_t distance_in_source(std::size_t bytes, std::uint64_t begin) const;

  struct PassedLine {
    std::uint64_t begin = 0;  // in the source
    std::size_t size = 0;     // of its text and line end
  };

  RecordReader core_;
  std::uint32_t number_;
  std::uint32_t shown_ = 0;                      // a bit a LayerKind
  std::array<std::uint8_t, layer_kinds> row_{};  // lines in a row that look as if they had that layer
  bool has_rows_ = false;                        // one of them is not 0
  std::string margin_;                           // in front of pasted lines
  bool may_have_margin_ = true;                  // all lines so far had one
  bool shows_ends_ = false;                      // an object's line had its line end
  std::string parts_;                            // of a line whose end has not come
  std::uint64_t parts_begin_ = 0;                // in the source
  bool is_joining_ = false;
  std::map<std::string, std::unique_ptr<WrappedStream>, std::less<>> inside_;
  WrappedStream* last_inside_ = nullptr;  // of `inside_`: that of the last line, of a layer of that kind and key
  LayerKind last_kind_ = LayerKind::name;
  std::string last_key_;
  std::uint64_t turn_ = 0, used_ = 0;           // of `inside_`: the one that was not used for longest is forgotten
  boost::container::deque<PassedLine> passed_;  // of a wrapped stream: its last lines, as far back as a reader looks
  std::size_t passed_bytes_ = 0;
};

}  // namespace triaged::formats

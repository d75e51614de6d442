// Takes off what transport put around a line, gives what is inside to the reader of its stream, and tells what the
// wrappers know where the line itself does not say it.
#include "formats/line_reader.hpp"

#include <algorithm>
#include <utility>

#include "formats/envelope/entry_lines.hpp"
#include "formats/envelope/wrapped_stream.hpp"
#include "formats/own_lines.hpp"
#include "formats/syslog_header.hpp"

namespace triaged::formats {

namespace {

using std::chrono::minutes;

/// A wrapper's time has a zone, and the line's own may have none: the two are about the same moment, so what lies
/// between them, in whole quarters of an hour, is the zone that was taken wrongly.
void correct_zone(TimePoint& time, TimePoint around) {
  constexpr auto quarter = Microseconds(minutes(15)), farthest = Microseconds(std::chrono::hours(14)),
                 nearest = Microseconds(minutes(2));
  const auto apart = time - around;
  const auto quarters = (apart + (apart < Microseconds(0) ? -quarter : quarter) / 2) / quarter;
  const auto zone = quarters * quarter;
  if (quarters == 0 || std::chrono::abs(zone) > farthest || std::chrono::abs(apart - zone) > nearest) return;
  time -= zone;
}

/// An entry of a journal: of its own stream. What else the transport says is taken from the envelope itself.
Layer layer_of(const Envelope& envelope, std::string_view text) {
  return {.kind = LayerKind::entry,
          .text = text,
          .key = envelope.stream,
          .is_certain = true,
          .is_partial = envelope.is_partial,
          .time = envelope.at};
}

/// A syslog message: of the stream of its program, for several send by one way. `key` is room for the name of that.
Layer syslog_layer_of(const Envelope& envelope, std::string_view text, LogTimes& times, std::string& key,
                      std::optional<std::chrono::seconds>& offset) {
  auto layer = layer_of(envelope, text);
  SyslogHeader header;
  if (!read_syslog_header(text, times, header)) return layer;
  constexpr std::size_t longest_name = 256;
  key = envelope.stream;
  for (const auto part : {header.host, header.program, header.pid})
    key.append(" ").append(part.substr(0, longest_name));
  layer.kind = LayerKind::syslog;
  layer.text = header.text;
  layer.key = key;
  layer.time = header.time;
  layer.is_zone_taken = !header.offset.has_value();
  layer.host = header.host;
  layer.program = header.program;
  layer.pid = header.pid;
  offset = header.offset;
  return layer;
}

}  // namespace

struct LineReader::Memory {
  explicit Memory(const LineReaderOptions& options)
      : zone_is_given(options.zone.offset.has_value()), source(options, 0) {}

  bool zone_is_given;
  WrappedStream source;
  std::uint32_t next_stream = 1;
  Peeler peeler;
  std::unique_ptr<EntryLines> entry_lines;  // since one began: most sources have none
  std::uint64_t position = 0;               // in the source
  // Of the line being read.
  std::uint64_t begin = 0, first_part = 0;  // in the source; of one in parts
  WrappedStream* stream = nullptr;
  std::size_t end_size = 1;  // of the last line inside it
  const Envelope* envelope = nullptr;
  Writer writer;
  std::string stream_key;                      // of a syslog message
  std::optional<std::chrono::seconds> offset;  // of the zone in its header
  std::string_view rest;                       // lines of it that are not read yet
  bool has_rest = false;
  bool may_hold_traceback = false;                             // behind its first line
  boost::container::static_vector<Layer, most_layers> layers;  // outermost first

  boost::container::static_vector<std::uint32_t, most_layers> path;  // the streams it stands in
  bool is_zone_unknown = false;                                      // the line's time has none

  [[nodiscard]] Layer outermost(std::string_view text);
  [[nodiscard]] std::optional<std::string_view> enter(const Layer& layer, std::size_t size);
  void find_writer();
  [[nodiscard]] bool is_own() const;
  [[nodiscard]] EntryLines::Place place_in_entry(std::string_view text, std::size_t size_of_end);
  void pass_over(std::string_view line, ReadLine& into);
  void read_one(std::string_view text, ReadLine& into, std::size_t size_of_end);
  void read_next(ReadLine& into);
  void add_knowledge(ReadLine& into) const;
};

/// What the wrappers know, and then what the transport does; the innermost knows best. Of a line that a client may have
/// written nothing is said.
void LineReader::Memory::add_knowledge(ReadLine& into) const {
  if (into.is_silenced) return;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty() || into.fields.size() == into.fields.capacity() || !into.field(name).empty()) return;
    into.fields.push_back({name, value});
  };
  add("program", writer.program);
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    if (into.host.empty()) into.host = layer->host;
    add("pid", layer->pid);
    add("unit", layer->unit);
    add("container", layer->container);
    add("pod", layer->pod);
    add("namespace", layer->space);
    if (!layer->time) continue;
    if (!into.time) into.time = layer->time;
    if (is_zone_unknown && !layer->is_zone_taken) correct_zone(*into.time, *layer->time);
  }
  if (envelope == nullptr) return;
  if (into.host.empty()) into.host = envelope->host;
  if (!into.time) into.time = envelope->at;
  add("pid", envelope->pid);
  add("unit", envelope->unit);
  add("container", envelope->container);
  add("pod", envelope->pod);
  add("namespace", envelope->space);
}

/// One wrapper is enough: what stands inside is what triaged repeats.
bool LineReader::Memory::is_own() const {
  const auto& options = source.options();
  return (envelope != nullptr && formats::is_own(*envelope, options)) ||
         std::ranges::any_of(layers, [&](const Layer& layer) { return formats::is_own(layer, options); });
}

/// The innermost program is the writer. None but the transport's own word makes it the kernel where there is one.
void LineReader::Memory::find_writer() {
  writer = {};
  if (envelope != nullptr) writer = {envelope->program, envelope->is_kernel, offset};
  for (const auto& layer : layers) {
    if (!layer.program.empty()) writer.program = layer.program;
    if (!writer.is_kernel.has_value()) writer.is_kernel = layer.is_kernel;
  }
  if (writer.program == "kernel" && !writer.is_kernel.value_or(true)) writer.program = "user";
}

/// The layer that the transport itself is. REQUIRES: its envelope names a stream.
Layer LineReader::Memory::outermost(std::string_view text) {
  if (!envelope->is_syslog) return layer_of(*envelope, text);
  return syslog_layer_of(*envelope, text, source.times(), stream_key, offset);
}

/// Goes into the stream of the layer, which stood around `size` bytes. What is inside; nullopt: its end comes later.
std::optional<std::string_view> LineReader::Memory::enter(const Layer& layer, std::size_t size) {
  stream->pass(size + end_size);
  stream = &stream->inside(layer, next_stream);
  layers.push_back(layer);
  path.push_back(stream->number());
  end_size = 1;
  return stream->join(layer.text, layer.is_partial, first_part);
}

EntryLines::Place LineReader::Memory::place_in_entry(std::string_view text, std::size_t size_of_end) {
  const auto place = entry_lines ? entry_lines->take(text, size_of_end) : EntryLines::Place::outside;
  if (place != EntryLines::Place::outside || !EntryLines::is_head(text) || !source.may_open_wrapper()) return place;
  if (!entry_lines) entry_lines = std::make_unique<EntryLines>();
  return entry_lines->begin(text);
}

/// A piece of a journal's entry.
void LineReader::Memory::pass_over(std::string_view line, ReadLine& into) {
  source.pass(line.size() + end_size);
  into = {};
  into.text = line;
}

void LineReader::Memory::read_one(std::string_view text, ReadLine& into, std::size_t size_of_end) {
  if (is_own()) {
    stream->pass(text.size() + size_of_end);
    into = {};
    into.text = text;
    for (const auto& layer : layers) into.wrappers.push_back(words_for(layer.kind));
    into.is_own = true;
    return;
  }
  stream->read(text, into, size_of_end, begin, writer);
  if (layers.empty() && envelope == nullptr) return;
  into.bytes_of_parts_above = begin - first_part;
  is_zone_unknown = stream->has_completed_time() && !zone_is_given;
  for (const auto& layer : layers) into.wrappers.push_back(words_for(layer.kind));
  into.streams.assign(path.begin(), path.end());
  add_knowledge(into);
}

/// Behind the first line of an object or a journal's entry nothing speaks: a client may have put the line feed there,
/// and a user the one in a process's name, which the kernel repeats. But for a traceback with which the text begins, or
/// that belongs to its beginning: a record of Gunicorn's, an object that keeps it apart.
void LineReader::Memory::read_next(ReadLine& into) {
  const bool is_first = !std::exchange(has_rest, false);
  const auto end = rest.find('\n');
  auto text = rest.substr(0, end);
  has_rest = end != std::string_view::npos;
  rest = has_rest ? rest.substr(end + 1) : std::string_view();
  if (has_rest && text.ends_with('\r')) text.remove_suffix(1);
  read_one(text, into, has_rest ? 1 : end_size);
  if (is_first) {
    const bool is_apart = !layers.empty() && layers.back().kind == LayerKind::json;
    may_hold_traceback = is_apart || text.starts_with(traceback_first_line) || into.format == Format::gunicorn_error;
    return;
  }
  if (into.is_own || (may_hold_traceback && into.format == Format::python_traceback)) return;
  into.message = {};
  into.fields.clear();
  into.is_silenced = true;
}

LineReader::LineReader(LineReaderOptions options) : memory_(std::make_unique<Memory>(options)) {}

LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;

void LineReader::read(std::string_view line, ReadLine& into, std::size_t end_size, const Envelope* envelope) {
  auto& memory = *memory_;
  memory.envelope = envelope;
  memory.begin = memory.first_part = memory.position;
  memory.position += line.size() + end_size;
  memory.stream = &memory.source;
  memory.end_size = end_size;
  memory.has_rest = false;
  memory.offset.reset();
  memory.layers.clear();
  memory.path.clear();
  auto text = memory.peeler.without_colour(line).value_or(line);
  const bool is_of_stream = envelope != nullptr && !envelope->stream.empty();
  if (!is_of_stream) text.remove_prefix(memory.source.margin_of(text, memory.peeler));
  memory.end_size += line.size() - text.size();
  std::uint32_t around = 0;
  std::optional<Layer> layer;
  if (is_of_stream) {
    layer = memory.outermost(text);
  } else {
    switch (memory.place_in_entry(text, end_size)) {
      case EntryLines::Place::outside:
        break;
      case EntryLines::Place::inside:
        return memory.pass_over(line, into);
      case EntryLines::Place::whole:
        layer = memory.entry_lines->layer();
    }
  }
  while (memory.layers.size() < most_layers) {
    if (!layer) layer = memory.stream->peel(text, memory.layers.size(), around, memory.peeler);
    if (!layer) break;
    around |= std::uint32_t{1} << static_cast<unsigned>(layer->kind);
    const auto whole = memory.enter(*layer, text.size());
    if (!whole) {  // its end comes later
      into = {};
      into.text = line;
      into.is_own = memory.is_own();
      return;
    }
    text = *whole;
    layer.reset();
  }
  memory.find_writer();
  if (memory.layers.empty() && envelope == nullptr) {
    memory.read_one(text, into, memory.end_size);
  } else {
    memory.rest = text;
    memory.read_next(into);
  }
}

bool LineReader::read_next(ReadLine& into) {
  if (!memory_->has_rest) return false;
  memory_->read_next(into);
  return true;
}

void LineReader::set_reference(TimePoint reference) { memory_->source.set_reference(reference); }

std::string LineReader::state(const Redactor* redactor) const {
  return memory_->source.state(redactor, memory_->position);
}
void LineReader::restore(std::string_view state) {
  memory_->source.restore(state, memory_->position, memory_->next_stream);
}

}  // namespace triaged::formats

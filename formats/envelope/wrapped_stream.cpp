#include "formats/envelope/wrapped_stream.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "formats/redaction/redactor.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

constexpr std::uint8_t enough_in_a_row = 3;
constexpr std::size_t longest_margin = 40;
constexpr std::size_t most_inside = 256;               // streams that run through each other
constexpr std::size_t most_deeper = 2;                 // of a service: its output and its errors
constexpr std::size_t longest_joined = 64 * 1024;      // of a line in parts
constexpr std::size_t farthest_look_back = 20 * 1024;  // a reader disowns no line farther above than 8 records

/// Layers that name a service, so that some lines in a row are no accident.
bool may_prove_itself(const Layer& layer) {
  switch (layer.kind) {
    case LayerKind::name:
    case LayerKind::process:
    case LayerKind::pm2:
    case LayerKind::pod:
    case LayerKind::json:
      return true;
    default:
      return false;
  }
}

std::string key_of(const Layer& layer) {
  std::string key(1, static_cast<char>('a' + static_cast<int>(layer.kind)));
  return key.append(layer.key);
}

}  // namespace

std::optional<Layer> WrappedStream::peel(std::string_view line, std::size_t depth, std::uint32_t around,
                                         Peeler& peeler) {
  if (core_.options().format == Format::text) return std::nullopt;
  auto layer = peeler.peel(line, depth, core_.times());
  if (!layer) {
    if (std::exchange(has_rows_, false)) row_.fill(0);
    return std::nullopt;
  }
  has_rows_ = true;
  const auto bit = std::uint32_t{1} << static_cast<unsigned>(layer->kind);
  if ((around & bit) != 0 && layer->kind != LayerKind::json) return std::nullopt;
  auto& row = row_[static_cast<std::size_t>(layer->kind)];
  const auto in_a_row = static_cast<std::uint8_t>(std::min(row + 1, 255));
  row_.fill(0);
  row = in_a_row;
  if (core_.is_near_client_text() || !is_believed(*layer, line, depth, peeler)) return std::nullopt;
  shown_ |= bit;
  shows_ends_ = shows_ends_ || layer->has_end;
  if (layer->kind == LayerKind::json && !shows_ends_) layer->is_partial = layer->is_tagged_partial;
  return layer;
}

bool WrappedStream::is_believed(const Layer& layer, std::string_view line, std::size_t depth, Peeler& peeler) {
  // A time in front of a host and a program is a header of syslog's.
  if (layer.kind == LayerKind::stamp && core_.has_syslog_headers()) return false;
  // An access record may have a message beside its status.
  if (layer.kind == LayerKind::json && !layer.is_of_docker && contains(line, "tatus") && core_.recognises(line))
    return false;
  if (has_shown(layer.kind) || layer.is_certain) return true;
  const bool is_known = is_known_inside(layer.text, depth + 1, peeler);
  // The end of some lines is enough to know them, also behind a name.
  if (core_.recognises(line) && !(is_known && layer.kind == LayerKind::name)) return false;
  const auto row = row_[static_cast<std::size_t>(layer.kind)];
  return is_known || (may_prove_itself(layer) && !layer.is_about_request && row >= enough_in_a_row);
}

bool WrappedStream::is_known_inside(std::string_view text, std::size_t depth, Peeler& peeler) {
  if (text.empty()) return false;
  if (core_.recognises_by_head(text.substr(0, text.find('\n')))) return true;
  if (depth >= most_layers) return false;
  const auto layer = peeler.peel(text, depth, core_.times());
  return layer && is_known_inside(layer->text, depth + 1, peeler);
}

// A margin is learnt from a line that is known without it, when all lines before it had one: programs indent what
// continues a line of theirs. From then on so much of it goes. It opens no stream, so what a client may have written is
// judged as without it.
std::size_t WrappedStream::margin_of(std::string_view line, Peeler& peeler) {
  if (!margin_.empty() && line.starts_with(margin_)) return margin_.size();
  const auto size = std::min(line.find_first_not_of(" \t>"), line.size());
  may_have_margin_ = may_have_margin_ && (size > 0 || line.empty());
  if (!may_have_margin_ || size == 0 || size > longest_margin || core_.options().format == Format::text) return 0;
  if (core_.is_near_client_text() || core_.has_open_record() || core_.recognises(line)) return 0;
  if (!is_known_inside(line.substr(size), 0, peeler)) return 0;
  margin_ = line.substr(0, size);
  return size;
}

/// A service writes many lines in a row, and most wrappers hold one stream or two.
WrappedStream& WrappedStream::inside(const Layer& layer, std::uint32_t& next) {
  if (last_inside_ == nullptr || last_kind_ != layer.kind || last_key_ != layer.key) {
    last_inside_ = &stream_of(key_of(layer), next);
    last_kind_ = layer.kind;
    last_key_.assign(layer.key);
  }
  last_inside_->used_ = ++turn_;
  return *last_inside_;
}

WrappedStream& WrappedStream::stream_of(const std::string& key, std::uint32_t& next) {
  auto known = inside_.find(key);
  if (known == inside_.end()) {
    if (inside_.size() >= (number_ == 0 ? most_inside : most_deeper)) {
      inside_.erase(std::min_element(inside_.begin(), inside_.end(),
                                     [](const auto& a, const auto& b) { return a.second->used_ < b.second->used_; }));
    }
    auto options = core_.options();
    options.source_name += "/" + key.substr(1);  // "shop-nginx-1" says what its access lines are
    known = inside_.emplace(key, std::make_unique<WrappedStream>(options, next++)).first;
  }
  return *known->second;
}

std::optional<std::string_view> WrappedStream::join(std::string_view text, bool is_partial, std::uint64_t& begin) {
  if (!is_joining_) {
    parts_.clear();
    parts_begin_ = begin;
  }
  begin = parts_begin_;
  if (!is_partial && !is_joining_) return text;
  is_joining_ = is_partial;
  parts_.append(text.substr(0, longest_joined - std::min(parts_.size(), longest_joined)));
  if (is_partial) return std::nullopt;
  return parts_;
}

void WrappedStream::read(std::string_view text, ReadLine& into, std::size_t end_size, std::uint64_t begin,
                         const Writer& writer) {
  core_.read(text, into, end_size, writer);
  into.text = text;
  into.stream = number_;
  if (number_ == 0) return;
  into.disowned_bytes = distance_in_source(into.disowned_bytes, begin);
  into.doubt.bytes = distance_in_source(into.doubt.bytes, begin);
  passed_.push_back({begin, text.size() + end_size});
  passed_bytes_ += passed_.back().size;
  while (passed_bytes_ - passed_.front().size > farthest_look_back) {
    passed_bytes_ -= passed_.front().size;
    passed_.pop_front();
  }
}

/// So many bytes above the line in this stream are how many in the source, where lines of others stand between them?
std::size_t WrappedStream::distance_in_source(std::size_t bytes, std::uint64_t begin) const {
  if (bytes == 0 || passed_.empty()) return bytes;
  auto line = passed_.rbegin();
  for (std::size_t so_far = line->size; so_far < bytes && std::next(line) != passed_.rend();) {
    so_far += (++line)->size;
  }
  return begin - line->begin;
}

void WrappedStream::set_reference(TimePoint reference) {
  core_.set_reference(reference);
  for (auto& [key, stream] : inside_) stream->set_reference(reference);
}

std::string WrappedStream::state(const Redactor* redactor, std::uint64_t position) const {
  auto json = core_.state(redactor);
  if (shown_ == 0 && margin_.empty() && !is_joining_ && inside_.empty()) return json;
  json.pop_back();
  fmt::format_to(std::back_inserter(json), ",\"shown\":{},\"ends\":{}", shown_, shows_ends_ ? 1 : 0);
  json += ",\"margin\":";
  append_bytes(json, margin_);
  if (is_joining_) {
    json += ",\"parts\":";
    append_bytes(json, redactor == nullptr ? parts_ : redactor->redacted(parts_));
    fmt::format_to(std::back_inserter(json), ",\"parts_bytes\":{}", position - parts_begin_);
  }
  json += ",\"inside\":{";
  std::string_view comma;
  for (const auto& [key, stream] : inside_) {
    json += comma;
    append_bytes(json, key);
    json += ':';
    json += stream->state(redactor, position);
    comma = ",";
  }
  return json += "}}";
}

void WrappedStream::restore(std::string_view state, std::uint64_t position, std::uint32_t& next) {
  core_.restore(state);
  shown_ = 0;
  margin_.clear();
  parts_.clear();
  is_joining_ = false;
  last_inside_ = nullptr;
  inside_.clear();
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(simdjson::padded_string(state)).get(element) != simdjson::SUCCESS) return;
  may_have_margin_ = false;  // there were lines before
  std::uint64_t shown = 0, ends = 0;
  shows_ends_ = element["ends"].get(ends) == simdjson::SUCCESS && ends != 0;
  std::string_view text;
  if (element["shown"].get(shown) == simdjson::SUCCESS) shown_ = static_cast<std::uint32_t>(shown);
  if (element["margin"].get(text) == simdjson::SUCCESS) margin_ = bytes_of(text);
  if (element["parts"].get(text) == simdjson::SUCCESS) {
    parts_ = bytes_of(text);
    is_joining_ = true;
    std::uint64_t bytes = 0;  // above `position`, which may be 0: differences are right whatever the numbers are
    parts_begin_ = element["parts_bytes"].get(bytes) == simdjson::SUCCESS ? position - bytes : position;
  }
  simdjson::dom::object streams;
  if (element["inside"].get(streams) != simdjson::SUCCESS) return;
  for (const auto& [key, value] : streams) {
    if (!key.empty()) stream_of(bytes_of(key), next).restore(simdjson::minify(value), position, next);
  }
}

}  // namespace triaged::formats

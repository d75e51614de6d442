#include <algorithm>

#include "formats/envelope/layer.hpp"

namespace triaged::formats {

std::string_view words_for(LayerKind kind) {
  switch (kind) {
    case LayerKind::name:
    case LayerKind::process:
    case LayerKind::pm2:
      return "a service's name";
    case LayerKind::pod:
    case LayerKind::stern:
      return "a pod's name";
    case LayerKind::stamp:
      return "a time";
    case LayerKind::cri:
      return "CRI's time and stream";
    case LayerKind::file:
      return "a file's name";
    case LayerKind::json:
      return "a JSON object";
    case LayerKind::entry:
      return "a journal entry";
    case LayerKind::klog:
      return "klog's header";
    case LayerKind::syslog:
      break;
  }
  return "a syslog header";
}

std::optional<Layer> Peeler::peel(std::string_view line, std::size_t depth, LogTimes& times) {
  if (line.starts_with('{')) {
    if (auto layer = peel_docker(line, joined_[depth])) return layer;
    return peel_json(line, {parsers_[depth], padded_[depth], joined_[depth]});
  }
  return peel_prefix(line, times);
}

namespace {

/// The size of a sequence of ECMA-48 that colours (ESC [ 31;1 m) or erases to the line's end (ESC [ K); 0: none is
/// there.
std::size_t colour_at(std::string_view text) {
  std::size_t at = 2;
  if (!text.starts_with("\x1b[")) return 0;
  while (at < text.size() && ((text[at] >= '0' && text[at] <= '9') || text[at] == ';')) ++at;
  return at < text.size() && (text[at] == 'm' || text[at] == 'K') ? at + 1 : 0;
}

}  // namespace

std::optional<std::string_view> Peeler::without_colour(std::string_view line) {
  auto at = line.find('\x1b');
  if (at == std::string_view::npos) return std::nullopt;
  plain_.clear();
  std::size_t begin = 0;
  for (; at != std::string_view::npos; at = line.find('\x1b', begin)) {
    const auto size = colour_at(line.substr(at));
    plain_.append(line, begin, at - begin + (size == 0 ? 1 : 0));
    begin = at + std::max<std::size_t>(size, 1);
  }
  plain_.append(line, begin);
  return plain_;
}

}  // namespace triaged::formats

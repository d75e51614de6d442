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
      break;
  }
  return "a JSON object";
}

std::optional<Layer> Peeler::peel(std::string_view line, std::size_t depth, LogTimes& times) {
  if (line.starts_with('{')) return peel_json(line, {parsers_[depth], padded_[depth], joined_[depth]});
  return peel_prefix(line, times);
}

// ECMA-48: ESC [, digits and semicolons, a letter.
std::optional<std::string_view> Peeler::without_colour(std::string_view line) {
  constexpr char escape = '\x1b';
  auto at = line.find(escape);
  if (at == std::string_view::npos) return std::nullopt;
  plain_.clear();
  std::size_t begin = 0;
  for (; at != std::string_view::npos; at = line.find(escape, begin)) {
    plain_.append(line, begin, at - begin);
    begin = at + 1;
    if (begin >= line.size() || line[begin] != '[') continue;
    ++begin;
    while (begin < line.size() && ((line[begin] >= '0' && line[begin] <= '?') || line[begin] == ' ')) ++begin;
    if (begin < line.size()) ++begin;
  }
  plain_.append(line, begin);
  return plain_;
}

}  // namespace triaged::formats

#include "formats/wrapper_words.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "formats/envelope/layer.hpp"
#include "formats/syslog_header.hpp"

namespace triaged::formats {

namespace {

/// Whose tool writes such a layer.
std::string_view name_of(const Layer& layer) {
  switch (layer.kind) {
    case LayerKind::name:
      return "compose's";
    case LayerKind::process:
      return "foreman's";
    case LayerKind::pm2:
      return "pm2's";
    case LayerKind::pod:
      return layer.key.starts_with("pod/") ? "kubectl's" : "kubetail's";
    case LayerKind::stern:
      return "stern's";
    case LayerKind::stamp:
      return "a time";
    case LayerKind::cri:
      return "the container runtime's";
    case LayerKind::file:
      return "grep's";
    default:
      return words_for(layer.kind);
  }
}

std::string in_front(std::string_view whole, std::string_view inside) {
  return whole.ends_with(inside) ? std::string(whole.substr(0, whole.size() - inside.size())) : std::string();
}

}  // namespace

std::vector<WrapperWords> wrappers_around(std::string_view line, const ReadLine& read) {
  std::vector<WrapperWords> wrappers;
  Peeler peeler;
  LogTimes times(std::chrono::seconds(0), {});
  std::string plain(peeler.without_colour(line).value_or(line));
  const auto margin = plain.find_first_not_of(" \t>");
  std::string_view text(plain);
  for (std::size_t depth = 0; depth < read.wrappers.size(); ++depth) {
    auto layer = peeler.peel(text, depth, times);
    if (!layer && depth == 0 && margin != std::string::npos) layer = peeler.peel(text.substr(margin), depth, times);
    if (!layer) {  // it was known by the lines above only
      wrappers.push_back({read.wrappers[depth], {}});
      continue;
    }
    wrappers.push_back({name_of(*layer), in_front(text, layer->text)});
    text = layer->text;
  }
  SyslogHeader header;
  const auto program = read.field("program");
  if (!program.empty() && read_syslog_header(text, times, header) && header.program == program) {
    wrappers.push_back({"a syslog header", in_front(text, header.text)});
  }
  return wrappers;
}

std::string to_text(const std::vector<WrapperWords>& wrappers) {
  std::string words;
  for (std::size_t i = 0; i < wrappers.size(); ++i) {
    if (i > 0) words += i + 1 == wrappers.size() ? " and " : ", ";
    words += wrappers[i].name;
    if (!wrappers[i].text.empty()) words += fmt::format(" \"{}\"", wrappers[i].text);
  }
  return words;
}

}  // namespace triaged::formats

#include "topology/haproxy_words.hpp"

#include <algorithm>
#include <utility>

namespace triaged::topology {

namespace {

HaproxyWords words_of(std::string_view line) {
  HaproxyWords words;
  std::string word;
  bool is_in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && c == '#') break;
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\r')) {
      if (is_in_word) words.push_back(std::exchange(word, {}));
      is_in_word = false;
      continue;
    }
    is_in_word = true;
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
    } else {
      word += c;
    }
  }
  if (is_in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace

std::vector<HaproxyLine> haproxy_lines(std::string_view text) {
  std::vector<HaproxyLine> lines;
  for (unsigned number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    if (auto words = words_of(text.substr(0, end)); !words.empty()) lines.push_back({number, std::move(words)});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_haproxy_section(std::string_view word) {
  constexpr std::string_view names[] = {"global",      "defaults",    "frontend",  "backend",  "listen", "peers",
                                        "mailers",     "userlist",    "resolvers", "cache",    "ring",   "program",
                                        "http-errors", "log-forward", "fcgi-app",  "crt-store"};
  return std::find(std::begin(names), std::end(names), word) != std::end(names);
}

std::vector<std::string> split_haproxy_list(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    parts.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

}  // namespace triaged::topology

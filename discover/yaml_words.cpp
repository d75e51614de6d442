#include "discover/yaml_words.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "formats/log_format.hpp"
#include "probes/host_files.hpp"

namespace triaged::discover {

std::string glob_of(const std::string& path) {
  const bool is_utf8 = to_printable(path) == path;
  std::string pattern;
  for (const char c : path) {
    const bool is_special = c == '[' || c == ']' || c == '\\' || c == '$' || (!is_utf8 && (c & 0x80) != 0);
    pattern += is_special ? '?' : c;
  }
  return pattern;
}

bool is_glob(std::string_view path) { return path.find_first_of("*?") != std::string_view::npos; }

std::string yaml_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

std::string yaml_word(const std::string& text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
  const bool is_plain = text.starts_with('/') && text.find_first_not_of(plain) == std::string::npos;
  return is_plain ? text : yaml_quoted(text);
}

std::string yaml_list(const std::vector<std::string>& words) {
  std::string text = "[";
  for (const auto& word : words) text += fmt::format("{}{}", text.size() > 1 ? ", " : "", yaml_word(word));
  return text + "]";
}

bool can_be_path(const std::string& path) {
  return probes::is_plain_path(path) && path.find('$') == std::string::npos && to_valid_utf8(path) == path;
}

bool can_be_log_format(const std::string& text) {
  return !text.empty() && text.find("${") == std::string::npos && to_printable(text) == text &&
         formats::read_log_format(text).has_value();
}

}  // namespace triaged::discover

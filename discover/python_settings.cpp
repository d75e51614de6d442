#include "discover/python_settings.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace triaged::discover {

namespace {

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

/// Takes 'text' or "text" off; nullopt: it is something else, or holds escapes.
std::optional<std::string> take_text(std::string_view& text) {
  if (text.empty() || (text.front() != '\'' && text.front() != '"')) return std::nullopt;
  const char quote = text.front();
  const auto end = text.find(quote, 1);
  if (end == std::string_view::npos) return std::nullopt;
  const auto value = text.substr(1, end - 1);
  if (value.find_first_of("\\\n") != std::string_view::npos) return std::nullopt;
  text.remove_prefix(end + 1);
  return std::string(value);
}

/// Behind the bracket.
std::optional<std::vector<std::string>> take_list(std::string_view& text) {
  std::vector<std::string> values;
  while (true) {
    skip_blanks(text);
    if (text.starts_with(']') || text.starts_with(')')) return values;
    auto value = take_text(text);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
    skip_blanks(text);
    if (text.starts_with(',')) text.remove_prefix(1);
  }
}

/// Nothing may follow a value in its line: 'a' + name is not 'a'.
bool ends_here(std::string_view rest) {
  const auto line = rest.substr(0, rest.find('\n'));
  const auto at = line.find_first_not_of(" \t\r");
  return at == std::string_view::npos || line[at] == '#';
}

std::optional<std::vector<std::string>> value_in(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  for (const std::string_view word : {"True", "False"}) {
    if (text.starts_with(word) && ends_here(text.substr(word.size()))) return std::vector{std::string(word)};
  }
  std::optional<std::vector<std::string>> values;
  if (text.starts_with('[') || text.starts_with('(')) {
    text.remove_prefix(1);
    values = take_list(text);
    if (values) text.remove_prefix(1);
  } else if (auto value = take_text(text)) {
    values = std::vector{std::move(*value)};
  }
  if (values && !ends_here(text)) return std::nullopt;
  return values;
}

std::string_view name_before(std::string_view line) {
  const auto end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
  return line.substr(0, end);
}

}  // namespace

PythonSettings python_settings_in(std::string_view text) {
  PythonSettings settings;
  for (; !text.empty(); text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1)) {
    const auto name = name_before(text);
    auto rest = text.substr(name.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (name.empty() || !rest.starts_with('=') || rest.starts_with("==")) continue;
    if (auto value = value_in(rest.substr(1))) {
      settings.insert_or_assign(std::string(name), std::move(*value));
    } else {
      settings.erase(std::string(name));
    }
  }
  return settings;
}

}  // namespace triaged::discover

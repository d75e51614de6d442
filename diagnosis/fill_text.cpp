#include "diagnosis/fill_text.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace triaged {

namespace {

constexpr std::size_t longest_value = 200;

bool is_name_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

bool is_name(std::string_view text) {
  return !text.empty() && text[0] >= 'a' && text[0] <= 'z' && std::all_of(text.begin(), text.end(), is_name_character);
}

bool is_harmless(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_./:@%+=,-").find(c) != std::string_view::npos;
}

std::string in_capitals(std::string_view name) {
  std::string capitals(name);
  for (auto& c : capitals) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return capitals;
}

template <typename Show>
std::string fill(std::string_view text, const FieldLookup& lookup, Show show) {
  std::string filled;
  while (!text.empty()) {
    const auto open = text.find('{');
    filled += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const auto close = text.find('}');
    const auto name = close == std::string_view::npos ? std::string_view() : text.substr(1, close - 1);
    if (!is_name(name)) {
      filled += '{';
      text.remove_prefix(1);
      continue;
    }
    const auto value = lookup(name);
    filled += value.empty() ? in_capitals(name) : show(prefix_of(value, longest_value));
    text.remove_prefix(close + 1);
  }
  return filled;
}

}  // namespace

std::string fill_text(std::string_view text, const FieldLookup& lookup) {
  return fill(text, lookup, [](std::string_view value) { return to_printable(value); });
}

std::string fill_command(std::string_view text, const FieldLookup& lookup) {
  return fill(text, lookup, [](std::string_view value) { return shell_quoted(to_printable(value)); });
}

std::string shell_quoted(std::string_view value) {
  if (!value.empty() && value[0] != '-' && std::all_of(value.begin(), value.end(), is_harmless)) {
    return std::string(value);
  }
  std::string quoted = "'";
  for (const char c : value) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace triaged

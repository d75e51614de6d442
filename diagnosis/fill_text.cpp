#include "diagnosis/fill_text.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace triaged::diagnosis {

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

/// In which quotes of the shell a place in a command stands.
class Quotes {
 public:
  void pass(std::string_view text) {
    for (const char c : text) {
      if (is_escaped_) {
        is_escaped_ = false;
      } else if (c == '\\' && open_ != '\'') {
        is_escaped_ = true;
      } else if (open_ == '\0' && (c == '\'' || c == '"')) {
        open_ = c;
      } else if (c == open_ || c == '\n') {
        open_ = '\0';
      }
    }
  }
  [[nodiscard]] bool are_open() const { return open_ != '\0'; }

 private:
  char open_ = '\0';
  bool is_escaped_ = false;
};

/// "{name}", but not the "%{name}" and "${name}" of curl and the shell.
template <typename Show>
std::string fill(std::string_view text, const FieldLookup& lookup, Show show) {
  std::string filled;
  while (!text.empty()) {
    const auto open = text.find('{');
    filled += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const bool is_foreign = open > 0 && (text[open - 1] == '%' || text[open - 1] == '$');
    text.remove_prefix(open);
    const auto close = text.find('}');
    const auto name = close == std::string_view::npos ? std::string_view() : text.substr(1, close - 1);
    if (is_foreign || !is_name(name)) {
      filled += '{';
      text.remove_prefix(1);
      continue;
    }
    const auto value = lookup(name);
    filled += value.empty() ? in_capitals(name) : show(name, value, std::string_view(filled));
    text.remove_prefix(close + 1);
  }
  return filled;
}

bool is_harmless_word(std::string_view value) {
  return !value.empty() && value[0] != '-' && std::all_of(value.begin(), value.end(), is_harmless);
}

}  // namespace

std::string fill_text(std::string_view text, const FieldLookup& lookup) {
  return fill(text, lookup, [](std::string_view, std::string_view value, std::string_view) {
    return to_printable(prefix_of(value, longest_value));
  });
}

std::string fill_command(std::string_view text, const FieldLookup& lookup) {
  return fill(text, lookup, [](std::string_view name, std::string_view value, std::string_view before) {
    if (is_harmless_word(value) && value.size() <= longest_value) return std::string(value);
    Quotes quotes;
    quotes.pass(before);
    // Cut, it would name something else; inside quotes, no way of quoting it is right for every shell and language.
    if (value.size() > longest_value || quotes.are_open()) return in_capitals(name);
    return shell_quoted(to_printable(value));
  });
}

std::string shell_quoted(std::string_view value) {
  if (is_harmless_word(value)) return std::string(value);
  std::string quoted = "'";
  for (const char c : value) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace triaged::diagnosis

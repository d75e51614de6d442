// The fields that a text of a rule names: "{upstream}". Who fills them in is the diagnosis (diagnosis/fill_text.hpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace triaged::knowledge {

/// The names in braces, in order; "%{name}" and "${name}" are none.
[[nodiscard]] inline std::vector<std::string> placeholders_in(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz", others = "abcdefghijklmnopqrstuvwxyz0123456789_";
  std::vector<std::string> names;
  for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) break;
    const auto name = text.substr(open + 1, close - open - 1);
    const bool is_other = open > 0 && (text[open - 1] == '%' || text[open - 1] == '$');
    const bool is_name = !name.empty() && letters.find(name[0]) != std::string_view::npos &&
                         name.find_first_not_of(others) == std::string_view::npos;
    if (is_name && !is_other) names.emplace_back(name);
  }
  return names;
}

}  // namespace triaged::knowledge

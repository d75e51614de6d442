// What slips of the hand make of a text: characters lost, doubled or exchanged, lines cut or moved, other quotes,
// another indentation. The same seed makes the same text.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

namespace triaged {

class Damage {
 public:
  explicit Damage(unsigned seed) : engine_(seed) {}

  /// `text` after one to four slips.
  std::string of(std::string text) {
    for (auto left = 1 + below(4); left > 0; --left) slip(text);
    return text;
  }

 private:
  std::size_t below(std::size_t end) { return end == 0 ? 0 : engine_() % end; }

  void slip(std::string& text) {
    constexpr std::string_view syntax = "'\"{}[],:-#&*!|>%@`\\ \n\t?~=$";
    if (text.empty()) return;
    const auto at = below(text.size());
    const auto length = std::min(1 + below(below(3) == 0 ? 40 : 3), text.size() - at);
    switch (below(9)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, 1, syntax[below(syntax.size())]);
        break;
      case 2:
        text[at] = syntax[below(syntax.size())];
        break;
      case 3:
        text.insert(below(text.size()), text.substr(at, length));
        break;
      case 4:
        text.erase(at, text.find('\n', at) - at);
        break;
      case 5:
        swap_quote(text, at);
        break;
      case 6:
        indent(text, at);
        break;
      case 7:
        move_line(text, at);
        break;
      default:
        text.insert(at, 1, text[below(text.size())]);
        if (below(20) == 0) text.resize(at);
    }
  }

  static void swap_quote(std::string& text, std::size_t at) {
    const auto quote = text.find_first_of("'\"", at);
    if (quote != std::string::npos) text[quote] = text[quote] == '"' ? '\'' : '"';
  }

  void indent(std::string& text, std::size_t at) {
    const auto line = text.rfind('\n', at);
    const auto begin = line == std::string::npos ? 0 : line + 1;
    if (text.compare(begin, 2, "  ") == 0 && below(2) == 0) {
      text.erase(begin, 2);
    } else {
      text.insert(begin, 1 + below(3), ' ');
    }
  }

  void move_line(std::string& text, std::size_t at) {
    const auto before = text.rfind('\n', at);
    const auto begin = before == std::string::npos ? 0 : before + 1;
    const auto end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const auto line = text.substr(begin, end - begin);
    text.erase(begin, end - begin);
    const auto other = text.find('\n', below(text.size() + 1));
    text.insert(other == std::string::npos ? text.size() : other + 1, line);
  }

  std::mt19937 engine_;
};

}  // namespace triaged

// Walks over a JSON object by hand, for objects that are not quite JSON: nginx writes "status":009 for an upstream that
// is not HTTP, and bytes that are no UTF-8 as they came.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace triaged::formats::json_access {

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  bool skip(char wanted) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  /// The text between two quotes, escapes untouched.
  bool take_string(std::string_view& into) {
    if (!skip('"')) return false;
    const auto begin = at_;
    while (true) {
      const auto quote = text_.find('"', at_);
      if (quote == std::string_view::npos) return false;
      at_ = quote + 1;
      std::size_t backslashes = 0;
      while (quote - backslashes > begin && text_[quote - backslashes - 1] == '\\') ++backslashes;
      if (backslashes % 2 != 0) continue;
      into = text_.substr(begin, quote - begin);
      return true;
    }
  }

  [[nodiscard]] bool is_at(char wanted) {
    skip_blanks();
    return at_ < text_.size() && text_[at_] == wanted;
  }

  /// A string's text, or a number or word as it stands; empty for a list, which is skipped.
  bool take_value(std::string_view& into) {
    skip_blanks();
    if (at_ >= text_.size()) return false;
    into = {};
    if (text_[at_] == '"') return take_string(into);
    if (text_[at_] == '{' || text_[at_] == '[') return skip_nested();
    const auto end = std::min(text_.find_first_of(",} ", at_), text_.size());
    into = text_.substr(at_, end - at_);
    at_ = end;
    return !into.empty();
  }

  bool is_done() {
    skip_blanks();
    return at_ >= text_.size();
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  bool skip_nested() {
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      std::string_view ignored;
      const char c = text_[at_];
      if (c == '"') {
        if (!take_string(ignored)) return false;
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return true;
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace triaged::formats::json_access

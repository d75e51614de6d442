#include "knowledge/ranking/search_words.hpp"

#include <algorithm>
#include <cctype>

namespace triaged::knowledge {

namespace {

bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The length of the character at the front, as UTF-8 says it.
std::size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return std::min(length, text.size());
}

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = static_cast<char>(is_capital(c) ? c - 'A' + 'a' : c);
  return small;
}

/// Where a compound word has its seams: at '_', before a capital after a small letter, before the last capital of a run
/// ("HTTPServer"), between letters and digits never ("E0412", "py311").
void add_parts(std::string_view word, std::vector<std::string>& words) {
  std::vector<std::string> parts;
  std::string part;
  const auto end_part = [&] {
    if (part.size() > 1) parts.push_back(lower(part));
    part.clear();
  };
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '_') {
      end_part();
      continue;
    }
    const bool after_small = i > 0 && is_small(word[i - 1]) && is_capital(word[i]);
    const bool before_small =
        i > 0 && i + 1 < word.size() && is_capital(word[i - 1]) && is_capital(word[i]) && is_small(word[i + 1]);
    if (after_small || before_small) end_part();
    part += word[i];
  }
  end_part();
  if (parts.size() > 1) std::move(parts.begin(), parts.end(), std::back_inserter(words));
}

}  // namespace

std::vector<std::string> search_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    const auto first = word.find_first_not_of('_');
    if (first == std::string::npos) return word.clear();
    const auto last = word.find_last_not_of('_');
    const auto bare = word.substr(first, last - first + 1);
    words.push_back(lower(bare));
    add_parts(bare, words);
    word.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto length = character_length(text.substr(at));
    const char c = text[at];
    if (length > 2) {
      end_word();
      words.emplace_back(text.substr(at, length));
    } else if (length == 2 || is_small(c) || is_capital(c) || is_digit(c) || c == '_') {
      word += text.substr(at, length);
    } else {
      end_word();
    }
    at += length;
  }
  end_word();
  return words;
}

bool is_mere_number(std::string_view word) {
  if (word.size() == 3 && std::all_of(word.begin(), word.end(), is_digit)) return false;
  return std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c); }) ||
         (word.size() >= 7 && std::all_of(word.begin(), word.end(),
                                          [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }));
}

}  // namespace triaged::knowledge

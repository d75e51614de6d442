#include "knowledge/patterns/pattern_literals.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include <fmt/format.h>

#include "knowledge/patterns/pattern_scan.hpp"

namespace triaged::knowledge {

namespace {

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) > 0x7f;
}

/// "[Hh]" insists on a letter; a class of anything else on none.
bool is_one_letter_class(std::string_view token) {
  return token.size() == 4 && is_letter(token[1]) &&
         std::tolower(static_cast<unsigned char>(token[1])) == std::tolower(static_cast<unsigned char>(token[2]));
}

/// The fewest repeats that a quantifier asks for.
std::size_t fewest_repeats(std::string_view quantifier) {
  if (quantifier.front() == '+') return 1;
  if (quantifier.front() != '{') return 0;
  std::size_t number = 0;
  for (const char c : quantifier.substr(1)) {
    if (c < '0' || c > '9') break;
    number = std::min<std::size_t>(number * 10 + static_cast<std::size_t>(c - '0'), 1000);
  }
  return number;
}

/// Counts from the tokens, group by group: a sequence adds, alternatives take the least.
class LetterCount {
 public:
  void take(std::string_view token, TokenKind kind) {
    switch (kind) {
      case TokenKind::open:
        if (!(token.starts_with("(?") && token.ends_with(')'))) open_.push_back({});
        break;
      case TokenKind::close:
        if (open_.size() > 1) close();
        break;
      case TokenKind::alternation:
        end_alternative();
        break;
      case TokenKind::quantifier:
        open_.back().sequence += last_ * fewest_repeats(token) - last_;
        last_ = 0;
        break;
      case TokenKind::literal:
        add(is_letter(token[0]) ? 1 : 0);
        break;
      case TokenKind::char_class:
        add(is_one_letter_class(token) ? 1 : 0);
        break;
      case TokenKind::escape:
        add(token.starts_with("\\Q")
                ? static_cast<std::size_t>(std::count_if(token.begin() + 2, token.end(), is_letter))
                : 0);
        break;
      default:
        last_ = 0;
    }
  }

  [[nodiscard]] std::size_t finish() {
    while (open_.size() > 1) close();
    end_alternative();
    return open_.back().least;
  }

 private:
  struct Group {
    std::size_t sequence = 0;
    std::size_t least = SIZE_MAX;  // of the alternatives that have ended
  };

  void add(std::size_t letters) {
    last_ = letters;
    open_.back().sequence += letters;
  }
  void end_alternative() {
    auto& group = open_.back();
    group.least = std::min(group.least, group.sequence);
    group.sequence = 0;
    last_ = 0;
  }
  void close() {
    end_alternative();
    const auto letters = open_.back().least;
    open_.pop_back();
    add(letters);
  }

  std::vector<Group> open_ = {{}};
  std::size_t last_ = 0;  // letters of the last item, which a quantifier may repeat or take back
};

std::string utf8_of(char32_t c) {
  std::string text;
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) {
    text = {static_cast<char>(0xc0 | (c >> 6))};
  } else if (c < 0x10000) {
    text = {static_cast<char>(0xe0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3f))};
  } else {
    text = {static_cast<char>(0xf0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 0x3f)),
            static_cast<char>(0x80 | ((c >> 6) & 0x3f))};
  }
  return text + static_cast<char>(0x80 | (c & 0x3f));
}

char32_t character_at(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0xc0) return first;
  const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  char32_t c = first & (0x3fU >> more);
  for (int i = 0; i < more && at < text.size(); ++i) c = (c << 6) | (static_cast<unsigned char>(text[at++]) & 0x3fU);
  return c;
}

/// Byte ranges that match exactly the characters from `low` to `high`: ranges are cut until all but their last bytes,
/// or none of them, vary in full.
void add_byte_ranges(char32_t low, char32_t high, std::vector<std::string>& alternatives) {
  for (const char32_t limit : {0x7fU, 0x7ffU, 0xffffU}) {
    if (low <= limit && high > limit) {
      add_byte_ranges(low, limit, alternatives);
      return add_byte_ranges(limit + 1, high, alternatives);
    }
  }
  for (unsigned shift = 6; shift <= 18 && high > 0x7f; shift += 6) {
    const char32_t rest = (char32_t{1} << shift) - 1;
    if ((low & ~rest) == (high & ~rest)) continue;
    if ((low & rest) != 0) {
      add_byte_ranges(low, low | rest, alternatives);
      return add_byte_ranges((low | rest) + 1, high, alternatives);
    }
    if ((high & rest) != rest) {
      add_byte_ranges(low, (high & ~rest) - 1, alternatives);
      return add_byte_ranges(high & ~rest, high, alternatives);
    }
  }
  const auto first = utf8_of(low), last = utf8_of(high);
  std::string bytes;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const auto from = static_cast<unsigned char>(first[i]), to = static_cast<unsigned char>(last[i]);
    bytes += from == to ? fmt::format("\\x{:02x}", from) : fmt::format("[\\x{:02x}-\\x{:02x}]", from, to);
  }
  alternatives.push_back(std::move(bytes));
}

std::string class_as_bytes(std::string_view token) {
  std::vector<std::string> alternatives;
  std::string ascii;
  const auto body = token.substr(1, token.size() - 2);
  for (std::size_t at = 0; at < body.size();) {
    if (body[at] == '\\') {
      ascii += body.substr(at, 2);
      at += 2;
      continue;
    }
    const auto low = character_at(body, at);
    const bool is_range = at + 1 < body.size() && body[at] == '-';
    if (is_range) ++at;
    const auto high = is_range ? character_at(body, at) : low;
    if (high < 0x80) {
      ascii += static_cast<char>(low);
      if (is_range) ascii += fmt::format("-{}", static_cast<char>(high));
    } else if (low <= high) {
      add_byte_ranges(low, high, alternatives);
    }
  }
  if (!ascii.empty()) alternatives.insert(alternatives.begin(), "[" + ascii + "]");
  return fmt::format("(?:{})", fmt::join(alternatives, "|"));
}

bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) > 0x7f; }

}  // namespace

std::size_t required_letters(std::string_view regex) {
  LetterCount count;
  for_each_token(regex, [&](std::string_view token, TokenKind kind) { count.take(token, kind); });
  return count.finish();
}

std::vector<std::string> words_in_pattern(std::string_view regex) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (word.size() > 1) words.push_back(word);
    word.clear();
  };
  for_each_token(regex, [&](std::string_view token, TokenKind kind) {
    if (kind == TokenKind::literal && is_letter(token[0])) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(token[0])));
    } else if (kind != TokenKind::quantifier) {
      end_word();
    }
  });
  end_word();
  return words;
}

std::string with_classes_as_bytes(std::string_view regex) {
  if (std::none_of(regex.begin(), regex.end(), is_beyond_ascii)) return std::string(regex);
  std::string bytes;
  for_each_token(regex, [&](std::string_view token, TokenKind kind) {
    const bool is_foreign_class = kind == TokenKind::char_class && !token.starts_with("[^") &&
                                  std::any_of(token.begin(), token.end(), is_beyond_ascii);
    bytes += is_foreign_class ? class_as_bytes(token) : std::string(token);
  });
  return bytes;
}

}  // namespace triaged::knowledge

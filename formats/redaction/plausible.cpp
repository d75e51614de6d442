#include "formats/redaction/plausible.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "formats/redaction/text_around.hpp"

namespace triaged::formats {

namespace {

constexpr std::size_t longest_word = 20;  // of prose

bool has_digit(std::string_view text) { return std::ranges::any_of(text, is_digit); }

bool is_plain_word(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return is_ascii_letter(c) || c == '.' || c == '-' || c == '_'; });
}

/// What programs write in the place of a value that they do not show or do not have.
/// "DB_PASSWORD", as behind the dollar sign of a shell.
bool is_variable(std::string_view name) {
  return is_upper(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_upper(c) || c == '_' || (c >= '0' && c <= '9'); });
}

bool is_placeholder(std::string_view value) {
  static constexpr std::array<std::string_view, 14> words = {"null",     "none",   "nil",    "undefined", "true",
                                                             "false",    "yes",    "no",     "redacted",  "hidden",
                                                             "filtered", "masked", "(null)", "n/a"};
  if (value.empty() || is_one_of(words, lowered(value))) return true;
  if (value.find_first_not_of("*.#-_=") == std::string_view::npos) return true;
  if (value.find_first_not_of("xX") == std::string_view::npos) return true;
  const char first = value.front(), last = value.back();
  return (first == '<' && last == '>') || (first == '{' && last == '}') ||
         (first == '[' && (last == ']' || is_plain_word(value.substr(1)))) ||
         (first == '$' && (value.size() == 1 || value[1] == '{' || value[1] == '(' || is_variable(value.substr(1)))) ||
         (first == '%' && value.size() == 2);
}

/// The words with which prose goes on behind "password:" and its like.
bool is_prose(std::string_view value) {
  static constexpr std::array<std::string_view, 36> words = {"incorrect",
                                                             "invalid",
                                                             "wrong",
                                                             "expired",
                                                             "mismatch",
                                                             "denied",
                                                             "failed",
                                                             "failure",
                                                             "unknown",
                                                             "required",
                                                             "missing",
                                                             "empty",
                                                             "unset",
                                                             "default",
                                                             "not",
                                                             "is",
                                                             "and",
                                                             "or",
                                                             "the",
                                                             "a",
                                                             "too",
                                                             "must",
                                                             "for",
                                                             "was",
                                                             "to",
                                                             "in",
                                                             "with",
                                                             "from",
                                                             "unexpected",
                                                             "string",
                                                             "authentication",
                                                             "unauthorized",
                                                             "rejected",
                                                             "changed",
                                                             "error",
                                                             "ok"};
  return is_one_of(words, lowered(value));
}

/// Does the text behind `value` go on as a list does, or not at all? ", port: 5432", "}", " host=db"
bool ends_as_in_list(std::string_view text, std::string_view value) {
  auto rest = text_behind(text, value);
  if (rest.empty() || std::string_view(",;})&").find(rest.front()) != std::string_view::npos) return true;
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  const auto end = std::ranges::find_if_not(
      rest, [](char c) { return is_ascii_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-'; });
  return rest.empty() || (end != rest.begin() && end != rest.end() && (*end == ':' || *end == '='));
}

/// `pwd` is also the folder in which a program runs, and `passwd` a file.
bool is_path_of(std::string_view text, std::string_view value) {
  if (!value.starts_with('/')) return false;
  auto name = text_before(text, value);
  while (!name.empty() && !is_ascii_letter(name.back())) name.remove_suffix(1);
  const auto end = lowered(name.substr(name.size() - std::min<std::size_t>(name.size(), 6)));
  return end.ends_with("pwd") || end.ends_with("passwd");
}

bool is_uuid(std::string_view value) {
  if (value.size() != 36) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? value[i] != '-' : std::isxdigit(static_cast<unsigned char>(value[i])) == 0) return false;
  }
  return true;
}

bool is_checksum(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

int base64_digit(char c) {
  if (is_upper(c)) return c - 'A';
  if (is_lower(c)) return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

}  // namespace

bool is_value(std::string_view text, std::string_view secret) {
  return !is_placeholder(secret) && !is_path_of(text, secret);
}

bool is_no_prose(std::string_view text, std::string_view secret) {
  if (!is_value(text, secret) || secret.size() < 4 || is_prose(secret)) return false;
  return !is_plain_word(secret) || ends_as_in_list(text, secret);
}

bool is_argument(std::string_view text, std::string_view secret) {
  static constexpr std::array<std::string_view, 12> words = {"option", "flag",  "argument", "instead",  "on",    "at",
                                                             "can",    "needs", "may",      "requires", "given", "if"};
  return is_value(text, secret) && !is_prose(secret) && !is_one_of(words, lowered(secret));
}

bool is_token(std::string_view text, std::string_view secret) {
  const bool is_number = std::ranges::all_of(secret, is_digit);
  return is_value(text, secret) && !is_prose(secret) && !(is_number && secret.size() < 6);
}

bool is_no_token_of_parser(std::string_view text, std::string_view secret) {
  constexpr std::string_view words = "unexpected token";
  constexpr std::size_t longest = 12;
  auto name = text_before(text, secret);
  while (!name.empty() && !is_ascii_letter(name.back())) name.remove_suffix(1);
  const auto end = lowered(name.substr(name.size() - std::min(name.size(), words.size())));
  return is_value(text, secret) && (end != words || secret.size() > longest || has_digit(secret));
}

bool is_named_token(std::string_view text, std::string_view secret) {
  if (!is_token(text, secret) || secret.size() < 6) return false;
  if (!has_digit(secret)) return secret.size() >= longest_word && ends_as_in_list(text, secret);
  // "secret: shop-tls-2" names an object of Kubernetes.
  auto name = text_before(text, secret);
  while (!name.empty() && !is_ascii_letter(name.back())) name.remove_suffix(1);
  const auto first = secret.substr(0, secret.find('-'));
  return !lowered(name).ends_with("secret") || first.size() == secret.size() || !std::ranges::all_of(first, is_lower);
}

bool is_random(std::string_view text, std::string_view secret) {
  return secret.size() >= 8 && (has_digit(secret) || secret.size() >= longest_word) && is_value(text, secret);
}

bool is_long_random(std::string_view text, std::string_view secret) {
  return secret.size() >= 16 && is_random(text, secret);
}

bool is_random_key(std::string_view text, std::string_view secret) {
  const bool has_upper = std::ranges::any_of(secret, is_upper);
  const bool is_slug = !has_upper && secret.find_first_of("-:/.") != std::string_view::npos;
  return is_long_random(text, secret) && std::ranges::any_of(secret, is_ascii_letter) && !is_uuid(secret) &&
         !is_checksum(secret) && !is_slug;
}

bool is_opaque(std::string_view, std::string_view secret) {
  std::size_t longest = 0;
  for (std::size_t at = 0; at < secret.size();) {
    const auto end = std::min(secret.find('-', at), secret.size());
    longest = std::max(longest, end - at);
    at = end + 1;
  }
  return longest >= 16 && has_digit(secret);
}

bool is_base64(std::string_view, std::string_view secret) {
  return has_digit(secret) && std::ranges::any_of(secret, is_lower) && std::ranges::any_of(secret, is_upper);
}

bool is_cookie_value(std::string_view text, std::string_view secret) {
  static constexpr std::array<std::string_view, 6> attributes = {"path",    "domain",   "expires",
                                                                 "max-age", "samesite", "priority"};
  auto name = text_before(text, secret);
  name.remove_suffix(1);  // '='
  const auto begin = name.find_last_of(" ;:=\"'");
  return !is_one_of(attributes, lowered(name.substr(begin == std::string_view::npos ? 0 : begin + 1)));
}

bool is_basic_login(std::string_view, std::string_view secret) {
  std::string bytes;
  unsigned bits = 0, count = 0;
  for (const char c : secret) {
    const int digit = base64_digit(c);
    if (digit < 0) break;
    bits = (bits << 6) | static_cast<unsigned>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>((bits >> count) & 0xff);
  }
  const bool is_text = std::ranges::all_of(bytes, [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
  return is_text && bytes.find(':') != std::string::npos;
}

bool is_digest_answer(std::string_view, std::string_view secret) {
  return secret.find("response=") != std::string_view::npos;
}

}  // namespace triaged::formats

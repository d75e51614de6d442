#include "topology/nginx_directives.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "topology/configuration_text.hpp"
#include "topology/nginx_include.hpp"

namespace triaged::topology {

namespace {

constexpr std::size_t most_files = 1000;  // sites of a large host
constexpr int deepest_include = 16;

struct Token {
  std::string text;
  char special = 0;  // one of ; { } when it is not a word
};

/// Words, quoted or not, and ; { }. A comment goes to the end of its line.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : rest_(text), counted_(text) {}

  /// In which the last token ends.
  [[nodiscard]] std::size_t line() {
    line_ += static_cast<std::size_t>(
        std::count(counted_.begin(), counted_.end() - static_cast<std::ptrdiff_t>(rest_.size()), '\n'));
    counted_ = rest_;
    return line_;
  }

  std::optional<Token> next() {
    skip_blank();
    if (rest_.empty()) return std::nullopt;
    if (const char c = rest_.front(); is_special(c)) {
      rest_.remove_prefix(1);
      return Token{{}, c};
    }
    return Token{word()};
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
  static bool is_special(char c) { return c == ';' || c == '{' || c == '}'; }

  void skip_blank() {
    while (!rest_.empty() && (is_blank(rest_.front()) || rest_.front() == '#')) {
      rest_.remove_prefix(rest_.front() == '#' ? std::min(rest_.find('\n'), rest_.size()) : 1);
    }
  }

  std::string word() {
    std::string word;
    const char quote = rest_.front() == '"' || rest_.front() == '\'' ? rest_.front() : '\0';
    if (quote != 0) rest_.remove_prefix(1);
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (quote == 0 && (is_blank(c) || c == ';' || (c == '{' && !word.ends_with('$')))) break;
      rest_.remove_prefix(1);
      if (quote != 0 && c == quote) break;
      if (c == '\\' && !rest_.empty()) {
        word += c;  // nginx keeps it before most letters, and no address has one
        word += rest_.front();
        rest_.remove_prefix(1);
      } else {
        word += c;
      }
    }
    return word;
  }

  std::string_view rest_;
  std::string_view counted_;  // the line ends before it are
  std::size_t line_ = 1;
};

/// In quotes nginx takes a backslash for what follows.
std::string without_escapes(std::string_view word) {
  std::string text;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char next = i + 1 < word.size() ? word[i + 1] : '\0';
    const bool is_escape = word[i] == '\\' && (next == '"' || next == '\'' || next == '\\' || next == 't');
    text += !is_escape ? word[i] : next == 't' ? '\t' : next;
    i += is_escape ? 1 : 0;
  }
  return text;
}

class DirectiveReader {
 public:
  DirectiveReader(std::filesystem::path main_file, NginxVisitor& visitor, const HostFiles& host)
      : main_file_(std::move(main_file)), host_(host), visitor_(visitor) {}

  void read(const std::filesystem::path& file, int depth) {
    if (depth > deepest_include || files.read.size() + files.troubles.size() >= most_files) return;
    std::string trouble;
    const auto text = configuration_text(file, host_, trouble);
    if (!text) return files.troubles.push_back(std::move(trouble));
    files.read.push_back(file.string());
    Tokens tokens(*text);
    NginxWords words;
    const auto name = file.string();
    NginxPlace place{.file = name};
    while (auto token = tokens.next()) {
      if (words.empty()) place.line = tokens.line();
      if (token->special == 0) {
        words.push_back(std::move(token->text));
        continue;
      }
      if (token->special == '{') visitor_.open(words);
      if (token->special == ';') say(words, place, depth);
      if (token->special == '}') visitor_.close();
      words.clear();
    }
  }

  NginxFiles files;

 private:
  void say(const NginxWords& words, const NginxPlace& place, int depth) {
    if (words.size() > 1 && words[0] == "include") return include(words[1], depth);
    visitor_.say(words, place);
  }

  void include(const std::string& pattern, int depth) {
    const auto full = include_pattern(pattern, main_file_);
    if (auto why = why_not_searched(full); !why.empty()) return add_once(files.troubles, std::move(why));
    auto found = included_files(full, host_.root);
    if (found.empty() && pattern.find_first_of("*?[") == std::string::npos) found.push_back(full.string());
    for (const auto& file : found) read(file, depth + 1);
  }

  const std::filesystem::path main_file_;
  const HostFiles& host_;
  NginxVisitor& visitor_;
};

}  // namespace

NginxFiles read_directives(const std::filesystem::path& main_file, NginxVisitor& visitor, const HostFiles& host) {
  DirectiveReader reader(main_file, visitor, host);
  reader.read(main_file, 0);
  return std::move(reader.files);
}

NginxLogFormat log_format_in(const NginxWords& words) {
  NginxLogFormat format;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i].starts_with("escape=")) {
      format.is_escaped = words[i] != "escape=none";
    } else {
      format.text += without_escapes(words[i]);
    }
  }
  return format;
}

}  // namespace triaged::topology

#include "knowledge/patterns/pattern_rewrite.hpp"

#include <algorithm>
#include <vector>

#include "knowledge/patterns/pattern_scan.hpp"

namespace triaged::knowledge {

namespace {

bool is_capturing(std::string_view open) {
  return open == "(" || (open.size() > 4 && (open.ends_with('>') || open.ends_with('\'')));
}

/// Rewrites token by token, remembering what each group said so that a back-reference can be written out.
class Rewriter {
 public:
  void take(std::string_view token, TokenKind kind) {
    switch (kind) {
      case TokenKind::open:
        return open(token);
      case TokenKind::close:
        return close();
      case TokenKind::escape:
        return escape(token);
      case TokenKind::quantifier:
        return quantifier(token);
      default:
        result_ += token;
    }
  }

  RewrittenPattern finish() && { return {std::move(result_), std::move(advice_)}; }
  [[nodiscard]] bool is_hopeless() const { return hopeless_; }

 private:
  void advise(std::string_view advice) {
    if (advice_.empty()) advice_ = advice;
  }

  void open(std::string_view token) {
    if (token.starts_with("(?#")) {
      advise("leave the comment out");
      return;
    }
    const bool is_group = !(token.starts_with("(?") && token.ends_with(')'));
    if (is_group) open_groups_.push_back({result_.size(), is_capturing(token)});
    if (token == "(?=" || token == "(?<=") {
      advise("look-around is not supported: match the text itself, with (?:…)");
      result_ += "(?:";
    } else if (token == "(?!" || token == "(?<!") {
      advise(
          "negative look-around is not supported: say what does stand there, or exclude lines with "
          "'where: {FIELD: {not: …}}'");
      hopeless_ = true;
    } else if (token == "(?>") {
      advise("atomic groups are not supported, and are not needed without backtracking: use (?:…)");
      result_ += "(?:";
    } else {
      result_ += token;
    }
  }

  void close() {
    result_ += ')';
    if (open_groups_.empty()) return;
    const auto [begin, captures] = open_groups_.back();
    open_groups_.pop_back();
    if (!captures) return;
    auto text = result_.substr(begin);
    TokenKind kind = TokenKind::open;
    const auto head = token_length(text, kind);
    group_texts_.push_back({begin, "(?:" + text.substr(head)});
  }

  void escape(std::string_view token) {
    const char letter = token.size() > 1 ? token[1] : '\0';
    if (letter >= '1' && letter <= '9') {
      advise("back-references are not supported: write the group's expression again");
      back_reference(static_cast<std::size_t>(letter - '0'));
    } else if (letter == 'k' || letter == 'g') {
      advise("back-references are not supported: write the group's expression again");
      hopeless_ = true;
    } else if (letter == 'K') {
      advise("\\K is not supported: leave it out");
    } else if (letter == 'Z' || letter == 'G') {
      advise("use ^ and $ as anchors");
      result_ += letter == 'Z' ? "$" : "^";
    } else if (letter == 'h') {
      advise("\\h is not supported: use [ \\t]");
      result_ += "[ \\t]";
    } else {
      result_ += token;
    }
  }

  void back_reference(std::size_t number) {
    auto in_order = group_texts_;
    std::sort(in_order.begin(), in_order.end());
    if (number > in_order.size()) {
      hopeless_ = true;
    } else {
      result_ += in_order[number - 1].second;
    }
  }

  void quantifier(std::string_view token) {
    if (token.size() > 1 && token.back() == '+') {
      advise("possessive quantifiers are not supported, and are not needed without backtracking: leave the '+' out");
      token.remove_suffix(1);
    }
    result_ += token;
  }

  struct OpenGroup {
    std::size_t begin;
    bool captures;
  };

  std::string result_, advice_;
  bool hopeless_ = false;
  std::vector<OpenGroup> open_groups_;
  std::vector<std::pair<std::size_t, std::string>> group_texts_;  // by where the group opens
};

}  // namespace

RewrittenPattern rewritten_pattern(std::string_view regex) {
  Rewriter rewriter;
  for_each_token(regex, [&](std::string_view token, TokenKind kind) { rewriter.take(token, kind); });
  const bool hopeless = rewriter.is_hopeless();
  auto rewritten = std::move(rewriter).finish();
  if (hopeless) rewritten.regex = regex;
  return rewritten;
}

}  // namespace triaged::knowledge

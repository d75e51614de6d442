#include "formats/access/template_pieces.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "formats/access/template_variables.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

bool is_name_letter(char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '_'; }
bool is_letter(char c) { return is_lower(c) || is_upper(c); }

class Pieces {
 public:
  Pieces(std::string_view text, TemplateDialect dialect) : text_(text), dialect_(dialect) {}

  Result<std::vector<TemplatePiece>> read() {
    while (at_ < text_.size() && trouble_.empty()) {
      const char sign = dialect_ == TemplateDialect::nginx ? '$' : '%';
      if (text_[at_] != sign) {
        add_literal(text_.substr(at_, 1));
        ++at_;
        continue;
      }
      begin_ = at_++;
      switch (dialect_) {
        case TemplateDialect::nginx:
          read_nginx();
          break;
        case TemplateDialect::haproxy:
          read_haproxy();
          break;
        case TemplateDialect::apache:
          read_apache();
          break;
      }
    }
    if (!trouble_.empty()) return error(std::move(trouble_));
    return std::move(pieces_);
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

  void fail(std::string_view what) { trouble_ = fmt::format("{} at character {}", what, begin_ + 1); }

  void add_literal(std::string_view text) {
    if (pieces_.empty() || !pieces_.back().is_literal)
      pieces_.push_back({.is_literal = true, .literal = {}, .variable = {}});
    pieces_.back().literal += text;
  }

  void add_variable(std::string_view name, bool is_quoted = false) {
    if (is_quoted) add_literal("\"");
    pieces_.push_back({.is_literal = false, .literal = {}, .variable = variable_of(dialect_, name)});
    if (is_quoted) add_literal("\"");
  }

  /// What stands before the next `end`, which is passed.
  bool take_until(char end, std::string_view& into) {
    const auto found = text_.find(end, at_);
    if (found == std::string_view::npos) {
      fail(fmt::format("no '{}' closes what begins", end));
      return false;
    }
    into = text_.substr(at_, found - at_);
    at_ = found + 1;
    return true;
  }

  std::string_view take_name() {
    const auto begin = at_;
    while (at_ < text_.size() && is_name_letter(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void read_nginx() {
    std::string_view name;
    if (rest().starts_with('{')) {
      ++at_;
      if (!take_until('}', name)) return;
    } else {
      name = take_name();
    }
    if (name.empty()) return fail("a '$' without the name of a variable");
    add_variable(name);
  }

  /// `%{+Q}r`, `%[src]`, `%{+Q}[src]`, `%(name)ci`, `%%`; `%{+Q}o` is for all that follow.
  void read_haproxy() {
    if (rest().starts_with('%')) return add_literal(text_.substr(at_++, 1));
    std::string_view flags, name;
    if (rest().starts_with('(')) {  // a name of the operator's, since 3.0
      ++at_;
      if (!take_until(')', name)) return;
    }
    if (rest().starts_with('{')) {
      ++at_;
      if (!take_until('}', flags)) return;
    }
    bool is_quoted = quotes_all_;
    if (contains(flags, "+Q")) is_quoted = true;
    if (contains(flags, "-Q")) is_quoted = false;
    if (rest().starts_with('[')) return read_expression(is_quoted);
    name = haproxy_name_at(rest());
    if (name.empty()) return fail("a '%' without a variable of HAProxy's");
    at_ += name.size();
    if (name == "o") {
      quotes_all_ = is_quoted;
    } else {
      add_variable(name, is_quoted);
    }
  }

  /// `[capture.req.hdr(0),json]`: brackets may stand in it.
  void read_expression(bool is_quoted) {
    const auto begin = at_;
    int depth = 0;
    for (; at_ < text_.size(); ++at_) {
      depth += text_[at_] == '[' ? 1 : text_[at_] == ']' ? -1 : 0;
      if (depth == 0) break;
    }
    if (depth != 0) return fail("no ']' closes what begins");
    add_variable(text_.substr(begin, ++at_ - begin), is_quoted);
  }

  /// `%>s`, `%!404{Referer}i`, `%^ti`, `%%`; `%(s)s`, `%({referer}i)s`. Both write the time in brackets.
  void read_apache() {
    if (rest().starts_with('%')) return add_literal(text_.substr(at_++, 1));
    std::string_view name;
    if (rest().starts_with('(')) {
      ++at_;
      if (!take_until(')', name)) return;
      if (!rest().starts_with('s')) return fail("'%(…)' without an 's' behind it");
      ++at_;
    } else {
      at_ = std::min(text_.find_first_not_of("<>!,0123456789", at_), text_.size());
      const auto begin = at_;
      if (rest().starts_with('{') && !take_until('}', name)) return;
      if (rest().starts_with('^')) ++at_;
      const std::size_t letters = at_ > begin && text_[at_ - 1] == '^' ? 2 : 1;
      if (rest().size() < letters || !is_letter(rest()[0])) return fail("a '%' without a letter");
      at_ += letters;
      name = text_.substr(begin, at_ - begin);
    }
    const bool is_time = name == "t";
    if (is_time) add_literal("[");
    add_variable(name);
    if (is_time) add_literal("]");
  }

  std::string_view text_;
  TemplateDialect dialect_;
  std::size_t at_ = 0, begin_ = 0;  // begin_: of the variable being read
  bool quotes_all_ = false;
  std::vector<TemplatePiece> pieces_;
  std::string trouble_;
};

}  // namespace

Result<std::vector<TemplatePiece>> pieces_of(std::string_view text, TemplateDialect dialect) {
  return Pieces(text, dialect).read();
}

std::optional<TemplateDialect> dialect_of_text(std::string_view text) {
  for (auto at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    if (at + 1 < text.size() && (text[at + 1] == '{' || is_lower(text[at + 1]))) return TemplateDialect::nginx;
  }
  if (!contains(text, "%")) return std::nullopt;
  if (contains(text, "%[")) return TemplateDialect::haproxy;
  if (contains(text, "%(")) return TemplateDialect::apache;
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    auto rest = text.substr(at + 1);
    if (rest.starts_with("{+") || rest.starts_with("{-")) return TemplateDialect::haproxy;
    if (is_haproxys_own(haproxy_name_at(rest))) return TemplateDialect::haproxy;
  }
  return TemplateDialect::apache;
}

}  // namespace triaged::formats

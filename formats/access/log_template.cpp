#include "formats/access/log_template.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <re2/re2.h>

#include "formats/access/access_fields.hpp"
#include "formats/access/template_pieces.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

constexpr std::size_t most_pieces = 100;

/// A character class and how often, without a choice between two ways to read the same characters: see the header.
std::string_view expression_of(PieceShape shape, bool ends_at_quote) {
  switch (shape) {
    case PieceShape::text:
      return ends_at_quote ? R"((?:[^"\\]|\\.)*)" : ".*";
    case PieceShape::word:
      return R"([^ "]*)";
    case PieceShape::phrase:
      return "[A-Za-z' -]*";
    case PieceShape::number:
      return "[-+.0-9]*";
    case PieceShape::status:
      return "[-0-9]{1,3}";
    case PieceShape::list:
      return "(?:[-.0-9]+(?:(?:,| :) [-.0-9]+)*)?";
    case PieceShape::addresses:
      return R"((?:[^ ,"]+(?:(?:,| :) [^ ,"]+)*)?)";
    case PieceShape::time:
      return "[-+:./0-9A-Za-z]{8,}(?: [-+0-9:]+)?";
  }
  return ".*";
}

/// HAProxy writes one blank where a piece between two of them is empty.
bool may_vanish(const TemplatePiece& piece, TemplateDialect dialect) {
  const auto name = piece.variable.name;
  return dialect == TemplateDialect::haproxy && (name == "hr" || name == "hs" || name == "hrl" || name == "hsl");
}

std::string expression_of(const std::vector<TemplatePiece>& pieces, TemplateDialect dialect, bool is_escaped) {
  std::string expression = "(?s)";
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& piece = pieces[i];
    if (piece.is_literal) {
      expression += RE2::QuoteMeta(piece.literal);
      continue;
    }
    if (may_vanish(piece, dialect) && i + 1 < pieces.size() && pieces[i + 1].literal.starts_with(' ')) {
      expression += R"((?:\{.*\} )?)" + RE2::QuoteMeta(pieces[++i].literal.substr(1));
      continue;
    }
    const bool is_quoted = i > 0 && pieces[i - 1].literal.ends_with('"') && i + 1 < pieces.size() &&
                           pieces[i + 1].literal.starts_with('"');
    const bool is_wanted = piece.variable.use != PieceUse::none;
    expression += is_wanted ? "(" : "(?:";
    // What HAProxy takes out of a request by an expression it writes as it came.
    const bool is_raw = piece.variable.name.starts_with('[');
    expression += expression_of(piece.variable.shape, is_quoted && is_escaped && !is_raw);
    expression += ')';
  }
  return expression;
}

std::unique_ptr<RE2> compiled(const std::string& expression) {
  RE2::Options options(RE2::Latin1);  // lines are bytes
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{1} << 20);
  return std::make_unique<RE2>(expression, options);
}

using Groups = std::array<re2::StringPiece, most_pieces + 1>;

bool match(const RE2& expression, std::string_view line, std::size_t count, Groups& groups) {
  const re2::StringPiece text(line.data(), line.size());
  return expression.Match(text, 0, text.size(), RE2::ANCHOR_BOTH, groups.data(), static_cast<int>(count + 1));
}

std::string_view view_of(const re2::StringPiece& piece) { return {piece.data(), piece.size()}; }

/// HAProxy gives the moment when the request came; the line was written when it was over.
void add_duration(std::string_view milliseconds, ReadLine& into) {
  constexpr std::int64_t longest = std::int64_t{1000} * 86400 * 366;
  std::int64_t number = 0;
  std::from_chars(milliseconds.data(), milliseconds.data() + milliseconds.size(), number);
  if (into.time && number > 0 && number < longest) *into.time += std::chrono::milliseconds(number);
}

/// `backend/server`, as HAProxy's own lines have it.
void add_server(std::string_view backend, std::string_view server, ReaderMemory& memory, ReadLine& into) {
  if (backend.empty() || server.empty()) return;
  if (backend.data() + backend.size() + 1 == server.data() && server.data()[-1] == '/') {
    into.fields.push_back({"server", {backend.data(), backend.size() + 1 + server.size()}});
    return;
  }
  memory.joined_name.assign(backend).append("/").append(server);
  into.fields.push_back({"server", memory.joined_name});
}

}  // namespace

LogTemplate::LogTemplate(Format format, TemplateDialect dialect) : format_(format), dialect_(dialect) {}
LogTemplate::LogTemplate(LogTemplate&&) noexcept = default;
LogTemplate& LogTemplate::operator=(LogTemplate&&) noexcept = default;
LogTemplate::~LogTemplate() = default;

std::optional<TemplateDialect> LogTemplate::dialect_of(std::string_view text) { return dialect_of_text(text); }

Result<LogTemplate> LogTemplate::compile(std::string_view text, TemplateDialect dialect, Format format,
                                         bool is_escaped) {
  const auto pieces = pieces_of(text, dialect);
  if (!pieces) return pieces.error();
  if (pieces->size() > most_pieces) return error(fmt::format("it has more than {} variables and texts", most_pieces));
  const auto uses = [&](std::string_view field) {
    return std::any_of(pieces->begin(), pieces->end(), [&](auto& piece) { return piece.variable.field == field; });
  };
  if (!uses("status") && !uses("termination") && !uses("upstream")) {
    return error("it has no status, so nothing in its lines tells a failure");
  }
  LogTemplate made(format, dialect);
  for (const auto& piece : *pieces) {
    if (!piece.is_literal && piece.variable.use != PieceUse::none) {
      made.wanted_.push_back({piece.variable.use, piece.variable.field});
    }
  }
  const auto expression = expression_of(*pieces, dialect, is_escaped);
  made.longest_ = compiled(expression);
  made.shortest_ = compiled("(?U)" + expression);
  if (!made.longest_->ok() || !made.shortest_->ok()) return error("it is too long");
  return made;
}

namespace {

Format format_by_default(std::string_view text, TemplateDialect dialect) {
  switch (dialect) {
    case TemplateDialect::nginx:
      return Format::nginx_access;
    case TemplateDialect::haproxy:
      return Format::haproxy_http;
    case TemplateDialect::apache:
      return contains(text, "%(") ? Format::gunicorn_access : Format::proxy_access;
  }
  return Format::nginx_access;
}

}  // namespace

Result<LogFormat> read_log_format(std::string_view text, std::optional<Format> format, bool is_escaped) {
  const auto dialect = LogTemplate::dialect_of(text);
  if (!dialect) return error("it has no variable ($status, %ST, %>s or %(s)s)");
  // Gunicorn escapes a quote, and no backslash in front of one.
  const bool is_gunicorns = *dialect == TemplateDialect::apache && contains(text, "%(");
  auto made = LogTemplate::compile(text, *dialect, format.value_or(format_by_default(text, *dialect)),
                                   is_escaped && !is_gunicorns);
  if (!made) return made.error();
  return std::make_shared<const LogTemplate>(std::move(*made));
}

bool LogTemplate::read(std::string_view line, ReaderMemory& memory, ReadLine& into) const {
  Groups groups, shortest;
  if (!match(*longest_, line, wanted_.size(), groups)) return false;
  into.format = format_;
  if (!match(*shortest_, line, wanted_.size(), shortest)) return true;
  for (std::size_t i = 1; i <= wanted_.size(); ++i) {
    if (groups[i].data() != shortest[i].data() || groups[i].size() != shortest[i].size()) return true;
  }
  AccessFields fields(memory, into);
  for (std::size_t i = 0; i < wanted_.size(); ++i) fields.add(wanted_[i].use, wanted_[i].field, view_of(groups[i + 1]));
  if (dialect_ != TemplateDialect::haproxy) return true;
  if (into.field("status").empty() && into.field("method").empty()) into.format = Format::haproxy_tcp;
  add_server(into.field("backend"), into.field("server_name"), memory, into);
  add_duration(into.field("time_total"), into);
  return true;
}

}  // namespace triaged::formats

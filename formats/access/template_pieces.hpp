// The text of a log format in pieces: what stands in every line, and variables.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "formats/access/log_template.hpp"

namespace triaged::formats {

struct TemplatePiece {
  bool is_literal = false;
  std::string literal;        // empty for a variable
  TemplateVariable variable;  // its name is a view into the text that was given
};

/// Literals never stand beside each other. Error: what cannot be read, and where (the first character is 1).
[[nodiscard]] Result<std::vector<TemplatePiece>> pieces_of(std::string_view text, TemplateDialect dialect);

/// As LogTemplate::dialect_of.
[[nodiscard]] std::optional<TemplateDialect> dialect_of_text(std::string_view text);

}  // namespace triaged::formats

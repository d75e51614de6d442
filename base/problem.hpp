// A mistake in a file that a person wrote (configuration or rule), with all that is needed to fix it: the place, what
// is wrong, the text at fault. Loaders collect every problem of a file before they give up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace triaged::inline base {

enum class ProblemLevel {
  note,  // nothing is wrong; somebody may want to know
  warning,
  error,
};

[[nodiscard]] std::string_view name_of(ProblemLevel level);

struct Problem {
  ProblemLevel level = ProblemLevel::error;
  std::string file;        // as the operator named it; empty for standard input
  unsigned line = 0;       // 1-based; 0 when the whole file is meant
  unsigned column = 0;     // 1-based, in bytes
  std::string message;     // what is wrong and, where it is known, what to write instead
  std::string excerpt;     // the text at fault, one line; may be empty
  std::string suggestion;  // what to do about it, when the message does not say; may be empty

  friend bool operator==(const Problem&, const Problem&) = default;
};

using Problems = std::vector<Problem>;

/// "rules/a.yaml:12:7: error: unknown field 'sevrity'; did you mean 'severity'? (sevrity: critical)"
[[nodiscard]] std::string to_text(const Problem& problem);

[[nodiscard]] bool has_errors(const Problems& problems);

/// "; did you mean 'x'?" when one of `known` is at most two edits away from `word`, else empty.
[[nodiscard]] std::string suggestion_for(std::string_view word, const std::vector<std::string_view>& known);

/// The same, and where nothing is near, the choices: "; there are: a, b and c".
[[nodiscard]] std::string nearest_or_choices(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace triaged::inline base

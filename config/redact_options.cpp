#include "config/redact_options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "knowledge/patterns/pattern.hpp"

namespace triaged::config {

namespace {

using formats::RedactOptions;

// RE2 needs time in proportion to the text, whatever the pattern; these bound its memory.
constexpr std::size_t most_patterns = 100;
constexpr std::size_t longest_pattern = 1000;

/// What is wrong with a pattern; empty: nothing is. RE2's reason ends with a piece of the pattern, which is not quoted.
std::string mistake_in(const std::string& regex) {
  if (regex.size() > longest_pattern) {
    return fmt::format("a pattern of 'extra' of 'redact' has at most {} bytes", longest_pattern);
  }
  if (const auto refusal = knowledge::re2_refusal_of(regex)) {
    const auto reason = refusal->find(": ");
    return fmt::format("RE2 does not take this pattern: {}",
                       std::string_view(*refusal).substr(reason + 2, refusal->find(": ", reason + 2) - reason - 2));
  }
  if (knowledge::matches_empty_line(regex, false)) {
    return "this pattern matches the empty text: let it require what a secret begins with";
  }
  return {};
}

void read_extra(YamlMapReader& reader, const OptionFacts& option, RedactOptions& options) {
  const auto patterns = reader.text_values(option.name);
  if (patterns.size() > most_patterns) {
    reader.report(ProblemLevel::error, option.name,
                  fmt::format("'extra' of 'redact' has at most {} patterns", most_patterns));
    return;
  }
  for (const auto* pattern : patterns) {
    if (auto mistake = mistake_in(pattern->text); !mistake.empty()) {
      reader.report(ProblemLevel::error, *pattern, std::move(mistake));
    } else {
      options.extra.push_back(knowledge::to_re2_syntax(pattern->text));
    }
  }
}

void read_except(YamlMapReader& reader, const OptionFacts& option, RedactOptions& options) {
  for (const auto* item : reader.text_values(option.name)) {
    if (const auto kind = formats::usual_secret_kind_named(item->text)) {
      options.except.push_back(*kind);
    } else {
      reader.report(ProblemLevel::error, *item, unknown_word("there is no kind of secret", *item, option.words));
    }
  }
}

}  // namespace

const OptionTable<RedactOptions>& redact_options() {
  using Value = OptionsOf<RedactOptions>;
  static const OptionTable<RedactOptions> table = {
      {"default", Value::boolean(&RedactOptions::is_on),
       "Whether the usual kinds of secrets are redacted (docs/redaction.md); without them only what `extra` finds is."},
      {"extra",
       {{.shape = OptionFacts::Shape::texts}, read_extra},
       "Regular expressions of further secrets, as RE2 takes them. What the group `(?<secret>…)` matches is redacted; "
       "without such a group, all that matches.",
       "none"},
      {"except",
       {{.shape = OptionFacts::Shape::words, .words = formats::usual_secret_kinds()}, read_except},
       "Kinds that are left as they are, such as `email`.",
       "none"},
  };
  return table;
}

}  // namespace triaged::config

// Takes secrets out of findings. The lines of a batch are matched, and doubted, as they were written; what was found in
// them is redacted when the batch is done, before anybody else sees it. Private to this room.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "formats/line_reader.hpp"
#include "formats/redaction/redactor.hpp"
#include "values/finding.hpp"

namespace triaged::matcher {

/// A suspect line is cut to this before a secret is looked for, and to longest_symptom_line behind that: nothing that
/// is kept was cut in the middle of a secret.
inline constexpr std::size_t longest_redacted_line = 4 * longest_symptom_line;

class FindingRedaction {
 public:
  explicit FindingRedaction(std::shared_ptr<const formats::Redactor> redactor) : redactor_(std::move(redactor)) {}

  /// Another line is the present one.
  void enter_line() { is_suspect_.reset(); }
  /// Whether the present line, at `offset`, may hold a secret, which nearly none does. It costs one pass over its text,
  /// however many rules recognise it.
  [[nodiscard]] bool is_suspect(const formats::ReadLine& line, std::uint64_t offset);
  /// Redacts what was found in suspect lines, and forgets these.
  void apply(std::vector<Finding>& findings);

  [[nodiscard]] const formats::Redactor& redactor() const { return *redactor_; }

 private:
  void redact(MatchedLine& matched) const;

  std::shared_ptr<const formats::Redactor> redactor_;
  std::optional<bool> is_suspect_;       // the present line, once that was asked
  std::vector<std::uint64_t> suspects_;  // offsets of lines of the present batch, in order
};

}  // namespace triaged::matcher

// Which terms of CRE rules stand in the text of an entry, exactly as the engine of that format finds them: values as
// plain text, patterns as Go's regexp reads them (characters, not bytes; `$` only at the very end; `\s` without the
// vertical tab), jq programs on JSON. One Hyperscan database for all of them, where the text is ASCII and the two
// languages agree; RE2, which reads patterns as Go does, for the rest.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "knowledge/dialects/cre_rule.hpp"

namespace triaged::cre {

class CreScanner {
 public:
  CreScanner();
  ~CreScanner();
  CreScanner(const CreScanner&) = delete;
  CreScanner& operator=(const CreScanner&) = delete;

  /// The term's number; equal terms have the same. REQUIRES: before compile(); the reader of rules took the term.
  [[nodiscard]] unsigned add(const knowledge::CreTerm& term);
  void compile();

  /// By number: does the text have the term? Valid until the next call.
  [[nodiscard]] const std::vector<bool>& scan(std::string_view text);

  /// Patterns that RE2 looks for in every text, because Hyperscan does not take them or reads them in another way.
  [[nodiscard]] std::size_t slow_patterns() const;

 private:
  struct Terms;
  std::unique_ptr<Terms> terms_;
};

/// `pattern` of Go's regexp as Hyperscan must be given it to find the same in ASCII text without a line end in it;
/// nullopt: there is no such thing.
[[nodiscard]] std::optional<std::string> hyperscan_form_of(std::string_view pattern);

}  // namespace triaged::cre

// From files to rules. Dialects are recognised by shape, not by name. A file with an error gives no rules and takes no
// other file down; every mistake of every file is reported, with its place.
#pragma once

#include <filesystem>
#include <vector>

#include "base/problem.hpp"
#include "knowledge/model/public_scope.hpp"
#include "knowledge/model/rule.hpp"

namespace triaged::knowledge {

class AcceptedPatterns;

struct RuleLoading {
  PublicScope scope;
  std::filesystem::path cache;  // folder that remembers which patterns the engines take; empty: ask about all of them
};

struct LoadedRules {
  std::shared_ptr<const RuleSet> rules;  // never null; holds what the good files gave
  Problems problems;
  std::size_t files = 0;  // read, good or bad

  /// Public rules whose own pattern no engine takes, recognised by their signature.
  [[nodiscard]] std::size_t by_signature() const;
};

/// Loads every *.yaml, *.yml and *.json below `paths` (folders are walked in name order; a file may be named itself).
/// A path that does not exist or cannot be read is a problem. The first of two rules with one id wins, the second is an
/// error at its place. Checks what can be checked without matching: types, ranges, references, and that both regular
/// expression engines take every pattern (a refusal carries Hyperscan's or RE2's own reason). Public rules get their
/// standing from `loading.scope`, and their graph its reverse edges.
[[nodiscard]] LoadedRules load_rules(const std::vector<std::filesystem::path>& paths, const RuleLoading& loading = {});

/// One file's text, as load_rules reads it; for tests and the linter. `accepted`, when given, saves asking the engines
/// again.
[[nodiscard]] std::vector<Rule> read_rule_file(std::string_view text, const std::string& file, Problems& problems,
                                               AcceptedPatterns* accepted = nullptr);

}  // namespace triaged::knowledge

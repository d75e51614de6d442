// Which rules a message is about, best first: what `triaged explain` and `triaged rules search` ask. A message is what
// a person pastes: a line, a stack trace, a sentence; numbers, paths and versions in it are never the ones of the
// record.
//
// A score is the sum of parts, each of them shown (those of the text share an upper bound, see rank_rules.cpp):
//
// - words: shared with the whole rule, rare words counting most (BM25), against the best rule for the message
// - signature: the share of the signature's words that the message holds, weighted likewise
// - phrase: the share of the signature's pairs of neighbouring words that the message holds
// - pattern: the rule's pattern matches: how much fixed text it matched (one that matches anything gives little)
// - domain: the share of the message's best rules that are of this rule's domain, and marks of its programs
//   ("error TS2307", "goroutine 1 [running]", "psql: ")
// - environment: the message names the rule's runtime or operating system
// - success: its fix rate and confidence decide between equals
//
// Equal scores are ordered by id, so that the same question always has the same answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "knowledge/model/rule.hpp"

namespace triaged::knowledge {

struct ScoreParts {
  double words = 0, signature = 0, phrase = 0, pattern = 0, domain = 0, environment = 0, success = 0;

  [[nodiscard]] double sum() const { return words + signature + phrase + pattern + domain + environment + success; }
};

struct RankedRule {
  const Rule* rule = nullptr;
  ScoreParts parts;
  bool pattern_matches = false;

  [[nodiscard]] double score() const { return parts.sum(); }
};

/// One thread at a time: a pattern is compiled when a message first asks for it.
class RuleRanking {
 public:
  /// Rules that are off because their domain is of everyday life may be left out; those of development are met in
  /// pasted messages and are always ranked. `rules` must outlive the ranking.
  enum class Everyday { ranked, left_out };
  explicit RuleRanking(const RuleSet& rules, Everyday everyday = Everyday::left_out);
  ~RuleRanking();
  RuleRanking(RuleRanking&&) noexcept;
  RuleRanking& operator=(RuleRanking&&) noexcept;

  /// The best `most` rules that share at least one word with `message` (of which the first 10,000 bytes count).
  [[nodiscard]] std::vector<RankedRule> rank(std::string_view message, std::size_t most) const;

 private:
  struct Index;
  std::unique_ptr<Index> index_;
};

}  // namespace triaged::knowledge

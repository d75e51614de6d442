// What SignatureSet compiles to. Private to this room.
#pragma once

#include <array>
#include <bitset>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "matcher/database_cache.hpp"
#include "matcher/hyperscan.hpp"
#include "matcher/matcher.hpp"
#include "matcher/signature.hpp"

namespace triaged::matcher {

/// Signatures that begin with a condition (those without a pattern, and those whose pattern looks at the whole line,
/// which is then looked for only where the conditions hold), all with the same field in their first condition: when the
/// line has no such field, or a status that interests none of them, one look-up rules them all out.
struct ConditionGroup {
  std::string field;
  std::vector<std::size_t> signatures;
  /// Some signature's first condition holds for a line without the field.
  bool accepts_absence = false;
  /// For the field "status": those that some signature's first condition accepts.
  std::bitset<1000> statuses;

  /// False: none of its signatures matches the line.
  [[nodiscard]] bool may_hold(const formats::ReadLine& line) const;
};

/// Patterns that are compiled into one database. Those of the product's own rules are grouped by format; public ones by
/// the set of formats that they read, so that thousands of them are compiled once and not for every format.
struct PatternGroup {
  knowledge::Within within = knowledge::Within::message;
  bool is_public = false;
  std::vector<HyperscanPattern> patterns;  // a pattern's id is its index here
  std::vector<unsigned> signatures;        // by pattern id: the signature
  std::once_flag once;
  CompiledPatterns compiled;
};

/// Made once, by whoever needs it first; immutable from then on.
struct FormatSignatures {
  std::once_flag once;
  std::vector<const PatternGroup*> message;  // for the span where the program speaks
  std::vector<const PatternGroup*> line;     // for the whole line, without conditions
  std::vector<const PatternGroup*> speech;   // for the message and what stands before it
  std::vector<ConditionGroup> conditions;
  std::size_t count = 0;
};

struct SignatureSet::Compiled {
  std::shared_ptr<const knowledge::RuleSet> rules;
  std::vector<Signature> signatures;
  Report report;
  DatabaseCache cache{{}, {}};
  std::stop_token stop;
  std::vector<std::unique_ptr<PatternGroup>> groups;
  std::array<std::vector<PatternGroup*>, formats::format_count> groups_of_format;
  bool waits_for_public = false;  // public groups that are not cached were left out
  Mutex reporting;
  // Signatures: one refusal is reported once, whatever its formats.
  std::set<std::size_t> reported TRIAGED_GUARDED_BY(reporting);
  std::array<FormatSignatures, formats::format_count> by_format;

  /// The signatures of `format`, compiled if they are not yet. Any thread.
  [[nodiscard]] const FormatSignatures& of(formats::Format format);
  void make_groups(PublicRules which);
  /// Compiles all groups, on a few threads. What is refused is reported as it is found, in any order.
  void compile_all();

 private:
  void leave_out_uncached();
  void compile(formats::Format format, FormatSignatures& into);
  void compile(PatternGroup& group);
  void refuse(std::size_t signature, const std::string& reason);
};

}  // namespace triaged::matcher

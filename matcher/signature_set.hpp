// What SignatureSet compiles to. Private to this room.
#pragma once

#include <array>
#include <bitset>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "matcher/hyperscan.hpp"
#include "matcher/matcher.hpp"
#include "matcher/signature.hpp"

namespace triaged {

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
};

/// Compiled once, by whoever needs it first; immutable from then on.
struct FormatSignatures {
  mutable std::once_flag once;
  CompiledPatterns message;  // patterns for the span where the program speaks
  CompiledPatterns line;     // patterns for the whole line, without conditions
  CompiledPatterns speech;   // patterns for the message and what stands before it
  std::vector<ConditionGroup> conditions;
  std::size_t count = 0;
};

struct SignatureSet::Compiled {
  std::shared_ptr<const RuleSet> rules;
  std::vector<Signature> signatures;  // a pattern's id in a database is its index here
  Report report;
  std::mutex reporting;
  std::set<std::size_t> reported;  // signatures, under `reporting`: one refusal is told once, whatever its formats
  std::array<FormatSignatures, format_count> by_format;

  /// The signatures of `format`, compiled if they are not yet. Any thread.
  [[nodiscard]] const FormatSignatures& of(Format format);

 private:
  void compile(Format format, FormatSignatures& into);
  [[nodiscard]] CompiledPatterns compile_database(Format format, Within within);
  void refuse(std::size_t signature, const std::string& engine, const std::string& reason);
};

}  // namespace triaged

// The road of the engine that the CRE format comes from, for `triaged scan --parity cre`, one stage after the other on
// one thread: files by the time of their first line, lines to entries, entries to terms, terms to hits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "knowledge/dialects/cre_rule.hpp"
#include "values/incident.hpp"

namespace triaged::cre {

struct CreOutcome {
  std::vector<Incident> incidents;  // one for each rule that was hit, however often; the gravest first
  std::size_t files = 0;            // that were read
  std::uint64_t entries = 0;
  std::size_t slow_patterns = 0;        // CreScanner::slow_patterns
  std::vector<std::string> unreadable;  // files that the engine would not read, and why; the others are read
  std::vector<std::string> cut_short;   // files that could not be read to their end
};

[[nodiscard]] CreOutcome run_cre(const std::vector<knowledge::CreRule>& rules, const std::vector<std::string>& paths);

}  // namespace triaged::cre

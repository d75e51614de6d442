// Conditions over several lines in a few words, and the lines for them: for tests of the diagnosis stage.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "diagnosis/timed_matches.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged {

/// A term that stands for the lines called `name`; nothing is matched here, so any pattern does.
inline knowledge::TimedTerm term_named(std::string name, unsigned count = 1) {
  knowledge::TimedTerm term;
  term.line.regex = std::move(name);
  term.count = count;
  return term;
}

inline knowledge::Rule timed_rule(knowledge::TimedMatch timed, std::string id = "a/timed") {
  auto made = rule(std::move(id), {cause("because", 1)});
  made.timed_matches.push_back(std::move(timed));
  return made;
}

/// A line of `rule_id`'s term `term` (from 1), `at` so long after the start.
inline TermLine line_of(std::uint32_t term, Microseconds at, std::string upstream = "10.0.0.1:80",
                        std::string rule_id = "a/timed") {
  return {symptom(std::move(rule_id), start + at, std::move(upstream)), term};
}

/// `lines` of such lines, of a term that is counted.
inline TermCount count_of(std::uint32_t term, std::uint64_t lines, Microseconds at,
                          std::string upstream = "10.0.0.1:80", std::string rule_id = "a/timed") {
  return {symptom(std::move(rule_id), start + at, std::move(upstream)), term, lines};
}

}  // namespace triaged

// The state machines of the engine that the CRE format comes from, as it runs them: which lines a rule has collected
// and when they make a hit, with all its peculiarities (lines that go back in time are dropped, a sequence of one
// repeated line never forgets, times that are equal count as in order). Used by `triaged scan --parity cre` only;
// everything else uses LineWindow, which is strict.
//
// Which terms a line matches is decided elsewhere: the machine asks by number. Times are nanoseconds.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "knowledge/dialects/cre_rule.hpp"

namespace triaged::cre {

/// One line as a machine sees it.
struct CreLine {
  std::int64_t at = 0;
  std::uint64_t number = 0;                  // of the line, for showing hits
  const std::vector<bool>* terms = nullptr;  // by number of the term: does the line match it?
};

/// A line that is part of a hit.
struct CreMark {
  std::int64_t at = 0;
  std::uint64_t number = 0;
};

struct CreHits {
  std::size_t count = 0;
  std::vector<CreMark> lines;  // of all of them
};

class CreMachine {
 public:
  virtual ~CreMachine() = default;
  [[nodiscard]] virtual CreHits scan(const CreLine& line) = 0;
  /// Nothing comes any more: decides what waits for lines that could forbid it.
  [[nodiscard]] virtual CreHits end() = 0;
};

/// The machine for `rule`. `positives` and `negatives` are the numbers of its terms.
[[nodiscard]] std::unique_ptr<CreMachine> make_cre_machine(const knowledge::CreRule& rule,
                                                           std::vector<unsigned> positives,
                                                           std::vector<unsigned> negatives);

}  // namespace triaged::cre

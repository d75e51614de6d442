// What a rule says of itself, tried out: its examples must match, its near misses must not, and an example that another
// rule of the same format recognises too wants a word on how to tell the two apart.
#pragma once

#include <memory>

#include "base/problem.hpp"
#include "matcher/matcher.hpp"

namespace triaged::scan {

struct ExampleResults {
  Problems problems;  // errors: an example or near miss that fails; warnings: overlaps without confused_with
  std::size_t examples = 0, near_misses = 0;

  /// What the examples reach: matches that an example of their own fires, and lines of conditions over several lines
  /// that stand in one; `unless` lines that stand in a near miss.
  std::size_t terms = 0, terms_reached = 0, unless = 0, unless_reached = 0;
  Problems untried;  // warnings: what of rules that have examples is reached by none
};

[[nodiscard]] ExampleResults try_examples(const std::shared_ptr<const matcher::SignatureSet>& signatures);

}  // namespace triaged::scan

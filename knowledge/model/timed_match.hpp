// Conditions over several lines, seen by those who match single lines: every TimedMatch looks for some lines, the
// terms, and a term has a number in its rule. The matcher finds terms, the diagnosis stage puts them together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "knowledge/model/rule.hpp"

namespace triaged::knowledge {

enum class TermRole { of, unless, share_of };

struct TermPlace {
  const TimedMatch* timed = nullptr;
  const Match* line = nullptr;
  TermRole role = TermRole::of;
  std::size_t timed_index = 0;  // of `timed` in Rule::timed_matches
  std::size_t index = 0;        // in `of` or `unless`

  /// Its lines are many and only their number counts.
  [[nodiscard]] bool is_counted() const {
    return timed->kind == TimedKind::rate || timed->kind == TimedKind::absence ||
           (timed->kind == TimedKind::saturation && role == TermRole::share_of);
  }
};

/// The terms of all timed matches of `rule`, in a fixed order. A term's number (TermLine::term) is its index + 1.
[[nodiscard]] std::vector<TermPlace> terms_of(const Rule& rule);

/// Every single line that `rule` looks for: its matches, then its terms.
[[nodiscard]] std::vector<const Match*> lines_of(const Rule& rule);

/// They recognise the same lines.
[[nodiscard]] bool is_same_line(const Match& a, const Match& b);

/// All that decides whether `timed` holds, as text: what was remembered for it stays true as long as this is the same.
[[nodiscard]] std::string meaning_of(const TimedMatch& timed);

/// "a set within 30s", "a sequence within 1m by upstream", "a rate above 20 per 1m", "a share above 5% per 1m",
/// "an absence of 2m or more after at least 100 lines in half an hour".
[[nodiscard]] std::string phrase_of(const TimedMatch& timed);

/// What the term is in its timed match: "one of 2 ", "must not come ", "what the share is of ", or nothing.
[[nodiscard]] std::string phrase_of(const TermPlace& term);

}  // namespace triaged::knowledge

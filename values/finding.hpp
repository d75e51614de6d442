// What the matcher finds in a batch of lines. Whoever takes findings visits them, for each means something else.
#pragma once

#include <cstdint>
#include <variant>

#include "values/symptom.hpp"

namespace triaged::inline values {

/// One of several lines that a condition over time of the rule waits for. Alone it means nothing.
struct TermLine : MatchedLine {
  std::uint32_t term = 1;  // which of the rule's terms (knowledge/model/timed_match.hpp), from 1

  friend bool operator==(const TermLine&, const TermLine&) = default;
};

/// How many lines of such a term there were, where only their number matters. All were written in the same second and
/// are about the same thing; the line is the first of them.
struct TermCount : MatchedLine {
  std::uint32_t term = 1;
  std::uint64_t lines = 0;

  friend bool operator==(const TermCount&, const TermCount&) = default;
};

/// Requests that a server answered as it should, all in the same second of one log. They belong to no rule: they say
/// that a failure is over. A field `upstream` or `server` names who answered, where the log says it.
struct Answers : MatchedLine {
  std::uint64_t lines = 0;

  friend bool operator==(const Answers&, const Answers&) = default;
};

/// Lines of one format were read: what they do not say from `at` to `until` did not happen in that log. They belong to
/// no rule; format, source and host are theirs, and the rest of the line is empty.
struct CoveredTime : MatchedLine {
  TimePoint until;
  Microseconds longest_pause{0};  // between two of them

  friend bool operator==(const CoveredTime&, const CoveredTime&) = default;
};

/// Requests for one URL that failed not long ago (fields `method` and `path`), all in the same second of one log, and
/// all answered alike: either they failed (5xx), or they did not. They belong to no rule: they say how many of how many
/// fail.
struct UrlRequests : MatchedLine {
  std::uint64_t lines = 0;
  bool failed = false;

  friend bool operator==(const UrlRequests&, const UrlRequests&) = default;
};

using Finding = std::variant<Symptom, TermLine, TermCount, Answers, CoveredTime, UrlRequests>;

/// The line of any finding.
[[nodiscard]] inline const MatchedLine& matched_line(const Finding& finding) {
  return std::visit([](const MatchedLine& line) -> const MatchedLine& { return line; }, finding);
}
[[nodiscard]] inline MatchedLine& matched_line(Finding& finding) {
  return std::visit([](MatchedLine& line) -> MatchedLine& { return line; }, finding);
}

/// By time, as findings of several logs are put in order.
[[nodiscard]] inline bool is_earlier(const Finding& a, const Finding& b) {
  return matched_line(a).at < matched_line(b).at;
}

}  // namespace triaged::inline values

// Makes a triaged rule of a CRE rule: its lines become matches, its conditions over several lines timed matches.
#include <algorithm>

#include <fmt/format.h>

#include "knowledge/dialects/cre_rule.hpp"
#include "knowledge/patterns/pattern.hpp"

namespace triaged::knowledge {

namespace {

/// Never shorter than it was: half a microsecond must not become none.
Microseconds microseconds_of(std::int64_t nanoseconds) {
  return std::chrono::ceil<Microseconds>(std::chrono::nanoseconds(nanoseconds));
}

class Conversion {
 public:
  Conversion(const CreRule& cre, Problems& problems) : cre_(cre), problems_(problems) {}

  ConvertedCre run() {
    ConvertedCre converted{cre_.knowledge};
    if (cre_.positives.size() == 1 && cre_.negatives.empty()) {
      converted.rule.matches.push_back(line_of(cre_.positives.front()));
    } else {
      converted.rule.timed_matches.push_back(timed_match());
    }
    converted.has_all = has_all_;
    return converted;
  }

 private:
  Match line_of(const CreTerm& term) {
    Match line;
    line.place = term.place;
    line.within = Within::speech;
    if (term.kind == CreTerm::Kind::jq) {
      line.jq = term.text;
      return line;
    }
    line.regex = term.kind == CreTerm::Kind::value ? escaped_for_pattern(term.text) : trimmed_pattern(term.text);
    if (const auto refusal = refusal_of(line.regex, false)) {
      problems_.push_back({ProblemLevel::warning, term.place.file, term.place.line, term.place.column,
                           fmt::format("rule {} is left out: {}", cre_.id, *refusal), term.text});
      has_all_ = false;
    }
    return line;
  }

  TimedMatch timed_match() {
    TimedMatch timed;
    timed.kind = cre_.is_sequence ? TimedKind::sequence : TimedKind::set;
    timed.window = microseconds_of(cre_.window);
    timed.place = cre_.place;
    const CreTerm* before = nullptr;
    std::vector<const CreTerm*> known;
    for (const auto& term : cre_.positives) {
      const auto same = std::find_if(known.begin(), known.end(), [&](const CreTerm* other) { return *other == term; });
      if (cre_.is_sequence && before != nullptr && *before == term) {
        ++timed.of.back().count;
      } else if (!cre_.is_sequence && same != known.end()) {
        ++timed.of[static_cast<std::size_t>(same - known.begin())].count;
      } else {
        known.push_back(&term);
        timed.of.push_back({.line = line_of(term)});
      }
      before = &term;
    }
    for (const auto& negative : cre_.negatives) {
      timed.unless.push_back({.line = line_of(negative.term),
                              .window = microseconds_of(negative.window),
                              .slide = microseconds_of(negative.slide),
                              .anchor = negative.anchor,
                              .absolute = negative.absolute});
    }
    return timed;
  }

  const CreRule& cre_;
  Problems& problems_;
  bool has_all_ = true;
};

}  // namespace

ConvertedCre rule_of(const CreRule& cre, Problems& problems) { return Conversion(cre, problems).run(); }

}  // namespace triaged::knowledge

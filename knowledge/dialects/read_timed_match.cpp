// Reads conditions over several lines of a triaged rule: `set`, `sequence`, `rate`, `saturation` and
// `absence`.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "knowledge/dialects/rule_reading.hpp"
#include "knowledge/model/timed_match.hpp"

namespace triaged::knowledge {

namespace {

constexpr std::size_t most_terms = 64;
constexpr long most_of_one_line = 1000;
constexpr Microseconds longest_window = std::chrono::hours(24 * 7);
constexpr Microseconds shortest_rate = std::chrono::seconds(1);
constexpr Microseconds longest_rate = std::chrono::hours(1);

constexpr Microseconds longest_saturation = std::chrono::minutes(10);
constexpr Microseconds shortest_absence = std::chrono::seconds(30);
constexpr Microseconds longest_absence = std::chrono::hours(1);
constexpr std::uint64_t usual_lines_before_absence = 100;
constexpr std::uint64_t fewest_lines_before_absence = 50;

struct Kind {
  std::string_view name;
  TimedKind kind;
};
constexpr Kind kinds[] = {{"set", TimedKind::set},         {"sequence", TimedKind::sequence},
                          {"rate", TimedKind::rate},       {"saturation", TimedKind::saturation},
                          {"absence", TimedKind::absence}, {"silence", TimedKind::absence}};  // its name at first

struct Unit {
  std::string_view name;
  Microseconds length;
};
constexpr Unit units[] = {
    {"us", Microseconds(1)}, {"ms", std::chrono::milliseconds(1)}, {"s", std::chrono::seconds(1)}};

/// A duration that may point backwards: "-5s".
std::optional<Microseconds> signed_duration(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const auto duration = parse_duration(text);
  if (!duration) return std::nullopt;
  return is_negative ? -*duration : *duration;
}

Microseconds read_slide(const YamlValue& map, YamlMapReader& reader, const RuleFile& file) {
  const auto text = reader.text("slide");
  if (!text) return Microseconds(0);
  if (const auto slide = signed_duration(*text)) return *slide;
  file.report(ProblemLevel::error, *map.find("slide"), "'slide' must be a duration such as 5s or -30s");
  return Microseconds(0);
}

/// A whole number from `least` to `most`.
long read_whole(YamlMapReader& reader, std::string_view key, const YamlValue& map, const RuleFile& file, long least,
                long most) {
  const auto number = reader.integer(key);
  if (!number) return least;
  if (*number >= least && *number <= most) return *number;
  file.report(ProblemLevel::error, *map.find(key),
              fmt::format("'{}' must be a number from {} to {}", key, least, most));
  return least;
}

void check_line(const YamlValue& map, const RuleFile& file, std::string_view what) {
  if (map.find("regex") != nullptr || map.find("where") != nullptr) return;
  file.report(ProblemLevel::error, map, fmt::format("{} has neither 'regex' nor 'where'", what));
}

TimedTerm read_positive(const YamlValue& map, const RuleFile& file) {
  TimedTerm term;
  YamlMapReader reader(map, "line", file.name, file.problems);
  read_line(map, reader, file, term.line);
  read_within(map, reader, file, term.line);
  term.count = static_cast<unsigned>(read_whole(reader, "count", map, file, 1, most_of_one_line));
  check_line(map, file, "a line of a condition");
  for (const std::string_view option : {"anchor", "slide", "window", "absolute"}) {
    if (reader.any(option) == nullptr) continue;
    file.report(ProblemLevel::error, *map.find(option),
                fmt::format("'{}' is an option of 'unless' lines only", option));
  }
  reader.finish(ProblemLevel::error);
  return term;
}

/// `within: 10s` of an `unless` line is its window; `within: line` is what it is everywhere.
void read_span_or_window(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, TimedTerm& term) {
  const auto* within = map.find("within");
  const auto duration =
      within == nullptr || within->kind != YamlValue::Kind::text ? std::nullopt : parse_duration(within->text);
  if (!duration) {
    read_within(map, reader, file, term.line);
  } else {
    reader.ignore("within");
    term.window = *duration;
  }
  if (const auto window = reader.duration("window")) term.window = *window;
}

TimedTerm read_negative(const YamlValue& map, const RuleFile& file) {
  TimedTerm term;
  YamlMapReader reader(map, "unless line", file.name, file.problems);
  read_line(map, reader, file, term.line);
  read_span_or_window(map, reader, file, term);
  term.slide = read_slide(map, reader, file);
  term.anchor = static_cast<std::size_t>(read_whole(reader, "anchor", map, file, 0, most_of_one_line));
  term.absolute = reader.boolean("absolute").value_or(false);
  check_line(map, file, "an 'unless' line");
  if (reader.any("count") != nullptr) {
    file.report(ProblemLevel::error, *map.find("count"), "an 'unless' line cannot have a 'count': one is enough");
  }
  reader.finish(ProblemLevel::error);
  return term;
}

/// Two equal lines one after the other (in a set: anywhere) are one line that is wanted twice.
void join_equal_lines(TimedMatch& timed) {
  std::vector<TimedTerm> joined;
  const auto same_as = [](const TimedTerm& term) {
    return [&](const TimedTerm& other) { return is_same_line(term.line, other.line); };
  };
  for (auto& term : timed.of) {
    const bool is_set = timed.kind == TimedKind::set;
    const auto from = is_set || joined.empty() ? joined.begin() : joined.end() - 1;
    const auto equal = std::find_if(from, joined.end(), same_as(term));
    if (equal == joined.end()) {
      joined.push_back(std::move(term));
    } else {
      equal->count += term.count;
    }
  }
  timed.of = std::move(joined);
}

std::size_t wanted_lines(const TimedMatch& timed) {
  std::size_t lines = 0;
  for (const auto& term : timed.of) lines += term.count;
  return lines;
}

void check_window(const YamlValue& map, const RuleFile& file, const TimedMatch& timed) {
  const auto lines = wanted_lines(timed);
  const auto* at = map.find("window") == nullptr ? &map : map.find("window");
  if (timed.window > longest_window) file.report(ProblemLevel::error, *at, "'window' cannot be longer than 7d");
  if (timed.kind == TimedKind::sequence && lines < 2) {
    file.report(ProblemLevel::error, map, "a sequence needs two lines or more; for one line write its 'regex' alone");
  } else if (lines > 1 && timed.window.count() == 0) {
    file.report(ProblemLevel::error, *at, "several lines need a 'window' above 0: the time from the first to the last");
  } else if (lines == 1 && timed.window.count() > 0) {
    file.report(ProblemLevel::error, *at, "a 'window' needs two lines or more, or a 'count'");
  }
}

void check_anchors(const YamlValue& map, const RuleFile& file, const TimedMatch& timed) {
  const auto* unless = map.find("unless");
  for (std::size_t i = 0; i < timed.unless.size(); ++i) {
    if (timed.unless[i].anchor < wanted_lines(timed)) continue;
    const auto& item = unless->items[i];
    file.report(ProblemLevel::error, *item.find("anchor"),
                fmt::format("'anchor' counts the lines of 'of' from 0; there are {}", wanted_lines(timed)));
  }
}

void read_lines_over_time(const YamlValue& map, std::string_view kind, const RuleFile& file, TimedMatch& timed) {
  YamlMapReader reader(map, std::string(kind), file.name, file.problems);
  reader.require("of");
  if (const auto window = reader.duration("window")) timed.window = *window;
  timed.of = read_each(reader, "of", file, read_positive);
  timed.unless = read_each(reader, "unless", file, read_negative);
  timed.by = reader.text("by").value_or("");
  reader.finish(ProblemLevel::error);
  const auto* of = map.find("of");
  if (of != nullptr && of->kind == YamlValue::Kind::list && of->items.size() != timed.of.size()) return;
  const auto* unless = map.find("unless");
  if (unless != nullptr && unless->items.size() != timed.unless.size()) return;
  if (timed.of.empty()) {
    if (of != nullptr) file.report(ProblemLevel::error, *of, "'of' is empty: the condition would wait for nothing");
    return;
  }
  if (timed.of.size() + timed.unless.size() > most_terms) {
    file.report(ProblemLevel::error, map, fmt::format("a condition looks for at most {} lines", most_terms));
  }
  join_equal_lines(timed);
  check_window(map, file, timed);
  check_anchors(map, file, timed);
}

Match read_counted_line(const YamlValue& map, std::string_view what, const RuleFile& file) {
  Match line;
  YamlMapReader reader(map, std::string(what), file.name, file.problems);
  read_line(map, reader, file, line);
  read_within(map, reader, file, line);
  reader.finish(ProblemLevel::error);
  return line;
}

/// "5%" is 0.05 of `share_of`; 20 is a number of lines.
void read_above(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, TimedMatch& timed) {
  const auto text = reader.text("above");
  if (!text) return;
  const auto& at = *map.find("above");
  const bool is_percent = text->ends_with('%');
  const auto digits = std::string_view(*text).substr(0, text->size() - (is_percent ? 1 : 0));
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), timed.above);
  if (failure != std::errc() || end != digits.data() + digits.size() || !(timed.above >= 0)) {
    file.report(ProblemLevel::error, at,
                "'above' must be a number of lines such as 20, or with 'share_of' a share such as 5%");
  } else if (is_percent && !timed.share_of) {
    file.report(ProblemLevel::error, at, "a share in percent needs 'share_of': the lines that it is a share of");
  } else if (!is_percent && timed.share_of) {
    file.report(ProblemLevel::error, at, "with 'share_of', 'above' must be a share such as 5%");
  } else if (is_percent && timed.above >= 100) {
    file.report(ProblemLevel::error, at, "no share is above 100%");
  }
  if (is_percent) timed.above /= 100;
}

void read_rate(const YamlValue& map, const RuleFile& file, TimedMatch& timed) {
  YamlMapReader reader(map, "rate", file.name, file.problems);
  for (const std::string_view needed : {"of", "above", "per"}) reader.require(needed);
  if (const auto* share_of = reader.map("share_of")) timed.share_of = read_counted_line(*share_of, "share_of", file);
  if (const auto* of = reader.map("of")) {
    TimedTerm term;
    term.line = read_counted_line(*of, "rate line", file);
    // A share is one of the same lines: without a word about formats, those of `share_of` are meant.
    if (timed.share_of && of->find("formats") == nullptr) term.line.formats = timed.share_of->formats;
    if (!timed.share_of) check_line(*of, file, "a rate's 'of'");
    timed.of.push_back(std::move(term));
  }
  read_above(map, reader, file, timed);
  if (const auto per = reader.duration("per")) {
    timed.window = *per;
    if (*per < shortest_rate || *per > longest_rate) {
      file.report(ProblemLevel::error, *map.find("per"), "'per' must be from 1s to 1h");
    }
  }
  timed.at_least = read_count(reader, "at_least", map, file);
  if (timed.at_least > 0 && !timed.share_of) {
    file.report(ProblemLevel::error, *map.find("at_least"),
                "'at_least' is about the lines of 'share_of', which is missing");
  }
  timed.by = reader.text("by").value_or("");
  reader.finish(ProblemLevel::error);
}

void read_unit(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, TimedMatch& timed) {
  const auto name = reader.text("unit");
  if (!name) return;
  const auto unit = std::find_if(std::begin(units), std::end(units), [&](const Unit& u) { return u.name == *name; });
  if (unit == std::end(units)) return file.report(ProblemLevel::error, *map.find("unit"), "'unit' must be us, ms or s");
  timed.duration_unit = unit->length;
}

void read_saturation(const YamlValue& map, const RuleFile& file, TimedMatch& timed) {
  YamlMapReader reader(map, "saturation", file.name, file.problems);
  for (const std::string_view needed : {"of", "among", "duration", "unit", "window"}) reader.require(needed);
  if (const auto* among = reader.map("among")) timed.share_of = read_counted_line(*among, "among", file);
  if (const auto* of = reader.map("of")) {
    TimedTerm term;
    term.line = read_counted_line(*of, "saturation line", file);
    if (timed.share_of && of->find("formats") == nullptr) term.line.formats = timed.share_of->formats;
    check_line(*of, file, "a saturation's 'of'");
    timed.of.push_back(std::move(term));
  }
  timed.duration_field = reader.text("duration").value_or("");
  read_unit(map, reader, file, timed);
  if (const auto window = reader.duration("window")) {
    timed.window = *window;
    if (*window < std::chrono::seconds(10) || *window > longest_saturation) {
      file.report(ProblemLevel::error, *map.find("window"), "a saturation's 'window' must be from 10s to 10m");
    }
  }
  timed.by = reader.text("by").value_or("");
  reader.finish(ProblemLevel::error);
}

void read_absence(const YamlValue& map, const RuleFile& file, TimedMatch& timed) {
  YamlMapReader reader(map, "absence", file.name, file.problems);
  for (const std::string_view needed : {"of", "for"}) reader.require(needed);
  if (const auto* of = reader.map("of")) timed.of.push_back({.line = read_counted_line(*of, "absence line", file)});
  if (const auto length = reader.duration("for")) {
    timed.window = *length;
    if (*length < shortest_absence || *length > longest_absence) {
      file.report(ProblemLevel::error, *map.find("for"), "an absence's 'for' must be from 30s to 1h");
    }
  }
  timed.at_least = usual_lines_before_absence;
  if (map.find("at_least") != nullptr) timed.at_least = read_count(reader, "at_least", map, file);
  if (timed.at_least < fewest_lines_before_absence) {
    file.report(ProblemLevel::error, *map.find("at_least"),
                fmt::format("an absence's 'at_least' must be {} or more: fewer lines in half an hour are not steady",
                            fewest_lines_before_absence));
  }
  timed.by = reader.text("by").value_or("");
  reader.finish(ProblemLevel::error);
}

/// Formats that stand beside `set`, `sequence`, `rate`, `saturation` or `absence` are those of every line that names
/// none.
void spread_formats(const std::vector<formats::Format>& formats, TimedMatch& timed) {
  const auto spread = [&](Match& line) {
    if (line.formats.empty()) line.formats = formats;
  };
  for (auto& term : timed.of) spread(term.line);
  for (auto& term : timed.unless) spread(term.line);
  if (timed.share_of) spread(*timed.share_of);
}

}  // namespace

bool is_timed_match(const YamlValue& map) {
  return std::any_of(std::begin(kinds), std::end(kinds),
                     [&](const Kind& kind) { return map.find(kind.name) != nullptr; });
}

TimedMatch read_timed_match(const YamlValue& map, const RuleFile& file) {
  TimedMatch timed;
  timed.place = file.place_of(map);
  YamlMapReader reader(map, "match", file.name, file.problems);
  const auto found =
      std::count_if(std::begin(kinds), std::end(kinds), [&](const Kind& kind) { return map.find(kind.name); });
  if (found > 1) {
    file.report(ProblemLevel::error, map,
                "match must have only one of 'set', 'sequence', 'rate', 'saturation' and 'absence'");
  }
  for (const auto& [name, kind] : kinds) {
    const auto* inner = reader.map(name);
    if (inner == nullptr) continue;
    timed.kind = kind;
    if (kind == TimedKind::rate) {
      read_rate(*inner, file, timed);
    } else if (kind == TimedKind::saturation) {
      read_saturation(*inner, file, timed);
    } else if (kind == TimedKind::absence) {
      read_absence(*inner, file, timed);
    } else {
      read_lines_over_time(*inner, name, file, timed);
    }
    break;
  }
  Match beside;
  read_line(map, reader, file, beside);
  if (!beside.regex.empty() || !beside.where.empty()) {
    file.report(ProblemLevel::error, map,
                "'regex' and 'where' stand inside 'of', not beside a condition over several lines");
  }
  spread_formats(beside.formats, timed);
  timed.examples = read_lines(reader, "examples");
  timed.near_misses = read_lines(reader, "near_misses");
  reader.finish(ProblemLevel::error);
  return timed;
}

}  // namespace triaged::knowledge

#include "diagnosis/log_coverage.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "diagnosis/saved_json.hpp"
#include "formats/format.hpp"

namespace triaged::diagnosis {

namespace {

using formats::Format;

// Two logs of a second's resolution may put the same moment a second apart.
constexpr Microseconds clock_tolerance = std::chrono::seconds(1);

/// Names of one machine: nobody said, or the same but for its domain.
bool may_be_one_host(std::string_view a, std::string_view b) {
  return a.empty() || b.empty() || a.substr(0, a.find('.')) == b.substr(0, b.find('.'));
}

/// Do programs write lines of the two formats into one log? nginx's errors stand beside its requests, never among them.
bool are_in_one_log(Format a, Format b) {
  const auto &one = formats::facts_of(a), &other = formats::facts_of(b);
  if (a == b) return true;
  if (one.family != other.family) return false;
  const auto programs = formats::words_in(other.programs);
  return std::ranges::any_of(formats::words_in(one.programs),
                             [&](std::string_view program) { return std::ranges::count(programs, program) > 0; });
}

bool would_stand_in(const knowledge::Match& match, Format read) {
  return match.formats.empty() || std::ranges::any_of(match.formats, [&](Format wanted) {
           return formats::covers(wanted, read) || are_in_one_log(wanted, read);
         });
}

/// Would some line of the rule stand in a log that holds lines of `format`?
bool would_stand_in(const knowledge::Rule& rule, std::string_view format) {
  const auto read = formats::format_named(format);
  if (!read) return false;
  const auto is_read = [&](const knowledge::Match& match) { return would_stand_in(match, *read); };
  return std::ranges::any_of(rule.matches, is_read) ||
         std::ranges::any_of(rule.timed_matches, [&](const knowledge::TimedMatch& timed) {
           return std::ranges::any_of(timed.of, [&](const knowledge::TimedTerm& term) { return is_read(term.line); });
         });
}

}  // namespace

void LogCoverage::add(const CoveredTime& time) {
  const Log log{.source = time.source, .format = time.format, .host = time.host};
  auto known = logs_.find(log);
  if (known == logs_.end()) {
    if (logs_.size() >= most_logs) make_room();
    known = logs_.emplace(log, Span{time.at, time.until, time.longest_pause}).first;
    is_changed_ = true;
  }
  auto& span = known->second;
  span.longest_pause = std::max({span.longest_pause, time.longest_pause, time.at - span.until});
  is_changed_ = is_changed_ || time.at < span.from;
  span.from = std::min(span.from, time.at);
  span.until = std::max(span.until, time.until);
  latest_ = std::max(latest_, time.until);
}

void LogCoverage::make_room() {
  logs_.erase(
      std::ranges::min_element(logs_, [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
}

bool LogCoverage::covers(const Span& span, TimePoint at) const {
  const auto beyond = logs_are_followed_ ? followed_for : span.longest_pause;
  return at >= span.from - clock_tolerance && at <= span.until + beyond + clock_tolerance;
}

bool LogCoverage::would_show(const knowledge::Rule& rule, const Observation& own) const {
  if (own.samples.empty()) return false;
  const auto& sample = own.samples.front();
  if (would_stand_in(rule, sample.format)) return true;  // in the log of the symptom itself
  const auto is_followed = [&](const auto& followed) {
    return own.first_seen >= followed.second && would_stand_in(rule, followed.first);
  };
  if (std::ranges::any_of(followed_, is_followed)) return true;
  return std::ranges::any_of(logs_, [&](const auto& read) {
    const auto& [log, span] = read;
    return covers(span, own.first_seen) && may_be_one_host(log.host, sample.host) && would_stand_in(rule, log.format);
  });
}

bool LogCoverage::take_changed() {
  const bool is_old = latest_ >= saved_ + saved_every;
  if (!is_changed_ && !is_old) return false;
  saved_ = latest_;
  is_changed_ = false;
  return true;
}

std::string LogCoverage::to_json() const {
  JsonWriter json;
  json.begin_array();
  for (const auto& [log, span] : logs_) {
    json.begin_object();
    json.key("source").text(log.source);
    json.key("format").text(log.format);
    json.key("host").text(log.host);
    write_time(json.key("from"), span.from);
    write_time(json.key("until"), span.until);
    json.key("longest_pause").whole(static_cast<std::uint64_t>(span.longest_pause.count()));
    json.end_object();
  }
  json.end_array();
  return std::move(json).json();
}

bool LogCoverage::restore(std::string_view text) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    for (const simdjson::dom::element saved : array_of(parser.parse(padded).value())) {
      CoveredTime time;
      time.source = text_in(saved, "source");
      time.format = text_in(saved, "format");
      time.host = text_in(saved, "host");
      time.at = time_in(saved, "from");
      time.until = time_in(saved, "until");
      time.longest_pause = Microseconds(count_in(saved, "longest_pause"));
      add(time);
    }
    is_changed_ = false;
    saved_ = latest_;
    return true;
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
}

}  // namespace triaged::diagnosis

// Which share of a log's lines are usually of a rule, for the rules that mean something only in numbers (`alone_from`):
// a service that answers one request in a thousand with 500 does so every day, and that is no news.
//
// A share and not a rate: it is the same by day and by night, on a holiday, and when a backlog is read. What came long
// ago fades, to half in `fades_to_half_in`. What cannot be usual is not learnt: a half hour in which more than
// `most_usual` of the log's lines are of the rule is a failure, however long it lasts. Nothing is known before such
// lines stood in `known_after` half hours.
//
// Lines about one thing (a server) are everyday when there are no more of them in ten minutes than `factor` times what
// is usual for it, or than what chance makes of that: of many servers each has its own past, and a new one has what the
// others of the moment have on average.
//
// Bounded: so many logs, and so many things that the lines of one rule in one log are about; the rest of these is
// counted together. Kept in the ledger, log by log. Part of the diagnosis stage: no clock, no lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/recent_lines.hpp"
#include "values/incident.hpp"
#include "values/symptom.hpp"

namespace triaged::diagnosis {

/// Lines of one rule about one thing in one log.
struct LineShare {
  std::uint64_t lines = 0;      // in the last ten minutes
  double of = 0;                // all lines of the log in these ten minutes, as far as is known
  std::optional<double> usual;  // share of the log's lines; nullopt: not known

  [[nodiscard]] bool is_everyday() const;
};

class UsualShares {
 public:
  static constexpr std::chrono::seconds part{std::chrono::minutes(30)};
  static constexpr unsigned known_after = 12;  // parts
  static constexpr std::chrono::seconds fades_to_half_in{std::chrono::hours(48)};
  static constexpr double most_usual = 0.05;
  static constexpr double factor = 3;
  static constexpr std::size_t most_sources = 1024;
  static constexpr std::size_t most_entities = 64;  // of a rule in a source
  static constexpr Microseconds saved_every = std::chrono::seconds(10);

  /// A line of a rule that means something in numbers. `now` is when it came; it never goes back. A half hour teaches
  /// nothing in which the rule's lines are more than `most` of the log's: 1 when they are no failure at any share.
  LineShare add(const Symptom& symptom, const Entity& entity, TimePoint now, double most = most_usual);

  /// For the ledger, as an id and JSON: logs of which something changed since they were given last (each at most once
  /// in `saved_every`), and ids of those that were forgotten.
  struct Changes {
    std::vector<std::pair<std::string, std::string>> changed;
    std::vector<std::string> ended;
  };
  [[nodiscard]] Changes take_changes(TimePoint now);
  void drop_changes();
  /// All of it.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> saved() const;

  /// False when it cannot be read.
  [[nodiscard]] bool restore(std::string_view json);

  [[nodiscard]] std::size_t source_count() const { return sources_.size(); }

 private:
  /// Lines that fade, and those of the present part, which are not learnt yet.
  struct Tally {
    double learnt = 0;
    double in_part = 0;
    unsigned parts = 0;  // in which there were any that were learnt; no more than known_after
  };
  struct Subject {
    Tally tally;
    RecentLines recent;
  };
  struct RuleLines {
    Tally tally;
    double log_lines = 0;      // of which the learnt ones are; those of a failure are not among them
    double most = most_usual;  // share; said by every line, so it is not saved
    std::map<std::string, Subject, std::less<>> by_entity;  // "": of those there was no room for
  };
  struct Source {
    TimePoint part_begin, latest;
    Tally all;
    RecentLines recent;
    std::map<std::string, RuleLines, std::less<>> by_rule;
    std::optional<TimePoint> saved_at;
  };

  static TimePoint part_of(TimePoint at);
  [[nodiscard]] static std::string id_of(std::string_view source);
  [[nodiscard]] static std::string to_json(const std::string& name, const Source& source);
  [[nodiscard]] Source& source_of(const std::string& name, TimePoint now);
  static void end_part(Source& source, TimePoint now);
  static void add_log_lines(Source& source, double lines, TimePoint now);
  static Subject& subject_of(RuleLines& rule, const Entity& entity, TimePoint now);
  [[nodiscard]] static std::optional<double> usual_of(const RuleLines& rule, const Subject& subject, TimePoint now);

  std::map<std::string, Source, std::less<>> sources_;
  std::set<std::string, std::less<>> changed_;  // sources
  std::vector<std::string> ended_;
};

}  // namespace triaged::diagnosis

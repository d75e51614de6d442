// How many lines of a rule a log usually holds, for the rules that mean something only in numbers (`alone_from`): a
// service that answers one request in a thousand with 500 does so every day, and that is no news.
//
// A log's past is the last day, in half hours. Of each the most lines of the rule in any ten minutes count, and what
// four fifths of the half hours keep below is usual: the busy hours of a working day are, an outage of a few hours is
// not. It is not known before the log has been read for `known_after`. Lines are everyday when there are at most
// `factor` times as many in ten minutes about one thing.
//
// Bounded: so many logs, the ones read last, and so many things that a log's lines are about; the rest of these is
// counted together. Kept with the open incidents, log by log.
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

namespace triaged {

class UsualRates {
 public:
  static constexpr std::chrono::seconds part{std::chrono::minutes(30)};
  static constexpr std::chrono::seconds remembered_for{std::chrono::hours(24)};
  static constexpr std::chrono::seconds known_after{std::chrono::hours(6)};
  static constexpr std::uint64_t factor = 3;
  static constexpr std::size_t most_sources = 1024;
  static constexpr std::size_t most_entities = 64;  // of a rule in a source

  struct Rate {
    std::uint64_t lines = 0;             // of the rule about the entity, in the ten minutes up to now
    std::optional<std::uint64_t> usual;  // in ten minutes, all that the log says by the rule

    [[nodiscard]] bool is_everyday() const { return usual && lines <= factor * *usual; }
  };

  /// `source` is being read: its past begins. A line that is older than the latest by more than half an hour says that
  /// its clock was wrong and has been set back: all that was remembered of it is forgotten.
  void on_source(const std::string& source, TimePoint at);

  /// A line of a rule that means something in numbers.
  Rate add(const Symptom& symptom, const Entity& entity);

  /// For the ledger, as an id and JSON: logs of which something changed since the last call, and ids of those that were
  /// forgotten.
  struct Changes {
    std::vector<std::pair<std::string, std::string>> changed;
    std::vector<std::string> ended;
  };
  [[nodiscard]] Changes take_changes();
  void drop_changes();

  /// True for an id that take_changes() gave.
  [[nodiscard]] static bool is_saved_id(std::string_view id);
  /// False when it cannot be read.
  [[nodiscard]] bool restore(std::string_view json);

  [[nodiscard]] std::size_t source_count() const { return sources_.size(); }

 private:
  using PartStart = std::chrono::sys_seconds;
  struct Series {
    RecentLines all;
    std::map<std::string, RecentLines, std::less<>> by_entity;  // "": of those there was no room for
    std::map<PartStart, std::uint64_t> most;                    // in ten minutes of the part
  };
  struct Source {
    TimePoint since, latest;
    std::map<std::string, Series, std::less<>> by_rule;
  };

  static PartStart part_of(TimePoint at);
  [[nodiscard]] static std::string id_of(std::string_view source);
  [[nodiscard]] static std::optional<std::uint64_t> usual_of(const Series& series, TimePoint since, TimePoint now);
  [[nodiscard]] static std::string to_json(const std::string& name, const Source& source);
  void make_room();

  std::map<std::string, Source, std::less<>> sources_;
  std::set<std::string, std::less<>> changed_;  // sources
  std::vector<std::string> ended_;
};

}  // namespace triaged

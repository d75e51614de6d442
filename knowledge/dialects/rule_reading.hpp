// What the readers of the dialects share. Used inside knowledge/ only: a file's tree (YAML or JSON, base/yaml.hpp) goes
// in, rules come out, and every mistake is added to the problems with its place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "base/yaml.hpp"
#include "knowledge/model/rule.hpp"
#include "knowledge/patterns/accepted_patterns.hpp"
#include "knowledge/patterns/pattern.hpp"

namespace triaged::knowledge {

/// The file being read. Both must outlive it.
struct RuleFile {
  const std::string& name;
  Problems& problems;
  bool is_json = false;  // then strings are told from numbers
  AcceptedPatterns* accepted = nullptr;

  void report(ProblemLevel level, const YamlValue& at, std::string message) const {
    problems.push_back(problem_at(level, name, at, std::move(message)));
  }
  /// Why an engine does not take the pattern; nullopt: both do.
  [[nodiscard]] std::optional<std::string> refusal_of_pattern(const std::string& regex, bool caseless) const {
    return accepted == nullptr ? refusal_of(regex, caseless) : accepted->refusal_of(regex, caseless);
  }
  [[nodiscard]] RulePlace place_of(const YamlValue& value) const { return {name, value.line, value.column}; }
};

/// A rule of the triaged dialect from its map. The rule is as complete as the map allows, also after an error.
[[nodiscard]] Rule read_triaged_rule(const YamlValue& map, const RuleFile& file);

/// A rule from one record of errorcanon's.
[[nodiscard]] Rule read_errorcanon_record(const YamlValue& map, const RuleFile& file);

/// A rule from one canon of deadends.dev's.
[[nodiscard]] Rule read_canon(const YamlValue& map, const RuleFile& file);

/// The parts of a triaged rule, each read in its own file.
[[nodiscard]] Match read_match(const YamlValue& map, const RuleFile& file);
/// True for an entry of `match` that is a condition over several lines: it has `set`, `sequence` or `rate`.
[[nodiscard]] bool is_timed_match(const YamlValue& map);
[[nodiscard]] TimedMatch read_timed_match(const YamlValue& map, const RuleFile& file);
[[nodiscard]] std::vector<FieldCondition> read_conditions(const YamlValue& map, const RuleFile& file);
[[nodiscard]] Cause read_cause(const YamlValue& map, const RuleFile& file);
[[nodiscard]] Workaround read_workaround(const YamlValue& map, const RuleFile& file);
[[nodiscard]] RuleDeadEnd read_dead_end(const YamlValue& map, const RuleFile& file);
[[nodiscard]] VersionNote read_version(const YamlValue& map, const RuleFile& file);

/// `formats`, `regex`, `caseless` and `where` of a map that says how one line is recognised; `within` of one.
void read_line(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Match& match);
void read_within(const YamlValue& map, YamlMapReader& reader, const RuleFile& file, Match& match);
/// Texts of block scalars end in a newline that no line has; it is taken off.
[[nodiscard]] std::vector<std::string> read_lines(YamlMapReader& reader, std::string_view key);

/// Reports an id that is not "domain/slug"; a missing one is not its business.
void check_rule_id(const YamlValue& map, const RuleFile& file);

/// The part of an id before (after) its first slash.
[[nodiscard]] std::string domain_of(std::string_view id);
[[nodiscard]] std::string slug_of(std::string_view id);

/// Both languages of `key`: `key` and `key_zh`.
[[nodiscard]] Translated read_translated(YamlMapReader& reader, std::string_view key, std::string_view key_zh);

/// A rate or probability; reported when it is outside 0..1.
[[nodiscard]] std::optional<double> read_share(YamlMapReader& reader, std::string_view key, const YamlValue& map,
                                               const RuleFile& file);

/// A number that cannot be negative, such as a count.
[[nodiscard]] std::uint64_t read_count(YamlMapReader& reader, std::string_view key, const YamlValue& map,
                                       const RuleFile& file);

/// Each item of the list of maps under `key`, read by `read_item(map, file)`; items of other kinds are reported.
template <typename ReadItem>
auto read_each(YamlMapReader& reader, std::string_view key, const RuleFile& file, ReadItem read_item) {
  std::vector<decltype(read_item(std::declval<const YamlValue&>(), file))> read;
  const auto* list = reader.list(key);
  if (list == nullptr) return read;
  for (const auto& item : list->items) {
    if (item.kind == YamlValue::Kind::map) {
      read.push_back(read_item(item, file));
    } else {
      file.report(ProblemLevel::error, item, "each item of '" + std::string(key) + "' must be a map");
    }
  }
  return read;
}

}  // namespace triaged::knowledge

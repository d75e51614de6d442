// A rule: knowledge about one failure. How to recognise it (matches), what causes it, what to do, what not to do.
// Every dialect loads into this value; docs/writing-rules.md explains the YAML that says all of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/problem.hpp"
#include "base/time.hpp"
#include "formats/format.hpp"
#include "values/severity.hpp"

namespace triaged::knowledge {

/// Where something stands in its rule file, for messages.
struct RulePlace {
  std::string file;
  unsigned line = 0, column = 0;
};

/// Text in both languages of the product; Chinese may be missing and English is then shown.
struct Translated {
  std::string english;
  std::string chinese;

  [[nodiscard]] const std::string& in(Language language) const {
    return language == Language::chinese && !chinese.empty() ? chinese : english;
  }
  [[nodiscard]] bool empty() const { return english.empty() && chinese.empty(); }
};

/// One condition on one field of a line: `status: 502`, `status: [502, 503]`, `upstream_response_time: {below: 0.01}`.
/// A line without the field does not satisfy it (except `present: false`).
struct FieldCondition {
  std::string field;
  std::vector<std::string> any_of;     // equal to one of these, as numbers when both are numbers, else as text
  std::vector<std::string> none_of;    // `{not: …}`
  std::optional<double> below, above;  // exclusive
  std::optional<double> from, to;      // inclusive
  std::string matches;                 // RE2, unanchored; empty: no such condition
  std::optional<bool> present;
};

/// Where a pattern is looked for. speech: in the message and what the program writes before it (time, level, name), for
/// rules that know nothing of formats; in lines that begin with a client's text, the message only.
enum class Within { message, line, speech };

/// One way to recognise the failure on one line: a pattern, conditions on fields, or both (then both must hold).
struct Match {
  std::vector<formats::Format> formats;  // empty: any
  std::string regex;  // what Hyperscan accepts, leading and trailing ".*" dropped; empty: conditions only
  std::string jq;     // a jq program for lines that are JSON (CRE only); empty: none
  bool caseless = false;
  bool is_raised_by_client = false;  // any client can bring such lines about: see Rule::is_raised_by_client()
  Within within = Within::message;
  std::string line_because;  // Within::line: why no client can write what the pattern looks for
  std::vector<FieldCondition> where;
  std::vector<std::string> examples;     // real lines that must match
  std::vector<std::string> near_misses;  // lines that must not
  RulePlace place;                       // of the regex, or of the match
};

/// Does the match look at lines of the format?
[[nodiscard]] bool reads(const Match& match, formats::Format format);

/// One line of a condition over several lines.
struct TimedTerm {
  Match line;                        // how the line is recognised
  unsigned count = 1;                // `of` only: so many of these lines
  Microseconds window{0}, slide{0};  // `unless` only: where the line must not stand, see TimedMatch
  std::size_t anchor = 0;
  bool absolute = false;
};

enum class TimedKind { set, sequence, rate, saturation, absence };

/// One way to recognise the failure by several lines (docs/writing-rules.md, "Conditions over several lines").
/// set: each of the lines, in any order; sequence: in this order; both within `window` from first to last. An `unless`
/// line forbids it when it stands between anchor + slide and that + window + (absolute ? 0 : last - first), where the
/// anchor is one of the lines counted from 0 (a set's in order of time).
/// rate: more than `above` lines within `window`, or a share of more than `above` of the lines of `share_of` when there
/// are `at_least` so many of those.
/// saturation: all places of a server are taken, as diagnosis/saturation_window.hpp says: `of` are the requests that
/// are long enough to tell, `share_of` those of any length.
/// absence: lines that came steadily, `at_least` so many in half an hour, have stopped for `window` or longer, as
/// diagnosis/absence_window.hpp says.
struct TimedMatch {
  TimedKind kind = TimedKind::set;
  Microseconds window{0};
  std::vector<TimedTerm> of, unless;  // rate, saturation and absence: one `of`, no `unless`
  std::optional<Match> share_of;      // rate and saturation only
  double above = 0;                   // a number of lines, or a share 0..1 of those of `share_of`
  std::uint64_t at_least = 0;
  std::string duration_field;         // saturation: how long a request took
  Microseconds duration_unit{0};      // what one in that field stands for
  std::string by;                     // only lines with the same value of this field belong together; empty: all do
  std::vector<std::string> examples;  // several lines each: together they must match
  std::vector<std::string> near_misses;
  RulePlace place;
};

enum class Weight { weak, medium, strong };

/// When the other symptom must have been seen last, compared with the rule's own: `when: after` tells a restart (the
/// application listened again) from a stop (it had listened before).
enum class When { any, before, after };

/// Evidence that supports or refutes a cause. Exactly one of symptom, pattern, probe, field is given.
struct EvidenceTerm {
  std::string symptom;                  // a rule id: that rule's symptom in the same incident
  std::string pattern;                  // a built-in statistic of the incident
  std::string probe;                    // a built-in look at this host
  std::optional<FieldCondition> field;  // on the fields of the rule's own symptoms
  bool absent = false;                  // it is the absence that counts
  std::optional<Microseconds> within;   // how near in time
  When when = When::any;                // symptoms only
  Weight weight = Weight::medium;
  RulePlace place;
};

struct Cause {
  std::string id;    // a slug of the vocabulary of root causes
  Translated text;   // may name fields: "{upstream}"
  double prior = 0;  // 0..1, among the causes of its rule
  std::vector<EvidenceTerm> supported_by, refuted_by;
  std::vector<std::string> workarounds;  // ids of this rule's workarounds
  std::vector<std::size_t> dead_ends;    // reserved: all dead ends apply to all causes when empty
  RulePlace place;
};

struct Workaround {
  std::string id;
  Translated action;
  std::string how;  // commands; may name fields
  double success_rate = 0;
  std::string condition;
  std::string tradeoff;  // what it costs
  std::vector<std::string> sources;
};

struct RuleDeadEnd {
  Translated action;  // may be empty (the public records often have none)
  Translated why_fails;
  double fail_rate = 0;
  std::string condition;
  std::string misconception, tradeoff;  // why people try it all the same, what it costs
  std::vector<std::string> sources;
};

struct Transition {
  std::string rule;
  Microseconds within = std::chrono::seconds(60);
  std::optional<double> probability;
  std::string distinction;               // confused_with only
  std::string condition, typical_delay;  // in words, as public records give them
  RulePlace place;
};

struct VersionNote {
  std::string version, status, introduced, deprecated, removed, behavior_change;
};

/// What a public record says that triaged only passes on, in the JSON and the tags that it shows.
struct PublicRecord {
  std::string subcategory, root_cause_type, docs_section, resolvable, last_updated, locale;
  std::vector<std::string> aliases;
  std::string os_specific;  // JSON of the object, as it stood
  // deadends.dev's canons: where the failure was seen, and who says so. `hardware` and `additional` are JSON objects.
  std::string runtime, runtime_versions, os, python, framework, hardware, additional;
  std::string schema_version, url, generated_by, generation_date, last_verification;
  std::optional<std::uint64_t> page_views, agent_hits, human_hits;
  /// Why the engines do not take the record's own pattern; its signature is then looked for word for word. Empty: they
  /// do.
  std::string pattern_refusal;
};

/// What a rule that recognised a line may do. Public records are general knowledge: some of them match too much, and
/// most are about programs that no log of a server speaks of.
enum class Standing {
  full,
  supporting,  // joins an incident that is open already, never opens one
  off,         // not looked for
};

enum class Dialect { triaged_yaml, errorcanon_json, deadends_json, cre_yaml };

struct Rule {
  std::string id;  // "domain/slug", unique
  Dialect dialect = Dialect::triaged_yaml;
  RulePlace place;
  Translated title;
  Translated says;  // what its lines say, as evidence shows it; may name fields; empty: the title
  Severity severity = Severity::error;
  std::string error_code, domain, category;
  std::vector<Match> matches;
  std::vector<TimedMatch> timed_matches;  // beside matches: any one of all is enough
  /// An incident of nothing but lines like these is told from so many on: one answer of 500 in a day is no incident,
  /// but it belongs to one that other lines tell of.
  std::uint64_t alone_from = 1;
  /// Its lines are exceptions of the program's own code: at two places in it (`code_file`, `code_line`) they are two
  /// failures, also about the same entity.
  bool is_apart_by_place = false;
  /// It knows that something failed and not what: on a line that another rule knows, too, it is silent, and beside an
  /// exception that another rule knows it is what follows from that.
  bool is_generic = false;
  std::string entity;  // the field an incident is about; empty or missing in a line: the host
  Translated root_cause;
  std::vector<Cause> causes;  // highest prior first is not required
  std::vector<Workaround> workarounds;
  std::vector<RuleDeadEnd> dead_ends;
  std::vector<Transition> leads_to, preceded_by, confused_with;
  std::vector<VersionNote> versions;
  std::string docs;
  double confidence = 0.5;
  std::uint64_t evidence_count = 0;
  std::string verification, first_seen, last_confirmed;
  std::vector<std::string> tags, see_also;  // see_also: ids of related records ("api/http-502-…")
  /// errorcanon's own overall rate, shown as "Fix Rate"; nullopt when the dialect has none.
  std::optional<double> fix_rate;
  std::optional<PublicRecord> record;  // public records only (errorcanon, deadends.dev)
  Standing standing = Standing::full;
  std::string standing_reason;  // why it is not full, in words
  bool is_pinned = false;       // by configuration: its standing stays full, whatever it matches

  /// General knowledge of others, not written for the logs of this product.
  [[nodiscard]] bool is_public() const { return record.has_value(); }
  /// What it recognises, clients bring about (`raised_by: client`): its severity counts only when its lines are a
  /// larger share of their log than usual, and it is info otherwise.
  [[nodiscard]] bool is_raised_by_client() const;
};

/// All rules of a run, immutable after loading and shared by the stages.
class RuleSet {
 public:
  RuleSet() = default;
  /// REQUIRES: ids are unique.
  explicit RuleSet(std::vector<Rule> rules);

  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }
  /// nullptr when there is no such rule.
  [[nodiscard]] const Rule* find(std::string_view id) const;

 private:
  std::vector<Rule> rules_;
  std::unordered_map<std::string_view, std::size_t> by_id_;  // views into rules_, which never changes
};

}  // namespace triaged::knowledge

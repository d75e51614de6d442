// An incident and its diagnosis as they are told to people and programs: the value behind "Incident JSON, schema 1".
// Made by the diagnosis stage, complete when it exists.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "values/severity.hpp"

namespace triaged::inline values {

enum class IncidentState { open, resolved };
enum class Change { opened, updated, resolved };
enum class ChainRole { root, intermediate, symptom };

[[nodiscard]] std::string_view name_of(IncidentState state);
[[nodiscard]] std::string_view name_of(Change change);
[[nodiscard]] std::string_view name_of(ChainRole role);

/// What an incident is about: the name of a field and its value ("upstream", "127.0.0.1:8003").
struct Entity {
  std::string kind;
  std::string value;

  friend bool operator==(const Entity&, const Entity&) = default;
};

/// One piece of evidence for (above 0) or against (below 0) a cause. Times in `text` are RFC 3339, in UTC; what people
/// read has them in the reader's zone (LocalClock::with_local_times).
struct Contribution {
  std::string text;
  double log_odds = 0;
  std::string rule = {};  // whose lines it speaks of; empty: it speaks of none
};

struct RankedCause {
  std::string cause;  // a slug of the vocabulary of root causes
  std::string rule;   // the rule that proposed it
  double probability = 0;
  std::string text;
  std::vector<Contribution> because;
};

/// What would decide about a cause and was not read: the log of that time in which another rule's symptom would stand.
struct OpenQuestion {
  std::string cause;
  std::string rule;  // whose symptom is looked for
  std::string text;  // which log is missing, the command that shows it, and what to look for there

  friend bool operator==(const OpenQuestion&, const OpenQuestion&) = default;
};

/// The requests of an incident's servers from its first failure to its last, as far as access logs tell.
struct Impact {
  std::uint64_t failing = 0;
  std::uint64_t of = 0;    // failed or answered as they should be
  bool users_see = false;  // a retry did not hide it

  friend bool operator==(const Impact&, const Impact&) = default;
};

struct ChainLink {
  std::string rule;
  ChainRole role = ChainRole::symptom;
  TimePoint at;
  std::string source;
  std::string line;
  std::string says = {};  // what the rule reads in such a line, in words; empty in incidents of older versions
};

/// What operators of this site have reported of a workaround, and what the rule says of it without them.
struct SiteRecord {
  std::uint64_t worked = 0, failed = 0;
  double rule_success_rate = 0;
  std::uint64_t rule_weight = 0;  // the rule's rate counts as so many reports

  [[nodiscard]] bool is_empty() const { return worked + failed == 0; }
  friend bool operator==(const SiteRecord&, const SiteRecord&) = default;
};

struct RankedWorkaround {
  std::string action;
  std::string how;
  double success_rate = 0;  // of the rule and, where there are any, of the site's reports together
  double score = 0;         // success rate × probability of the cause it treats
  std::string cause;        // empty: helps whatever the cause
  std::string rule = {};    // whose advice it is
  std::string id = {};      // names it under that rule, whatever else the rule file changes
  SiteRecord here = {};
};

struct DeadEnd {
  std::string action;  // may be empty: then why_fails says it all
  std::string why_fails;
  double fail_rate = 0;
};

struct Evidence {
  std::string source;
  std::uint64_t offset = 0;
  TimePoint at;
  std::string line;
  std::string rule = {};  // that recognised the line, and in words what it reads there; both may be empty
  std::string says = {};
};

/// Where in the program's own code a failure came about, as its traceback says it.
struct FailingCode {
  std::string file, function;  // the function may be unknown
  std::uint64_t line = 0;

  friend bool operator==(const FailingCode&, const FailingCode&) = default;
};

/// How many of how many requests for the URL that fails most, by one access log, while the incident lasted.
struct FailingRequests {
  std::string method, path;  // without a query
  std::uint64_t failed = 0, of = 0;

  friend bool operator==(const FailingRequests&, const FailingRequests&) = default;
};

struct Incident {
  std::string id;           // ULID of this occurrence
  std::string merged_into;  // resolved because it turned out to be part of this incident; empty: it is its own story
  std::string key;          // stable for the same rule and entity, over restarts and machines
  IncidentState state = IncidentState::open;
  Change change = Change::opened;
  /// The worst severity that was reported before this change; nullopt: none was. For the notifier, not in the JSON.
  std::optional<Severity> reported_severity;
  std::uint64_t change_number = 1;  // 1: opened; grows by one with each change that is told
  Severity severity = Severity::info;
  std::string severity_because;  // why it is not that of its rules; empty: it is
  std::optional<Impact> impact;  // nullopt: no access log tells
  std::string title;
  Entity entity;
  std::string host;  // empty: unknown
  std::optional<FailingCode> code;
  std::optional<FailingRequests> requests;
  TimePoint first_seen;
  TimePoint last_seen;
  /// All of its lines stood in their logs before these were followed for the first time, and are too old to be news:
  /// nobody is notified of it. For the notifier, not in the JSON.
  bool is_history = false;
  /// Its lines carry no time, and were written before this: when the file was last written, or the pipe opened. Then
  /// first_seen and last_seen are the same time. None: they are the lines' own.
  TimePoint written_before;
  std::uint64_t count = 0;          // symptoms
  std::uint64_t recurred = 0;       // so often it was over and came back; first_seen and count are of all occurrences
  TimePoint acknowledged;           // when an operator said that it is known; none: nobody did, or it got worse
  std::vector<RankedCause> causes;  // likeliest first; causes[0] is the root cause; never empty
  std::vector<OpenQuestion> open_questions;   // what to examine before anything is certain, most important first
  std::vector<ChainLink> chain;               // root first
  std::vector<RankedWorkaround> workarounds;  // best first
  std::vector<DeadEnd> dead_ends;
  std::vector<Evidence> evidence;  // oldest first, bounded
  std::vector<std::string> rules;  // ids, the root cause's first
  double confidence = 0;           // of the rule that names the root cause
  std::string docs;                // may be empty
};

/// One line of JSON (schema 1, see docs/incident-json.md), valid UTF-8 whatever the log lines held; no newline.
[[nodiscard]] std::string to_json(const Incident& incident);

/// Reads what to_json wrote (the outbox keeps incidents in that form).
[[nodiscard]] Result<Incident> incident_from_json(std::string_view json);

}  // namespace triaged::inline values

// An incident while it is open: what the diagnosis stage remembers of its symptoms. Bounded whatever the logs say: a
// fixed number of observations, a few sample lines each, and statistics in small tables. Saved as JSON with every
// commit.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "values/incident.hpp"
#include "values/probe.hpp"
#include "values/symptom.hpp"

namespace triaged::diagnosis {

/// All symptoms of one rule about one entity.
struct Observation {
  std::string rule;
  Entity entity;
  TimePoint first_seen, last_seen;
  bool is_dated = false;  // by lines with a time of their own; else by their arrival
  std::uint64_t count = 0;
  std::vector<Symptom> samples;  // the first few and the latest; oldest first, until merge()
  // Of a rule that means something only in numbers:
  std::uint64_t everyday = 0;   // of `count`: no more often than every day
  std::optional<double> usual;  // share of the log's lines, when it was told; nullopt: it was not known
};

/// How often each of a few values was seen; what does not fit any more is counted together.
struct ValueCounts {
  std::map<std::string, std::uint64_t, std::less<>> values;
  std::uint64_t others = 0;

  void add(std::string_view value);
  [[nodiscard]] std::uint64_t total() const;
};

/// What the built-in patterns (statistics of an incident) are computed from.
struct IncidentStatistics {
  ValueCounts failing_upstreams;    // addresses that the symptoms blame
  ValueCounts answering_upstreams;  // addresses that answered after a retry
  ValueCounts methods, paths;
  std::vector<double> durations;  // seconds; the first 64
  ValueCounts clients;
  ValueCounts failed_requests;    // by the format of the access log that says so: each request stands in several logs
  std::uint64_t hidden = 0;       // requests that another server answered after a retry
  std::vector<TimePoint> bursts;  // when failures came after a pause; the latest ones, also of earlier occurrences
  std::string last_request;       // where the last line of an access log stands: several rules may know it; not saved

  /// The most that one log tells of.
  [[nodiscard]] std::uint64_t failing_requests() const;
};

/// When an incident's failures came, without what is merely its context.
struct Rhythm {
  TimePoint first, last;
  std::uint64_t failures = 0;
  Microseconds longest_gap{0};    // between two of them
  Microseconds longest_pause{0};  // in which it was over, before it recurred
};

struct OpenIncident {
  std::string id;
  std::string key;  // empty until it is told for the first time
  Entity entity;    // of the first symptom; the root cause's when told
  std::string host;
  std::string place;  // in the program's own code, of an exception (failing_code.hpp); empty: it is about none
  TimePoint first_seen, last_seen;
  bool is_dated = false;   // as in Observation
  TimePoint due;           // when it is told, or told again because its diagnosis changed; max(): nothing due
  TimePoint active_until;  // quiet past this: resolved
  std::uint64_t count = 0;
  Severity severity = Severity::info;  // the worst of its rules'
  std::vector<Observation> observations;
  std::uint64_t unkept_observations = 0;  // symptoms of rules or entities beyond the bound
  IncidentStatistics statistics;
  Rhythm rhythm;  // of the present occurrence

  // It was over so often and came back; all else is of the present occurrence.
  std::uint64_t recurred = 0;
  std::uint64_t earlier_count = 0;  // symptoms of the earlier ones
  TimePoint began;                  // the first of them

  std::uint64_t reports = 0;                    // that were made of it
  bool is_told = false;                         // the last report said that it is open
  std::uint64_t reported_count = 0;             // `count` in the last report
  std::string reported_cause;                   // the root cause in the last report
  Severity reported_severity = Severity::info;  // the worst of all reports

  bool has_news = false;       // not all that keeps it open is history (Incident::is_history)
  bool reported_news = false;  // the same in the last report
  bool was_restored = false;   // it began in an earlier run: what was answered then is not known. Not saved

  std::vector<ProbeAnswer> answers;  // known ones; the latest of each question
  struct Asked {
    ProbeKind kind = ProbeKind::listener;
    std::string subject;
    TimePoint at;
  };
  std::vector<Asked> asked;  // not saved: after a restart they may be asked again
  // The likeliest cause is another one than the report said, and the last failure was then: reported if it goes on.
  std::optional<TimePoint> doubted_after;
  bool has_other_failure = false;  // one of a kind that the last report did not know
  TimePoint ask_next;              // not before; not saved
  TimePoint check_recovery;        // not before answers of that time were counted; not saved

  [[nodiscard]] bool is_reported() const { return reports > 0; }
  [[nodiscard]] bool has_grown() const { return is_reported() && count != reported_count; }
  [[nodiscard]] const Observation* observation_of(std::string_view rule) const;
  /// The observation that `rule` and `entity` share, made when there is room; nullptr when there is none.
  [[nodiscard]] Observation* observation_for(std::string_view rule, const Entity& entity);
};

inline constexpr std::size_t most_observations = 64;
inline constexpr std::size_t first_samples = 3;
inline constexpr std::size_t latest_samples = 2;

enum class Remembered {
  as_new,       // the first of its rule and entity
  with_others,  // of its rule and entity
  as_count,     // there is no room for another observation
};

/// Adds one symptom about `entity`.
Remembered add_symptom(OpenIncident& incident, const Symptom& symptom, const Entity& entity);

/// Counts a failure at `at`, in any order.
void note_failure(OpenIncident& incident, TimePoint at);

inline constexpr std::size_t most_answers = 16;

/// Keeps a known answer in place of the one to the same question. True: something else is known now.
bool add_answer(OpenIncident& incident, ProbeAnswer answer);

/// Moves everything of `other` into `incident`, which keeps its identity.
void merge(OpenIncident& incident, OpenIncident&& other);

/// The same root cause came back: `incident` goes on as another occurrence of `earlier`, under its identity.
void recur(OpenIncident& incident, const OpenIncident& earlier);

[[nodiscard]] std::string to_json(const OpenIncident& incident);
[[nodiscard]] Result<OpenIncident> open_incident_from_json(std::string_view json);

}  // namespace triaged::diagnosis

// What the diagnoser remembers, and its steps. Private to this room: diagnoser.cpp takes findings and decides,
// saved_diagnosis.cpp writes it down and takes it back.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "diagnosis/diagnoser.hpp"
#include "diagnosis/incident_table.hpp"
#include "diagnosis/log_coverage.hpp"
#include "diagnosis/present.hpp"
#include "diagnosis/recovered_incidents.hpp"
#include "diagnosis/timed_matches.hpp"
#include "diagnosis/usual_shares.hpp"

namespace triaged::diagnosis {

struct Diagnoser::State {
  static constexpr std::size_t most_open = 10'000;  // incidents

  State(std::shared_ptr<const knowledge::RuleSet> loaded, DiagnosisOptions chosen)
      : rules(std::move(loaded)),
        graph(*rules),
        timed(*rules),
        options(std::move(chosen)),
        coverage(options.logs),
        open(most_open, options.resolve_after),
        recovered(options.resolve_after) {}

  std::shared_ptr<const knowledge::RuleSet> rules;
  RuleGraph graph;
  TimedMatches timed;
  DiagnosisOptions options;
  LogCoverage coverage;
  IncidentTable open;
  RecoveredIncidents recovered;
  std::unordered_map<std::string, std::string> reported_by_key;  // ids of open incidents that were reported
  UsualShares usual;
  UrlCounts urls;
  Learnt learnt;
  TimePoint now{};
  std::vector<Incident> changes;
  std::set<std::string> changed_ids;
  std::vector<std::string> ended_ids;
  std::chrono::sys_seconds asked_in{};  // this second,
  std::size_t asked_count = 0;          // so many questions

  void on_finding(const Symptom& symptom) { on_symptom(symptom); }
  void on_finding(const TermLine& line);
  void on_finding(const TermCount& count);
  void on_finding(const Answers& /*answers*/) {}       // they were counted before
  void on_finding(const CoveredTime& /*covered*/) {}   // likewise
  void on_finding(const UrlRequests& /*requests*/) {}  // likewise
  void on_symptom(const Symptom& symptom);
  [[nodiscard]] bool is_history(const Symptom& symptom) const;
  bool note_news(OpenIncident& incident, const Symptom& symptom) const;
  bool restore(const SavedState& row, TimePoint now);
  bool restore_incident(std::string_view json, TimePoint now);
  void on_absorbed(OpenIncident&& absorbed, const std::string& into);
  void judge(OpenIncident& incident, bool wants_update);
  [[nodiscard]] static bool is_told_of_other_cause(OpenIncident& incident, std::string_view cause);
  [[nodiscard]] std::optional<OpenIncident> earlier_occurrence(const OpenIncident& incident, const Incident& reported);
  void recur(OpenIncident& incident, Incident& reported);
  [[nodiscard]] bool has_recovered(OpenIncident& incident);
  void end(OpenIncident& incident);
  void give_up(OpenIncident& incident);
  void resolve(OpenIncident& incident);
  void recover(OpenIncident& incident);
  void report(OpenIncident& incident, Incident&& reported, Change change);
  void ask(OpenIncident& incident, TimePoint at, std::vector<ProbeQuestion>& questions);
  [[nodiscard]] std::optional<Incident> presented(const OpenIncident& incident) const {
    return present(incident, learnt,
                   {.rules = *rules,
                    .graph = graph,
                    .coverage = coverage,
                    .answers = open.answers_around(incident),
                    .urls = urls,
                    .language = options.language});
  }
};

}  // namespace triaged::diagnosis

// The diagnosis: findings in, incidents out. Sequential, without a lock and without a clock: time comes in with
// findings and with advance_to(), so a day of logs replays in a second.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "diagnosis/learnt.hpp"
#include "knowledge/model/rule.hpp"
#include "topology/topology.hpp"
#include "values/finding.hpp"
#include "values/incident.hpp"
#include "values/probe.hpp"
#include "values/saved_state.hpp"

namespace triaged::diagnosis {

/// Whether logs go on being read, so that a quiet one has nothing to say, or are files that end somewhere.
enum class Logs { end, are_followed };

struct DiagnosisOptions {
  Microseconds settle = std::chrono::seconds(2);          // wait this long for the cause behind a first symptom
  Microseconds resolve_after = std::chrono::minutes(10);  // quiet for this long: resolved
  Microseconds max_age = std::chrono::hours(1);           // older lines that were there before following are history
  Language language = Language::english;
  std::string host;  // this host's name, for symptoms that carry none
  Logs logs = Logs::end;
  std::vector<std::string> followed_formats;  // of logs that are read from the start on, also when they say nothing
  std::vector<ProbeKind> probe_kinds;         // what may be asked of this host; none: nothing is
};

class Diagnoser {
 public:
  Diagnoser(std::shared_ptr<const knowledge::RuleSet> rules, DiagnosisOptions options);
  ~Diagnoser();
  Diagnoser(Diagnoser&&) noexcept;
  Diagnoser& operator=(Diagnoser&&) noexcept;

  /// Who stands behind whom: decides which symptoms of several tiers can be one story. Nothing is known without it.
  void use_topology(topology::Topology topology);

  /// In any order; those of one call should be near each other in time.
  void on_findings(std::span<const Finding> findings);

  /// Whether whoever tells people wants to hear of this incident again at `at`, although it only grew.
  using WantsUpdate = std::function<bool(const std::string& incident, TimePoint at)>;

  /// Nothing with a time before `now` is expected any more: opens what has settled, updates what turned out to be worse
  /// or of another cause, resolves what has been quiet. `now` never goes back; an earlier one is ignored.
  ///
  /// `wants_update` (none: never) is asked of each incident that has grown since it was reported last.
  /// `has_had_enough` (none: never) is asked after each incident that was judged. True ends the work: this returns
  /// false, and the next call goes on with the rest.
  bool advance_to(TimePoint now, const WantsUpdate& wants_update = {},
                  const std::function<bool()>& has_had_enough = {});

  /// What incidents want to know of this host at `now`, the true time: those that are about to be told, or told again,
  /// or all that are open. Bounded for each incident and each second. An incident of old lines asks nothing, because
  /// what is true now says nothing about then. No answer needs to come.
  enum class Asking { what_is_told_next, all };
  [[nodiscard]] std::vector<ProbeQuestion> take_questions(TimePoint now, Asking asking = Asking::what_is_told_next,
                                                          const WantsUpdate& wants_update = {});

  /// Answers in any order, known or not. One that says something new has its incident judged again by the next
  /// advance_to().
  void take_answers(std::span<const ProbeAnswer> answers);

  /// Nothing more will ever come: decides what still waits for a line that could forbid it. Only the incidents are
  /// asked for afterwards.
  void end_story();

  /// What has become worth telling since the last call, in order. Who is told of it, and whether at all, is not decided
  /// here.
  [[nodiscard]] std::vector<Incident> take_changes();

  /// What the ledger must keep, and forget, of what changed since the last call: incidents, windows of conditions over
  /// several lines, usual shares and addresses of processes.
  [[nodiscard]] std::vector<SavedState> take_state_changes();
  /// For those who keep nothing: the same without writing anything down.
  void drop_state_changes();
  /// All of it, for a ledger that must be written anew.
  [[nodiscard]] std::vector<SavedState> saved_state() const;

  /// Takes back what take_state_changes() gave, and leaves rows of other kinds alone; `now` is the time of the new
  /// start. No incident is resolved within the next minute: lines that were written meanwhile may go on with it. What
  /// cannot be read is skipped and returned.
  [[nodiscard]] std::vector<StateKey> restore(std::span<const SavedState> saved, TimePoint now);

  /// New rules for what comes; open incidents stay, and are judged by the new rules from now on.
  void use_rules(std::shared_ptr<const knowledge::RuleSet> rules);

  /// What the site has learnt ranks the workarounds of what is told from now on.
  void use_learnt(Learnt learnt);

  /// An operator says that it is over: it is reported as resolved and forgotten. False: no incident of that id is open
  /// and was reported.
  bool resolve(const std::string& id);

  [[nodiscard]] std::size_t open_count() const;
  /// Some incident is about to be sent, or sent again, when it has settled.
  [[nodiscard]] bool is_settling() const;
  /// Incidents that were ended because there were too many at once; whoever had been told of one hears "resolved".
  [[nodiscard]] std::uint64_t pushed_out() const;

  /// Lines that conditions over several lines could not keep any more because there were too many.
  [[nodiscard]] std::uint64_t given_up() const;

  /// Every open incident in its present form, most important first (severity, then count, then age).
  [[nodiscard]] std::vector<Incident> open_incidents() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace triaged::diagnosis

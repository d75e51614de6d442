// The table of open incidents and the rules by which a symptom finds its own. A symptom joins
//   - an incident about the same entity that was active within the quiet time and explains it: the incident began about
//     then, holds a symptom of the same rule or of one that leads to it, or has a cause that the symptom's rule names;
//   - an incident about another server of the same backend of HAProxy's, or of the same upstream block of nginx's, in
//     which the same rule's symptoms began within half a minute of it;
//   - an incident that within half a minute holds what the program of a unit of systemd says of itself, when the
//   symptom
//     is what systemd says of that unit, or the other way round (kinship.cpp says by what that is known);
//   - an incident that holds a symptom of a rule linked to its own by a transition, near enough in time, unless the two
//     are about different values of one kind of entity (two upstream addresses, two servers: two stories), or one is
//     about a process or a unit that serves another address than the other is about.
// Exceptions at different places in a program's own code are different stories (failing_code.hpp).
// It never joins one whose servers have answered since as they should (recovery.cpp): that story is over.
// Of several that it fits, those that began together, and those that it is the cause of, turn out to be one story and
// are merged into the earliest. The others stay apart, and the symptom joins the one that began last.
//
// Bounded: at most `capacity` incidents are open. When one more is opened, a sixteenth of them is pushed out: those of
// which nobody is to be notified (Incident::is_history), then the mildest, of those the ones that were reported,
// and of those the ones that were quiet longest, so that what clients can invent never displaces what is grave.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "diagnosis/answer_counts.hpp"
#include "diagnosis/open_incident.hpp"
#include "diagnosis/process_addresses.hpp"
#include "diagnosis/rule_graph.hpp"
#include "diagnosis/server_groups.hpp"
#include "knowledge/model/rule.hpp"
#include "topology/topology.hpp"

namespace triaged::diagnosis {

/// What happens to a server within half a minute is one failure: a timeout and its retries, a crash and its restart.
[[nodiscard]] inline bool began_together(TimePoint a, TimePoint b) {
  return std::chrono::abs(a - b) <= std::chrono::seconds(30);
}

class IncidentTable {
 public:
  /// A symptom is compared with so many incidents, the latest, at most: what clients invent must not make it dear.
  static constexpr std::size_t most_linked = 64;

  IncidentTable(std::size_t capacity, Microseconds quiet) : capacity_(capacity), quiet_(quiet) {}

  struct Joined {
    OpenIncident* incident = nullptr;      // never nullptr
    bool is_news = false;                  // the first symptom of its rule and entity there
    std::vector<OpenIncident> absorbed;    // incidents that became part of it
    std::vector<OpenIncident> pushed_out;  // incidents that had to make room
  };
  /// Learns from a symptom what it tells of processes and servers.
  void learn(const Symptom& symptom, const Entity& entity);
  /// What is known of processes, for whoever keeps it.
  [[nodiscard]] ProcessAddresses& processes() { return processes_; }
  [[nodiscard]] const ProcessAddresses& processes() const { return processes_; }

  /// What the proxies' configuration says from now on.
  void use_topology(topology::Topology topology);

  /// Puts `symptom` of `rule` about `entity` where it belongs.
  [[nodiscard]] Joined join(const Symptom& symptom, const Entity& entity, const knowledge::Rule& rule,
                            const RuleGraph& graph);

  /// True when join() would not open an incident.
  [[nodiscard]] bool fits(const Symptom& symptom, const Entity& entity, const knowledge::Rule& rule,
                          const RuleGraph& graph) {
    return !fitting({symptom, entity, rule, graph}).empty();
  }

  void count(const Answers& answers);
  /// Answers of that time were counted.
  [[nodiscard]] TimePoint latest_answer() const { return answers_.latest(); }
  /// Those of the servers of the incident, and of others meanwhile.
  [[nodiscard]] GoodAnswers answers_around(const OpenIncident& incident) const;
  /// At `at` the servers of the incident had answered as they should for long enough: it is over.
  [[nodiscard]] bool is_over(const OpenIncident& incident, TimePoint at) const;
  /// The same, and it has not come back for as long as it did before.
  [[nodiscard]] bool has_recovered(const OpenIncident& incident) const;

  /// Takes back an incident of an earlier run.
  void insert(OpenIncident incident);
  /// Goes on with `incident` as another occurrence of `earlier`. REQUIRES: `earlier` is not in the table.
  void recur(OpenIncident& incident, const OpenIncident& earlier);
  void erase(const std::string& id);
  /// nullptr: no such incident is open.
  [[nodiscard]] OpenIncident* find(const std::string& id);

  /// The one with the next id, for who changes the table on the way; nullptr: there is none.
  [[nodiscard]] OpenIncident* next_after(const std::string& id);
  [[nodiscard]] std::vector<OpenIncident*> all();
  [[nodiscard]] std::vector<const OpenIncident*> all() const;
  [[nodiscard]] std::size_t size() const { return by_id_.size(); }
  [[nodiscard]] std::uint64_t pushed_out() const { return pushed_out_; }

 private:
  /// A symptom that looks for its incident.
  struct Seeking {
    const Symptom& symptom;
    const Entity& entity;
    const knowledge::Rule& rule;
    const RuleGraph& graph;
  };
  [[nodiscard]] std::vector<OpenIncident*> fitting(const Seeking& seeking) const;
  [[nodiscard]] OpenIncident* of_same_entity(const Seeking& seeking) const;
  [[nodiscard]] OpenIncident* of_neighbour(const Seeking& seeking) const;
  [[nodiscard]] OpenIncident* of_unit(const Seeking& seeking) const;
  [[nodiscard]] bool explains(const OpenIncident& incident, const Seeking& seeking) const;
  [[nodiscard]] bool is_past(const OpenIncident& incident, const Seeking& seeking) const;
  [[nodiscard]] bool fails_like_another(const OpenIncident& incident, const Observation& one) const;
  [[nodiscard]] std::set<std::string> answer_keys(const OpenIncident& incident) const;
  void add_others(GoodAnswers& answers, std::string_view kind, const std::set<std::string>& keys,
                  const Rhythm& rhythm) const;
  void absorb(Joined& joined, OpenIncident& other);
  [[nodiscard]] OpenIncident* open_for(const Symptom& symptom, const Entity& entity, Joined& joined);
  void index(OpenIncident& incident, const std::string& rule, const Entity& entity);
  void unindex(const OpenIncident& incident);
  [[nodiscard]] std::string entity_key(const Entity& entity) const;
  [[nodiscard]] std::string_view address_of(const Entity& entity) const;
  /// What the topology says of two addresses; a large one is walked once for each pair.
  struct Relation {
    bool are_apart = false, one_leads_to_other = false, are_in_one_group = false;
  };
  [[nodiscard]] Relation relation_of(std::string_view a, std::string_view b) const;
  [[nodiscard]] bool is_elsewhere(std::string_view address, const Entity& entity) const;
  [[nodiscard]] std::vector<OpenIncident> make_room();

  [[nodiscard]] bool is_linked(const OpenIncident& incident, const RuleLink& link, const Symptom& symptom,
                               const Entity& entity) const;
  [[nodiscard]] bool are_neighbours(const Entity& a, const Entity& b) const;
  [[nodiscard]] bool is_outside_group(const Symptom& symptom, const Entity& entity) const;

  /// What a unit of systemd has to do with what a line speaks of.
  enum class Kinship { same, apart, unknown };
  struct Unit {
    std::string_view name;
    std::string_view host;  // of the line that tells of it; empty: nobody said
  };
  [[nodiscard]] Kinship kinship_of(const Unit& unit, const Symptom& symptom, const Entity& entity) const;
  [[nodiscard]] Kinship kinship_on_host(const Unit& unit, const Symptom& symptom, const Entity& entity) const;
  [[nodiscard]] Kinship kinship_of_address(const Unit& unit, const Symptom& symptom, const Entity& entity) const;
  [[nodiscard]] bool may_be_of_one_unit(const OpenIncident& incident, const Observation& observation,
                                        const Symptom& symptom, const Entity& entity) const;
  void keep_one_unit(std::vector<OpenIncident*>& found, const Seeking& seeking) const;

  ProcessAddresses processes_;
  ServerGroups groups_;
  AnswerCounts answers_;
  std::set<std::string> named_kinds_;  // "upstream", "server": some log says by its name which one answered
  topology::Topology topology_;
  mutable std::unordered_map<std::string, Relation> relations_;  // of two addresses, as far as they were asked for
  const std::size_t capacity_;
  const Microseconds quiet_;
  std::uint64_t pushed_out_ = 0;
  std::map<std::string, std::unique_ptr<OpenIncident>> by_id_;  // ordered: ids begin with their time
  std::unordered_map<std::string, std::set<std::string>>
      by_entity_;                                                   // entity -> ids that hold a symptom of it, by time
  std::unordered_map<std::string, std::set<std::string>> by_rule_;  // the same of a rule
};

}  // namespace triaged::diagnosis

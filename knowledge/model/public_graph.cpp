#include "knowledge/model/public_graph.hpp"

#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace triaged::knowledge {

namespace {

using Edges = std::vector<Transition> Rule::*;

class PublicGraph {
 public:
  explicit PublicGraph(std::vector<Rule>& rules) {
    for (auto& rule : rules) {
      if (rule.dialect != Dialect::deadends_json) continue;
      by_id_.emplace(rule.id, &rule);
      canons_.push_back(&rule);
    }
  }

  void complete() {
    for (auto* rule : canons_) {
      for (const auto edges : {&Rule::leads_to, &Rule::preceded_by, &Rule::confused_with}) clean(*rule, edges);
    }
    // Reverse edges are collected first: an edge that is added needs no reverse of its own.
    std::vector<std::pair<Rule*, std::pair<Edges, Transition>>> added;
    for (auto* rule : canons_) {
      const auto reverse = [&](Edges from, Edges to) {
        for (const auto& edge : rule->*from) {
          auto back = edge;
          back.rule = rule->id;
          added.push_back({by_id_.at(edge.rule), {to, std::move(back)}});
        }
      };
      reverse(&Rule::leads_to, &Rule::preceded_by);
      reverse(&Rule::preceded_by, &Rule::leads_to);
      reverse(&Rule::confused_with, &Rule::confused_with);
    }
    for (auto& [rule, edge] : added) (rule->*edge.first).push_back(std::move(edge.second));
    for (auto* rule : canons_) {
      for (const auto edges : {&Rule::leads_to, &Rule::preceded_by, &Rule::confused_with}) clean(*rule, edges);
    }
  }

 private:
  void clean(Rule& rule, Edges edges) {
    std::unordered_set<std::string> seen;
    std::erase_if(rule.*edges, [&](const Transition& edge) {
      return by_id_.count(edge.rule) == 0 || !seen.insert(edge.rule).second;
    });
  }

  std::vector<Rule*> canons_;  // in the order of their files, and so are the edges
  std::unordered_map<std::string_view, Rule*> by_id_;
};

}  // namespace

void complete_public_graph(std::vector<Rule>& rules) { PublicGraph(rules).complete(); }

}  // namespace triaged::knowledge

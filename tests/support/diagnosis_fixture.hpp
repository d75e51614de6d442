// Rules and symptoms in a few words, for tests of the diagnosis stage.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "diagnosis/diagnoser.hpp"
#include "knowledge/model/rule.hpp"
#include "tests/support/state_rows.hpp"
#include "values/finding.hpp"

namespace triaged {

using namespace std::chrono_literals;

inline const TimePoint start = TimePoint(1795221366s);

inline knowledge::Cause cause(std::string id, double prior) {
  return {.id = std::move(id), .text = {"because of {upstream}", ""}, .prior = prior};
}

inline knowledge::Rule rule(std::string id, std::vector<knowledge::Cause> causes,
                            Severity severity = Severity::critical) {
  knowledge::Rule made;
  made.id = std::move(id);
  made.title = {made.id + " at {upstream}", ""};
  made.severity = severity;
  made.entity = "upstream";
  made.causes = std::move(causes);
  made.confidence = 1;
  return made;
}

inline Symptom symptom(std::string rule_id, TimePoint at, std::string upstream, std::string line = "a line") {
  static std::uint64_t offset = 0;
  return {{.rule = std::move(rule_id),
           .format = "nginx.error",
           .source = "error.log",
           .offset = ++offset,
           .at = at,
           .has_own_time = true,
           .host = "",
           .line = std::move(line),
           .header = "",
           .fields = {{"upstream", std::move(upstream)}}}};
}

inline std::shared_ptr<const knowledge::RuleSet> rule_set(std::vector<knowledge::Rule> rules) {
  return std::make_shared<const knowledge::RuleSet>(std::move(rules));
}

}  // namespace triaged

// A rule of the Common Reliability Enumerations (CRE) as its file says it, before it becomes a triaged rule: with the
// times in nanoseconds and the lines repeated as often as they are wanted, as the engine that the format comes from
// runs it. `triaged scan --parity cre` runs this form, all else the Rule that rule_of() makes of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "base/yaml.hpp"
#include "knowledge/model/rule.hpp"

namespace triaged::knowledge {

struct CreTerm {
  enum class Kind { value, regex, jq };
  Kind kind = Kind::value;
  std::string text;
  RulePlace place;

  friend bool operator==(const CreTerm& a, const CreTerm& b) { return a.kind == b.kind && a.text == b.text; }
};

struct CreNegative {
  CreTerm term;
  std::int64_t window = 0, slide = 0;  // nanoseconds
  std::size_t anchor = 0;              // in CreRule::positives
  bool absolute = false;
};

struct CreRule {
  std::string id;         // "CRE-2024-0007"
  std::string record_id;  // metadata.id and metadata.hash; may be empty
  std::string hash;
  std::string source;  // the kind of log that it is for: "cre.log.rabbitmq"
  bool is_sequence = false;
  std::int64_t window = 0;  // nanoseconds
  std::vector<CreTerm> positives;
  std::vector<CreNegative> negatives;
  RulePlace place;
  Rule knowledge;  // all but how it is recognised
};

/// The rules of the documents of one CRE file. A rule with a mistake is reported at its place and left out; one that
/// the format's own engine cannot run either (nested conditions, PromQL) is left out with a warning.
[[nodiscard]] std::vector<CreRule> read_cre_documents(const std::vector<YamlValue>& documents, const std::string& file,
                                                      Problems& problems);

/// The same rule for triaged's own matching and diagnosis. `problems` gets a warning for a pattern that triaged's
/// engines do not take; the rule is then incomplete and must not be used, which has_all says.
struct ConvertedCre {
  Rule rule;
  bool has_all = true;
};
[[nodiscard]] ConvertedCre rule_of(const CreRule& cre, Problems& problems);

struct LoadedCreRules {
  std::vector<CreRule> rules;
  Problems problems;
};
/// Every rule file under `paths`, read as CRE, with what can only be seen over all files: ids that are given twice.
[[nodiscard]] LoadedCreRules load_cre_rules(const std::vector<std::filesystem::path>& paths);

}  // namespace triaged::knowledge

// One rule file's text: which dialect it is, and its rules.
#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "knowledge/dialects/cre_rule.hpp"
#include "knowledge/dialects/json_tree.hpp"
#include "knowledge/dialects/load_rules.hpp"
#include "knowledge/dialects/rule_reading.hpp"

namespace triaged::knowledge {

namespace {

enum class Shape { triaged, errorcanon, deadends, cre };

/// What a map looks like, whatever its file is called.
Shape shape_of(const YamlValue& map) {
  const auto is_map = [&](std::string_view key) {
    const auto* value = map.find(key);
    return value != nullptr && value->kind == YamlValue::Kind::map;
  };
  const auto* rules = map.find("rules");
  if (rules != nullptr && rules->kind == YamlValue::Kind::list) {
    for (const auto& item : rules->items) {
      if (item.find("cre") != nullptr || item.find("rule") != nullptr || item.find("metadata") != nullptr) {
        return Shape::cre;
      }
    }
  }
  if (is_map("error") && (is_map("environment") || is_map("verdict"))) return Shape::deadends;
  if (map.find("match") != nullptr) return Shape::triaged;
  return map.find("signature") != nullptr || map.find("transition_graph") != nullptr ? Shape::errorcanon
                                                                                     : Shape::triaged;
}

/// Collections of rules come with lists of their tags and the like beside them.
bool says_nothing_of_a_rule(const YamlValue& map) {
  constexpr std::string_view marks[] = {"id", "title", "match", "signature", "regex", "error", "root_cause"};
  return std::none_of(std::begin(marks), std::end(marks), [&](auto mark) { return map.find(mark) != nullptr; }) &&
         shape_of(map) == Shape::triaged;
}

struct FileTrees {
  std::vector<YamlValue> trees;
  bool is_json = false;
};

/// "{id: …}" in one line is a map in YAML too, so a text that is not JSON may still be that; not in a file named
/// *.json.
FileTrees read_trees(std::string_view text, const std::string& file, Problems& problems) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  if (text[first] != '{' && text[first] != '[') return {read_yaml(text, file, problems), false};
  Problems json_problems;
  if (auto tree = read_json_tree(text, file, json_problems)) return {{*std::move(tree)}, true};
  Problems yaml_problems;
  auto trees = file.ends_with(".json") ? std::vector<YamlValue>() : read_yaml(text, file, yaml_problems);
  if (!trees.empty()) return {std::move(trees), false};
  const bool is_yaml = file.ends_with(".yaml") || file.ends_with(".yml");
  const auto& reasons = is_yaml ? yaml_problems : json_problems;
  problems.insert(problems.end(), reasons.begin(), reasons.end());
  return {};
}

void read_one(const YamlValue& map, const RuleFile& file, std::vector<Rule>& rules) {
  if (map.kind != YamlValue::Kind::map) {
    YamlValue hidden = map;
    hidden.hidden = true;  // a file of a password, say, that is named by mistake
    file.report(ProblemLevel::error, hidden, "a rule must be a map");
    return;
  }
  if (says_nothing_of_a_rule(map)) {
    file.report(ProblemLevel::warning, map, "this is no rule: it has neither 'id' nor 'title' nor 'match'");
    return;
  }
  switch (shape_of(map)) {
    case Shape::triaged:
      rules.push_back(read_triaged_rule(map, file));
      break;
    case Shape::errorcanon:
      rules.push_back(read_errorcanon_record(map, file));
      break;
    case Shape::deadends:
      rules.push_back(read_canon(map, file));
      break;
    case Shape::cre:
      file.report(ProblemLevel::error, map, "CRE rules stand in documents of their own, not in a list");
      break;
  }
}

/// The documents of a CRE file belong together: one may hold the terms that the rules of another name.
bool is_cre_file(const std::vector<YamlValue>& trees) {
  return std::any_of(trees.begin(), trees.end(), [](const YamlValue& tree) {
    return tree.kind == YamlValue::Kind::map && shape_of(tree) == Shape::cre;
  });
}

void read_cre_file(const std::vector<YamlValue>& trees, const RuleFile& file, std::vector<Rule>& rules) {
  for (const auto& cre : read_cre_documents(trees, file.name, file.problems)) {
    auto converted = rule_of(cre, file.problems);
    if (converted.has_all) rules.push_back(std::move(converted.rule));
  }
}

}  // namespace

std::vector<Rule> read_rule_file(std::string_view text, const std::string& file, Problems& problems,
                                 AcceptedPatterns* accepted) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  Problems found;
  std::vector<Rule> rules;
  const auto [trees, is_json] = read_trees(text, file, found);
  const RuleFile rule_file{file, found, is_json, accepted};
  const bool is_cre = is_cre_file(trees);
  bool holds_something = is_cre || has_errors(found);
  if (is_cre) read_cre_file(trees, rule_file, rules);
  for (const auto& tree : is_cre ? std::vector<YamlValue>() : trees) {
    if (tree.kind == YamlValue::Kind::null) continue;  // a document between two "---" lines
    holds_something = true;
    if (tree.kind != YamlValue::Kind::list) {
      read_one(tree, rule_file, rules);
      continue;
    }
    for (const auto& item : tree.items) read_one(item, rule_file, rules);
  }
  if (!holds_something) found.push_back({ProblemLevel::warning, file, 0, 0, "the file holds no rule", ""});
  if (has_errors(found)) rules.clear();
  std::stable_sort(found.begin(), found.end(), [](const Problem& left, const Problem& right) {
    return std::tie(left.line, left.column) < std::tie(right.line, right.column);
  });
  problems.insert(problems.end(), found.begin(), found.end());
  return rules;
}

}  // namespace triaged::knowledge

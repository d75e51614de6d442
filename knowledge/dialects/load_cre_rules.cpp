#include <map>

#include <fmt/format.h>

#include "knowledge/dialects/cre_rule.hpp"
#include "knowledge/dialects/rule_files.hpp"

namespace triaged::knowledge {

namespace {

/// Ids of rules, records and their hashes share one name space.
void report_repeated_ids(LoadedCreRules& loaded) {
  std::map<std::string, RulePlace> seen;
  for (const auto& rule : loaded.rules) {
    for (const auto* id : {&rule.record_id, &rule.hash, &rule.id}) {
      const auto known = id->empty() ? seen.end() : seen.find(*id);
      if (known == seen.end()) continue;
      loaded.problems.push_back({ProblemLevel::error, rule.place.file, rule.place.line, rule.place.column,
                                 fmt::format("duplicate id {} of {}: it is taken by {}:{}:{}", *id, rule.id,
                                             known->second.file, known->second.line, known->second.column),
                                 ""});
      break;
    }
    for (const auto* id : {&rule.record_id, &rule.hash, &rule.id}) {
      if (!id->empty()) seen.emplace(*id, rule.place);
    }
  }
}

}  // namespace

LoadedCreRules load_cre_rules(const std::vector<std::filesystem::path>& paths) {
  LoadedCreRules loaded;
  for (const auto& [path, stamp] : find_rule_files(paths, loaded.problems)) {
    const auto text = text_of_rule_file(path, loaded.problems);
    if (!text) continue;
    const auto documents = read_yaml(*text, path.string(), loaded.problems);
    auto rules = read_cre_documents(documents, path.string(), loaded.problems);
    std::move(rules.begin(), rules.end(), std::back_inserter(loaded.rules));
  }
  report_repeated_ids(loaded);
  return loaded;
}

}  // namespace triaged::knowledge

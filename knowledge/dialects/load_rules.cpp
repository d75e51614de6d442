#include "knowledge/dialects/load_rules.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "knowledge/check_rules.hpp"
#include "knowledge/dialects/rule_cache.hpp"
#include "knowledge/dialects/rule_files.hpp"
#include "knowledge/model/public_graph.hpp"
#include "knowledge/patterns/accepted_patterns.hpp"

namespace triaged::knowledge {

namespace {

namespace fs = std::filesystem;

struct ReadFile : RulesOfFile {
  bool is_read = false;  // else its problem is not one of its text
};

/// Most of the time goes into reading YAML and asking two engines about every pattern, file by file, so files are read
/// side by side. The answer is in the order of `paths`.
std::vector<ReadFile> read_all(const std::vector<FoundRuleFile>& found, const RuleCache& cache,
                               AcceptedPatterns& accepted) {
  std::vector<ReadFile> files(found.size());
  std::atomic<std::size_t> next = 0;
  const auto read_some = [&] {
    for (auto i = next++; i < found.size(); i = next++) {
      const auto& path = found[i].path;
      if (auto known = cache.find(path.string(), found[i].stamp)) {
        files[i] = {*std::move(known), true};
      } else if (const auto text = text_of_rule_file(path, files[i].problems)) {
        files[i].rules = read_rule_file(*text, path.string(), files[i].problems, &accepted);
        files[i].is_read = true;
      }
    }
  };
  const auto readers = std::min<std::size_t>(std::thread::hardware_concurrency(), found.size());
  std::vector<std::jthread> helpers(readers > 1 ? readers - 1 : 0);  // this thread reads too
  for (auto& helper : helpers) helper = std::jthread(read_some);
  read_some();
  helpers.clear();
  return files;
}

/// A file that is being written right now may change again within the same tick of its clock, and look the same.
bool is_settled(const FileStamp& stamp) {
  constexpr auto tick = std::chrono::milliseconds(100);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::nanoseconds(stamp.written_at) < now - tick;
}

void keep_rules(const RuleCache& cache, const std::vector<FoundRuleFile>& found, const std::vector<ReadFile>& files) {
  std::vector<RuleCache::Entry> entries;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (files[i].is_read && is_settled(found[i].stamp))
      entries.push_back({found[i].path.string(), found[i].stamp, &files[i]});
  }
  cache.keep(entries);
}

}  // namespace

std::size_t LoadedRules::by_signature() const {
  return static_cast<std::size_t>(std::count_if(rules->rules().begin(), rules->rules().end(), [](const Rule& rule) {
    return rule.record && !rule.record->pattern_refusal.empty();
  }));
}

LoadedRules load_rules(const std::vector<fs::path>& paths, const RuleLoading& loading) {
  LoadedRules loaded;
  AcceptedPatterns accepted(loading.cache.empty() ? fs::path() : loading.cache / "accepted-patterns");
  const RuleCache cache(loading.cache.empty() ? fs::path() : loading.cache / "rules");
  const auto found = find_rule_files(paths, loaded.problems);
  auto files = read_all(found, cache, accepted);
  accepted.keep();
  keep_rules(cache, found, files);
  std::vector<Rule> rules;
  for (auto& file : files) {
    ++loaded.files;
    std::move(file.rules.begin(), file.rules.end(), std::back_inserter(rules));
    std::move(file.problems.begin(), file.problems.end(), std::back_inserter(loaded.problems));
  }
  drop_repeated_ids(rules, loaded.problems);
  complete_public_graph(rules);
  apply_scope(rules, loading.scope);
  loaded.rules = std::make_shared<const RuleSet>(std::move(rules));
  check_references(*loaded.rules, loaded.problems);
  return loaded;
}

}  // namespace triaged::knowledge

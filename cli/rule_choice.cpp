#include "cli/commands.hpp"
#include "config/cache_folder.hpp"
#include "config/loaded.hpp"

namespace triaged::cli {

std::vector<std::filesystem::path> RuleChoice::paths() const {
  auto paths = with_default_rules ? config::default_rule_folders() : std::vector<std::filesystem::path>();
  paths.insert(paths.end(), folders.begin(), folders.end());
  return paths;
}

knowledge::LoadedRules RuleChoice::load() const {
  return knowledge::load_rules(paths(), {.scope = {.all_domains = all_domains}, .cache = config::cache_folder()});
}

}  // namespace triaged::cli

#include "cli/commands.hpp"
#include "config/cache_folder.hpp"
#include "config/loaded.hpp"

namespace triaged {

std::vector<std::filesystem::path> RuleChoice::paths() const {
  auto paths = with_default_rules ? default_rule_folders() : std::vector<std::filesystem::path>();
  paths.insert(paths.end(), folders.begin(), folders.end());
  return paths;
}

LoadedRules RuleChoice::load() const {
  return load_rules(paths(), {.scope = {.all_domains = all_domains}, .cache = cache_folder()});
}

}  // namespace triaged

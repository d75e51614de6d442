#include "daemon/loaded.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <new>

#include <fmt/format.h>

#include "daemon/cache_folder.hpp"
#include "knowledge/load_rules.hpp"

namespace triaged {

namespace {

constexpr const char* installed_configuration = "/etc/triaged/triaged.yaml";

std::optional<std::string> read_text(const std::filesystem::path& path, Problems& problems) {
  std::error_code ignored;
  std::string why = "it is a folder";
  if (!std::filesystem::is_directory(path, ignored)) {
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (in.is_open() && !in.bad() && errno == 0) return text;
    why = std::strerror(errno);
  }
  problems.push_back({Gravity::error, path.string(), 0, 0, fmt::format("cannot read the configuration: {}", why), ""});
  return std::nullopt;
}

}  // namespace

Configuration configuration_at(const std::optional<std::filesystem::path>& path, Problems& problems) {
  std::optional<std::filesystem::path> file = path;
  std::error_code ignored;
  if (!file && std::filesystem::exists(installed_configuration, ignored)) file = installed_configuration;
  if (!file) return default_configuration();
  const auto text = read_text(*file, problems);
  if (!text) return default_configuration();
  if (text->find_first_not_of(" \t\r\n") == std::string::npos) {
    problems.push_back({Gravity::error, file->string(), 0, 0, "the configuration is empty", ""});
    return default_configuration();
  }
  return read_configuration(*text, file->string(), problems);
}

LoadedAnswer load_all(const std::optional<std::filesystem::path>& path, Strictness strictness,
                      const Patience& patience) {
  LoadedAnswer answer;
  auto configuration = configuration_at(path, answer.problems);
  const bool configuration_is_good = !has_errors(answer.problems);
  const auto cache = cache_folder(configuration.state.folder);
  auto rules = load_rules(configuration.rules, {.scope = configuration.public_rules, .cache = cache});
  auto signatures = SignatureSet::compile(
      rules.rules, rules.problems, {.cache = cache, .public_rules = patience.public_rules, .stop = patience.stop});
  if (patience.stop.stop_requested()) return answer;
  if (configuration_is_good && rules.rules->rules().empty() && !has_errors(rules.problems)) {
    rules.problems.push_back({Gravity::error, "", 0, 0, "no rules were found: name a folder of rules", ""});
  }
  const bool rules_are_good =
      strictness == Strictness::strict ? !has_errors(rules.problems) : !rules.rules->rules().empty();
  answer.problems.insert(answer.problems.end(), rules.problems.begin(), rules.problems.end());
  if (configuration_is_good && rules_are_good) {
    answer.loaded = Loaded{std::move(configuration), std::move(rules.rules), std::move(signatures)};
  }
  return answer;
}

LoadedAnswer load(const std::optional<std::filesystem::path>& path, Strictness strictness, const Patience& patience) {
  try {
    return load_all(path, strictness, patience);
  } catch (const std::bad_alloc&) {
    throw;  // not a mistake in the configuration
  } catch (const std::exception& failure) {
    // A reload is refused then like one with a mistake, and what runs goes on.
    return {
        std::nullopt,
        {{Gravity::error, path.value_or("").string(), 0, 0, fmt::format("cannot be loaded: {}", failure.what()), ""}}};
  }
}

std::optional<std::filesystem::path> state_folder(const std::optional<std::filesystem::path>& path,
                                                  Problems& problems) {
  const auto configuration = configuration_at(path, problems);
  // Without a file's name it is the default, which stands in for what cannot be read.
  if (configuration.file.empty() && has_errors(problems)) return std::nullopt;
  return configuration.state.folder;
}

std::vector<std::filesystem::path> default_rule_folders() {
  namespace fs = std::filesystem;
  std::error_code ignored;
  std::vector<fs::path> candidates;
  if (const auto self = fs::read_symlink("/proc/self/exe", ignored); !self.empty()) {
    candidates.push_back(self.parent_path() / "../share/triaged/rules");  // an installation
    candidates.push_back(self.parent_path() / "../../rules");             // build/PRESET/triaged in a checkout
  }
  candidates.emplace_back("/usr/share/triaged/rules");
  std::vector<fs::path> folders;
  for (const auto& candidate : candidates) {
    if (!folders.empty() || !fs::is_directory(candidate, ignored)) continue;
    folders.push_back(fs::weakly_canonical(candidate, ignored));
  }
  if (fs::is_directory("/etc/triaged/rules", ignored)) folders.emplace_back("/etc/triaged/rules");
  return folders;
}

}  // namespace triaged

#include "config/loaded.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <new>
#include <system_error>

#include <fmt/format.h>

#include "config/cache_folder.hpp"
#include "config/discovered.hpp"
#include "knowledge/dialects/load_rules.hpp"

namespace triaged::config {

namespace {

constexpr const char* installed_configuration = "/etc/triaged/triaged.yaml";

/// At most one byte more than the limit: that it is too large is enough to know of a larger one.
std::optional<std::string> read_text(const std::filesystem::path& path, Problems& problems) {
  std::error_code ignored;
  std::string why = "it is a folder";
  if (!std::filesystem::is_directory(path, ignored)) {
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    std::string text(largest_configuration + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    const bool is_read = in.is_open() && !in.bad() && errno == 0;
    if (is_read && text.size() <= largest_configuration) return text;
    const auto size = is_read ? std::filesystem::file_size(path, ignored) : 0;
    why = !is_read  ? std::strerror(errno)
          : ignored ? fmt::format("it has more than {} bytes, the limit", largest_configuration)
                    : fmt::format("it has {} bytes, and the limit is {}", size, largest_configuration);
  }
  problems.push_back(
      {ProblemLevel::error, path.string(), 0, 0, fmt::format("cannot read the configuration: {}", why), ""});
  return std::nullopt;
}

/// Takes out of `configuration` the paths of rules that are not there, and says where they stand. They are not quoted,
/// like every text of the configuration; what exists may be named, for no secret is the name of a file.
void leave_out_missing_rules(Configuration& configuration, Problems& problems) {
  std::vector<std::filesystem::path> found;
  for (std::size_t i = 0; i < configuration.rules.size(); ++i) {
    std::error_code ignored;
    const bool is_missing =
        i < configuration.rule_places.size() && !std::filesystem::exists(configuration.rules[i], ignored);
    if (!is_missing) {
      found.push_back(configuration.rules[i]);
      continue;
    }
    const auto [line, column] = configuration.rule_places[i];
    problems.push_back({ProblemLevel::error, configuration.file, line, column,
                        "no file or folder of rules can be found at this path", ""});
  }
  configuration.rules = std::move(found);
  configuration.rule_places.clear();
}

/// The one that was named, or else the installed one.
std::optional<std::filesystem::path> file_to_read(const std::optional<std::filesystem::path>& named) {
  std::error_code ignored;
  if (named || !std::filesystem::exists(installed_configuration, ignored)) return named;
  return installed_configuration;
}

/// A reload is refused then like one with a mistake, and what runs goes on.
LoadedAnswer could_not_load(const std::optional<std::filesystem::path>& path, std::string_view why) {
  return {std::nullopt,
          {{ProblemLevel::error, path.value_or("").string(), 0, 0, fmt::format("cannot be loaded: {}", why), ""}}};
}

}  // namespace

Configuration configuration_at(const std::optional<std::filesystem::path>& path, Problems& problems) {
  const auto file = file_to_read(path);
  if (!file) return default_configuration();
  const auto text = read_text(*file, problems);
  if (!text) return default_configuration();
  if (text->find_first_not_of(" \t\r\n") == std::string::npos) {
    problems.push_back({ProblemLevel::error, file->string(), 0, 0, "the configuration is empty", ""});
    return default_configuration();
  }
  return read_configuration(*text, file->string(), problems);
}

LoadedAnswer load_all(const std::optional<std::filesystem::path>& path, Strictness strictness,
                      const Patience& patience) {
  LoadedAnswer answer;
  auto configuration =
      file_to_read(path) ? configuration_at(path, answer.problems) : discovered_configuration(answer.problems);
  const bool configuration_is_good = !has_errors(answer.problems);
  const auto cache = cache_folder(configuration.state.folder.path);
  Problems missing;
  leave_out_missing_rules(configuration, missing);
  auto rules = knowledge::load_rules(configuration.rules, {.scope = configuration.public_rules, .cache = cache});
  auto signatures = matcher::SignatureSet::compile(
      rules.rules, rules.problems, {.cache = cache, .public_rules = patience.public_rules, .stop = patience.stop});
  rules.problems.insert(rules.problems.begin(), missing.begin(), missing.end());
  if (patience.stop.stop_requested()) {
    answer.was_stopped = true;
    return answer;
  }
  if (configuration_is_good && rules.rules->rules().empty() && !has_errors(rules.problems)) {
    rules.problems.push_back(
        {ProblemLevel::error, "", 0, 0,
         "no rules were found: name a folder of rules in 'rules', such as /usr/share/triaged/rules", ""});
  }
  const bool rules_are_good =
      strictness == Strictness::strict ? !has_errors(rules.problems) : !rules.rules->rules().empty();
  for (auto& problem : rules.problems) {  // the cache of patterns lies in the state folder
    problem.file = configuration.state.folder.shown(std::move(problem.file));
    problem.message = configuration.state.folder.shown(std::move(problem.message));
    answer.problems.push_back(std::move(problem));
  }
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
  } catch (const std::system_error& failure) {
    return could_not_load(path, failure.code().message());  // without its path, which may come from the environment
  } catch (const std::exception&) {
    return could_not_load(path, "an unexpected failure inside triaged");
  }
}

std::optional<store::StateFolder> state_folder(const std::optional<std::filesystem::path>& path, Problems& problems) {
  const auto configuration = configuration_at(path, problems);
  // Without a file's name it is the default, which stands in for what cannot be read.
  if (configuration.file.empty() && has_errors(problems)) return std::nullopt;
  return configuration.state.folder;
}

formats::RedactOptions redaction_at(const std::optional<std::filesystem::path>& path, Problems& problems) {
  std::error_code ignored;
  if (!path && !std::filesystem::exists(installed_configuration, ignored)) return {};
  const auto file = path.value_or(installed_configuration);
  Problems unread;
  const auto text = read_text(file, unread);
  for (auto& problem : unread) {
    if (!path) {
      problem.level = ProblemLevel::warning;
      problem.message += "; secrets are redacted as without its section 'redact'";
    }
    problems.push_back(std::move(problem));
  }
  return text ? read_redaction(*text, file.string(), problems) : formats::RedactOptions();
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

}  // namespace triaged::config

// Everything that a start or a reload needs, read and checked before anything runs. Parsed, checked and running are
// three different things: Configuration is parsed, Loaded is checked, the pipeline runs.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "config/configuration.hpp"
#include "knowledge/model/rule.hpp"
#include "matcher/matcher.hpp"

namespace triaged::config {

struct Loaded {
  Configuration configuration;
  std::shared_ptr<const knowledge::RuleSet> rules;
  std::shared_ptr<const matcher::SignatureSet> signatures;
};

/// The configuration at `path`; none: the installed one, or else the defaults.
[[nodiscard]] Configuration configuration_at(const std::optional<std::filesystem::path>& path, Problems& problems);

struct LoadedAnswer {
  std::optional<Loaded> loaded;  // nullopt: a problem forbids a start
  Problems problems;             // warnings too
  bool was_stopped = false;      // given up because it was asked to stop: the problems are not the reason
};

/// Reads the configuration at `path` (none: the installed one, or else what runs on this host, which notes in
/// `problems` say), its rules, and compiles them. A rule file with an error is left out at a start and is an error
/// under `strict` (a reload, `triaged check`). Throws nothing.
enum class Strictness { lenient, strict };
struct Patience {
  matcher::PublicRules public_rules = matcher::PublicRules::now;
  std::stop_token stop;  // requested: give up, nothing is loaded
};
[[nodiscard]] LoadedAnswer load(const std::optional<std::filesystem::path>& path, Strictness strictness,
                                const Patience& patience = {});

/// Where the configuration at `path` (none: the defaults) keeps the state. Mistakes elsewhere in it, and secrets that
/// are not there for whoever asks, do not matter; nullopt when it cannot be read at all.
[[nodiscard]] std::optional<store::StateFolder> state_folder(const std::optional<std::filesystem::path>& path,
                                                             Problems& problems);

/// How the configuration at `path` (none: the installed one) redacts. That the installed one cannot be read is a
/// warning: then the usual kinds are redacted.
[[nodiscard]] formats::RedactOptions redaction_at(const std::optional<std::filesystem::path>& path, Problems& problems);

/// The rule folders that are used when nobody names any: the installed ones, or those beside a build tree.
[[nodiscard]] std::vector<std::filesystem::path> default_rule_folders();

}  // namespace triaged::config

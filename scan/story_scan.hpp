// Existing logs, read as one story and diagnosed: what `triaged scan`, `rules diff` and `rules test` have in common.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "matcher/matcher.hpp"
#include "values/incident.hpp"

namespace triaged {

struct StoryScan {
  std::vector<Incident> incidents;  // in their last form, most important first
  std::uint64_t lines = 0;
  std::vector<std::string> failures;  // files that could not be read to their end
};

/// Reads options.paths with what options say of formats, times, threads and the progress bar. nullopt: a file cannot be
/// opened, and standard error says why. `on_told` gets every change that a daemon would have told, in order.
[[nodiscard]] std::optional<StoryScan> scan_story(const ScanOptions& options,
                                                  const std::shared_ptr<const RuleSet>& rules,
                                                  const std::shared_ptr<const SignatureSet>& signatures,
                                                  const std::function<void(const Incident&)>& on_told = {});

}  // namespace triaged

// Parts of a rule in one line each, shared by its text and its Markdown. Used inside knowledge/ only.
#pragma once

#include <string>
#include <vector>

#include "knowledge/model/rule.hpp"

namespace triaged::knowledge {

/// "85%"
[[nodiscard]] std::string whole_percent(double share);

/// "nginx.error, nginx.access"; "any format" in `language` when the match is not scoped.
[[nodiscard]] std::string formats_of(const Match& match, Language language);

/// Each line that a condition over several lines looks for: "2 × nginx.error: connect\(\) failed", "unless kernel: …".
[[nodiscard]] std::vector<std::string> line_phrases_of(const TimedMatch& timed, Language language);

/// "probe not-listening (strong)", "no symptom gunicorn/master-exited within 2m (medium)"
[[nodiscard]] std::string phrase_of(const EvidenceTerm& term);

/// "leads to haproxy/server-down within 30s (40%)", one for each transition.
[[nodiscard]] std::vector<std::string> related_of(const Rule& rule, Language language);

/// As on a public record's page: domain, category, verification, resolvable; of a triaged rule its severity.
[[nodiscard]] std::vector<std::string> tags_of(const Rule& rule);

/// Likeliest (best, worst) first; equals keep the order of the file.
[[nodiscard]] std::vector<const Cause*> ranked_causes(const Rule& rule);
[[nodiscard]] std::vector<const Workaround*> ranked_workarounds(const Rule& rule);
[[nodiscard]] std::vector<const RuleDeadEnd*> ranked_dead_ends(const Rule& rule);

}  // namespace triaged::knowledge

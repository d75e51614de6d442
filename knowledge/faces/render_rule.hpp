// A rule shown to people and programs, with the sections of the public records: tags, title, id, rates, versions, root
// cause, documentation, ranked workarounds, dead ends. A triaged rule shows more: how it is recognised, its causes with
// their evidence, what it leads to.
#pragma once

#include <string>

#include "knowledge/model/rule.hpp"
#include "values/incident_text.hpp"

namespace triaged::knowledge {

/// For a terminal. A dead end without an action is shown by why it fails.
[[nodiscard]] std::string to_plain_text(const Rule& rule, Language language, const TextStyle& style = {});

/// An errorcanon record comes out exactly as errorcanon publishes it, with dead ends that name no action.
[[nodiscard]] std::string to_markdown(const Rule& rule, Language language);

/// Where the other faces of a rule are: `base`.json, `base`.md and `base`/zh. Empty: the page links to none.
struct RuleLinks {
  std::string base;
};

/// A whole page, with what errorcanon's pages show in their order. Safe whatever the rule's texts hold.
[[nodiscard]] std::string to_html(const Rule& rule, Language language, const RuleLinks& links = {});

/// Indented JSON in both languages with the fields of errorcanon's records in their order, so that whoever reads those
/// reads this; a triaged rule has `severity`, `entity`, `match`, `causes` and `see_also` after them, a canon its
/// environment and its metadata.
[[nodiscard]] std::string to_json(const Rule& rule);

}  // namespace triaged::knowledge

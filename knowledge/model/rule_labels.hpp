// The words around a rule's own texts, in both languages. Used inside knowledge/ only.
#pragma once

#include <string_view>

#include "values/severity.hpp"

namespace triaged::knowledge {

struct RuleLabels {
  std::string_view root_cause, versions, docs, recognised_by, causes, workarounds, dead_ends, dead_ends_note, related;
  std::string_view version, status, introduced, deprecated, notes;
  std::string_view id, domain, category, severity, error_code, verification, fix_rate, confidence, evidence, first_seen,
      last_confirmed, tags;
  std::string_view success, fail, supports, refutes, leads_to, preceded_by, confused_with, any_format;
  std::string_view also_available, condition, tradeoff, misconception;
};

[[nodiscard]] const RuleLabels& labels_in(Language language);

}  // namespace triaged::knowledge

// Public records are general knowledge: of 54 domains of deadends.dev most are about programs that no server log speaks
// of, and many signatures ("not found", "truncated") stand in healthy lines. This decides which of them are looked for,
// in whose lines, and which may open an incident on their own.
//
// - A domain is of operations (looked for), of development (ranked when a message is explained, not looked for in logs)
//   or of everyday life (off unless asked for).
// - A domain of operations reads the lines of the programs that it is about: "python" never reads HAProxy's.
// - A pattern that insists on too few letters is supporting evidence only, whatever its record says about itself.
//
// Configuration changes the first by `domains` or `all_domains` and the last by `pin`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "knowledge/model/rule.hpp"

namespace triaged::knowledge {

enum class DomainKind { operations, development, everyday, unknown };

struct PublicDomain {
  std::string_view name;
  DomainKind kind = DomainKind::unknown;
  std::vector<formats::Format> formats;  // whose lines it reads; empty: any
};

/// What is known about the domain; an unknown one is of kind unknown, is on, and reads any line.
[[nodiscard]] const PublicDomain& public_domain(std::string_view name);

struct PublicScope {
  bool all_domains = false;
  std::vector<std::string> domains;  // on, besides those of operations
  std::vector<std::string> pinned;   // ids of rules that keep their full standing, whatever they match

  [[nodiscard]] bool is_pinned(std::string_view id) const;
};

/// Gives every public rule its standing and the reason for it.
void apply_scope(std::vector<Rule>& rules, const PublicScope& scope);

/// The fewest letters of fixed text with which a public pattern may open an incident.
inline constexpr std::size_t fewest_public_letters = 12;

}  // namespace triaged::knowledge

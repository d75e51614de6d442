#include "knowledge/model/public_scope.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "knowledge/model/timed_match.hpp"
#include "knowledge/patterns/pattern_literals.hpp"

namespace triaged::knowledge {

namespace {

/// The formats in whose lines applications of the language speak; of any: those in which every program may.
std::vector<formats::Format> lines_of_applications(formats::Applications language) {
  std::vector<formats::Format> lines;
  for (const auto format : formats::all_formats()) {
    const auto applications = formats::facts_of(format).applications;
    if (applications == language || applications == formats::Applications::any) lines.push_back(format);
  }
  return lines;
}

/// Lines in which applications of whatever language speak: their own logs, and output that no format claims.
std::vector<formats::Format> application_lines() {
  std::vector<formats::Format> lines;
  for (const auto format : formats::all_formats()) {
    if (formats::facts_of(format).applications != formats::Applications::none) lines.push_back(format);
  }
  return lines;
}

std::vector<PublicDomain> make_domains() {
  std::vector<PublicDomain> domains = {
      {"nginx", DomainKind::operations, {formats::Format::nginx_error}},
      {"php", DomainKind::operations, lines_of_applications(formats::Applications::php)},
  };
  const auto add = [&](DomainKind kind, const std::vector<formats::Format>& formats,
                       std::initializer_list<std::string_view> names) {
    for (const auto name : names) domains.push_back({name, kind, formats});
  };
  add(DomainKind::operations, application_lines(),
      {"api", "aws", "cloud", "database", "elasticsearch", "grpc", "kafka", "mongodb", "networking", "redis",
       "security"});
  add(DomainKind::operations, lines_of_applications(formats::Applications::python),
      {"python", "pip", "llm", "pytorch", "tensorflow", "huggingface", "cuda"});
  add(DomainKind::operations, lines_of_applications(formats::Applications::any),
      {"docker", "kubernetes", "node", "java", "go", "rust", "dotnet", "nextjs"});
  add(DomainKind::development, lines_of_applications(formats::Applications::any),
      {"android", "cicd", "cmake", "data", "embedded", "flutter", "git", "opencv", "react", "ros2", "terraform",
       "typescript", "unity"});
  add(DomainKind::everyday, lines_of_applications(formats::Applications::any),
      {"banking", "communication", "culture", "disaster", "emergency", "food-safety", "legal", "medical",
       "mental-health", "pet-safety", "policy", "safety", "visa"});
  return domains;
}

std::string_view words_for(DomainKind kind) {
  return kind == DomainKind::development ? "of development, not of operations" : "of everyday life, not of operations";
}

void set_standing(Rule& rule, const PublicScope& scope) {
  const auto& domain = public_domain(rule.domain);
  const bool is_on = domain.kind == DomainKind::operations || domain.kind == DomainKind::unknown || scope.all_domains ||
                     std::find(scope.domains.begin(), scope.domains.end(), rule.domain) != scope.domains.end();
  rule.standing = Standing::full;
  rule.standing_reason.clear();
  rule.is_pinned = scope.is_pinned(rule.id);
  if (rule.is_pinned) return;
  if (!is_on) {
    rule.standing = Standing::off;
    rule.standing_reason = fmt::format("domain '{}' is {}", rule.domain, words_for(domain.kind));
    return;
  }
  for (const auto& match : rule.matches) {
    const auto letters = required_letters(match.regex);
    if (match.regex.empty() || letters >= fewest_public_letters) continue;
    rule.standing = Standing::supporting;
    rule.standing_reason = fmt::format("its pattern insists on {} letters of fixed text only", letters);
  }
}

/// A CRE that insists on less fixed text than a level that every program writes ("[WARNING") says nothing by itself.
void set_standing_of_cre(Rule& rule, const PublicScope& scope) {
  rule.is_pinned = scope.is_pinned(rule.id);
  if (rule.is_pinned) return;
  const auto lines = lines_of(rule);
  std::size_t most = 0;
  for (const auto* line : lines) {
    if (!line->jq.empty()) return;
    most = std::max<std::size_t>(most, required_letters(line->regex));
  }
  if (lines.empty() || most >= fewest_public_letters) return;
  rule.standing = Standing::supporting;
  rule.standing_reason = fmt::format("its lines insist on {} letters of fixed text only", most);
}

}  // namespace

const PublicDomain& public_domain(std::string_view name) {
  static const auto domains = make_domains();
  static const PublicDomain unknown;
  const auto found =
      std::find_if(domains.begin(), domains.end(), [&](const PublicDomain& domain) { return domain.name == name; });
  return found == domains.end() ? unknown : *found;
}

bool PublicScope::is_pinned(std::string_view id) const {
  return std::find(pinned.begin(), pinned.end(), id) != pinned.end();
}

void apply_scope(std::vector<Rule>& rules, const PublicScope& scope) {
  for (auto& rule : rules) {
    if (rule.is_public()) set_standing(rule, scope);
    if (rule.dialect == Dialect::cre_yaml) set_standing_of_cre(rule, scope);
  }
}

}  // namespace triaged::knowledge

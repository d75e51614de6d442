#include "knowledge/model/public_scope.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "knowledge/model/timed_match.hpp"
#include "knowledge/patterns/pattern_literals.hpp"

namespace triaged::knowledge {

namespace {

/// Lines in which applications speak: their own logs, and output that no format claims.
std::vector<formats::Format> application_lines() {
  return {formats::Format::gunicorn_error, formats::Format::python_traceback,
          formats::Format::uwsgi,          formats::Format::php_fpm,
          formats::Format::text,           formats::Format::syslog};
}
std::vector<formats::Format> python_lines() {
  return {formats::Format::gunicorn_error, formats::Format::python_traceback, formats::Format::uwsgi,
          formats::Format::text, formats::Format::syslog};
}
std::vector<formats::Format> plain_lines() { return {formats::Format::text, formats::Format::syslog}; }

std::vector<PublicDomain> make_domains() {
  std::vector<PublicDomain> domains = {
      {"nginx", DomainKind::operations, {formats::Format::nginx_error}},
      {"php", DomainKind::operations, {formats::Format::php_fpm, formats::Format::text, formats::Format::syslog}},
  };
  const auto add = [&](DomainKind kind, const std::vector<formats::Format>& formats,
                       std::initializer_list<std::string_view> names) {
    for (const auto name : names) domains.push_back({name, kind, formats});
  };
  add(DomainKind::operations, application_lines(),
      {"api", "aws", "cloud", "database", "elasticsearch", "grpc", "kafka", "mongodb", "networking", "redis",
       "security"});
  add(DomainKind::operations, python_lines(), {"python", "pip", "llm", "pytorch", "tensorflow", "huggingface", "cuda"});
  add(DomainKind::operations, plain_lines(),
      {"docker", "kubernetes", "node", "java", "go", "rust", "dotnet", "nextjs"});
  add(DomainKind::development, plain_lines(),
      {"android", "cicd", "cmake", "data", "embedded", "flutter", "git", "opencv", "react", "ros2", "terraform",
       "typescript", "unity"});
  add(DomainKind::everyday, plain_lines(),
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

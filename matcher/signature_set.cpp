#include "matcher/signature_set.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "knowledge/pattern.hpp"

namespace triaged {

namespace {

bool applies_to(const Match& match, Format format) {
  return match.formats.empty() || std::find(match.formats.begin(), match.formats.end(), format) != match.formats.end();
}

Problem problem_of(const Signature& signature, const std::string& engine, const std::string& reason) {
  const auto& place = signature.match().place;
  return {Gravity::error,
          place.file,
          place.line,
          place.column,
          fmt::format("{} does not take the pattern of rule {}: {}", engine, signature.rule().id, reason),
          signature.match().regex};
}

/// Compiles one database of `format`; each refused pattern is reported once, whatever the number of its formats.
HyperscanDatabase compile_database(const std::vector<Signature>& signatures, Format format, Within within,
                                   std::set<std::size_t>& reported, Problems& problems) {
  std::vector<HyperscanPattern> patterns;
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    const auto& match = signatures[i].match();
    if (!signatures[i].has_pattern() || match.within != within || !applies_to(match, format)) continue;
    patterns.push_back({match.regex, hyperscan_flags(match.caseless), static_cast<unsigned>(i)});
  }
  auto compiled = compile_patterns(patterns);
  for (const auto& refused : compiled.refused) {
    const auto signature = patterns[refused.index].id;
    if (!reported.insert(signature).second) continue;
    problems.push_back(problem_of(signatures[signature], "Hyperscan", refused.reason));
  }
  return std::move(compiled.database);
}

std::bitset<1000> accepted_statuses(const Signature& signature) {
  std::bitset<1000> accepted;
  for (const auto& condition : signature.match().where) {
    if (condition.field != "status") continue;
    const Condition test(condition);
    for (std::size_t status = 0; status < accepted.size(); ++status) {
      if (test.holds(fmt::format("{:03}", status)) || test.holds(fmt::format("{}", status))) accepted.set(status);
    }
    break;
  }
  return accepted;
}

std::vector<ConditionGroup> group_conditions(const std::vector<Signature>& signatures, Format format) {
  std::vector<ConditionGroup> groups;
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    const auto& signature = signatures[i];
    if (signature.has_pattern() || !applies_to(signature.match(), format)) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const ConditionGroup& known) { return known.field == signature.gate(); });
    if (group == groups.end()) group = groups.insert(groups.end(), {std::string(signature.gate()), {}, {}});
    group->signatures.push_back(i);
    group->statuses |= accepted_statuses(signature);
  }
  return groups;
}

std::vector<Signature> all_signatures(const RuleSet& rules, Problems& problems) {
  std::vector<Signature> signatures;
  for (const auto& rule : rules.rules()) {
    for (std::size_t i = 0; i < rule.matches.size(); ++i) {
      Signature signature(rule, i);
      if (const auto reason = signature.refusal(); !reason.empty()) {
        problems.push_back(problem_of(signature, "RE2", reason));
      } else {
        signatures.push_back(std::move(signature));
      }
    }
  }
  return signatures;
}

}  // namespace

SignatureSet::SignatureSet() : compiled_(std::make_unique<Compiled>()) {}
SignatureSet::~SignatureSet() = default;

std::shared_ptr<const SignatureSet> SignatureSet::compile(std::shared_ptr<const RuleSet> rules, Problems& problems) {
  std::shared_ptr<SignatureSet> set(new SignatureSet());
  auto& compiled = *set->compiled_;
  compiled.rules = std::move(rules);
  compiled.signatures = all_signatures(*compiled.rules, problems);
  std::set<std::size_t> reported;
  for (const auto format : all_formats()) {
    auto& signatures = compiled.by_format[static_cast<std::size_t>(format)];
    signatures.message = compile_database(compiled.signatures, format, Within::message, reported, problems);
    signatures.line = compile_database(compiled.signatures, format, Within::line, reported, problems);
    signatures.conditions = group_conditions(compiled.signatures, format);
    signatures.count = static_cast<std::size_t>(
        std::count_if(compiled.signatures.begin(), compiled.signatures.end(),
                      [&](const Signature& signature) { return applies_to(signature.match(), format); }));
    grow_scratch(compiled.scratch, signatures.message.get());
    grow_scratch(compiled.scratch, signatures.line.get());
  }
  return set;
}

const RuleSet& SignatureSet::rules() const { return *compiled_->rules; }

std::size_t SignatureSet::signatures_of(Format format) const {
  return compiled_->by_format[static_cast<std::size_t>(format)].count;
}

}  // namespace triaged

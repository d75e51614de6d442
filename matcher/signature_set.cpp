#include "matcher/signature_set.hpp"

#include <algorithm>

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
    if ((signature.has_pattern() && !signature.is_gated()) || !applies_to(signature.match(), format)) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const ConditionGroup& known) { return known.field == signature.gate(); });
    if (group == groups.end()) group = groups.insert(groups.end(), {std::string(signature.gate()), {}, false, {}});
    group->signatures.push_back(i);
    group->accepts_absence = group->accepts_absence || signature.gate_accepts_absence();
    group->statuses |= accepted_statuses(signature);
  }
  return groups;
}

std::vector<Signature> all_signatures(const RuleSet& rules, Problems& problems) {
  std::vector<Signature> signatures;
  const auto add = [&](Signature signature) {
    if (const auto reason = signature.refusal(); !reason.empty()) {
      problems.push_back(problem_of(signature, "RE2", reason));
    } else {
      signatures.push_back(std::move(signature));
    }
  };
  for (const auto& rule : rules.rules()) {
    for (const auto& match : rule.matches) add(Signature(rule, match));
    std::uint32_t term = 0;
    for (const auto& place : terms_of(rule)) add(Signature(rule, place, ++term));
  }
  return signatures;
}

}  // namespace

const FormatSignatures& SignatureSet::Compiled::of(Format format) {
  auto& signatures_of_format = by_format[static_cast<std::size_t>(format)];
  std::call_once(signatures_of_format.once, [&] { compile(format, signatures_of_format); });
  return signatures_of_format;
}

void SignatureSet::Compiled::compile(Format format, FormatSignatures& into) {
  into.message = compile_database(format, Within::message);
  into.line = compile_database(format, Within::line);
  into.speech = compile_database(format, Within::speech);
  into.conditions = group_conditions(signatures, format);
  into.count =
      static_cast<std::size_t>(std::count_if(signatures.begin(), signatures.end(), [&](const Signature& signature) {
        return applies_to(signature.match(), format);
      }));
}

CompiledPatterns SignatureSet::Compiled::compile_database(Format format, Within within) {
  std::vector<HyperscanPattern> patterns;
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    const auto& match = signatures[i].match();
    if (!signatures[i].has_pattern() || signatures[i].is_gated() || match.within != within) continue;
    if (!applies_to(match, format)) continue;
    patterns.push_back({match.regex, hyperscan_flags(match.caseless), static_cast<unsigned>(i)});
  }
  auto compiled = compile_patterns(patterns);
  for (const auto& refused : compiled.refused) refuse(patterns[refused.index].id, "Hyperscan", refused.reason);
  return compiled;
}

void SignatureSet::Compiled::refuse(std::size_t signature, const std::string& engine, const std::string& reason) {
  const std::lock_guard lock(reporting);
  if (reported.insert(signature).second) report(problem_of(signatures[signature], engine, reason));
}

SignatureSet::SignatureSet() : compiled_(std::make_unique<Compiled>()) {}
SignatureSet::~SignatureSet() = default;

std::shared_ptr<const SignatureSet> SignatureSet::compile_when_needed(std::shared_ptr<const RuleSet> rules,
                                                                      Problems& problems, Report report) {
  std::shared_ptr<SignatureSet> set(new SignatureSet());
  set->compiled_->rules = std::move(rules);
  set->compiled_->signatures = all_signatures(*set->compiled_->rules, problems);
  set->compiled_->report = std::move(report);
  return set;
}

std::shared_ptr<const SignatureSet> SignatureSet::compile(std::shared_ptr<const RuleSet> rules, Problems& problems) {
  auto set = compile_when_needed(std::move(rules), problems, [&](const Problem& p) { problems.push_back(p); });
  for (const auto format : all_formats()) (void)set->compiled().of(format);
  return set;
}

const RuleSet& SignatureSet::rules() const { return *compiled_->rules; }

std::size_t SignatureSet::signatures_of(Format format) const { return compiled_->of(format).count; }

}  // namespace triaged

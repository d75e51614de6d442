#include "matcher/signature_set.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <thread>
#include <tuple>

#include <fmt/format.h>

#include "knowledge/patterns/pattern.hpp"
#include "matcher/counted_request.hpp"

namespace triaged::matcher {

namespace {

constexpr std::size_t most_compiling_threads = 4;  // each needs some 100 MB for a large database

std::vector<formats::Format> formats_read_by(const knowledge::Match& match) {
  std::vector<formats::Format> all;
  std::ranges::copy_if(formats::all_formats(), std::back_inserter(all),
                       [&](auto format) { return reads(match, format); });
  return all;
}

/// A database is of one format; but stacks share that of text, which is looked for in them, too.
std::vector<std::vector<formats::Format>> groups_of_formats(const knowledge::Match& match) {
  std::vector<std::vector<formats::Format>> groups;
  for (const auto format : formats_read_by(match)) {
    const bool is_shared = !groups.empty() && covers(groups.front().front(), format);
    if (is_shared) {
      groups.front().push_back(format);
    } else {
      groups.push_back({format});
    }
  }
  return groups;
}

Problem problem_of(const Signature& signature, const std::string& reason) {
  const auto& place = signature.match().place;
  return {ProblemLevel::error,
          place.file,
          place.line,
          place.column,
          fmt::format("Hyperscan does not take the pattern of rule {}: {}", signature.rule().id, reason),
          signature.match().regex};
}

std::bitset<1000> accepted_statuses(const Signature& signature) {
  std::bitset<1000> accepted;
  for (const auto& condition : signature.match().where) {
    if (condition.field != "status") continue;
    const knowledge::Condition test(condition);
    for (std::size_t status = 0; status < accepted.size(); ++status) {
      if (test.holds(fmt::format("{:03}", status)) || test.holds(fmt::format("{}", status))) accepted.set(status);
    }
    break;
  }
  return accepted;
}

std::vector<ConditionGroup> group_conditions(const std::vector<Signature>& signatures, formats::Format format) {
  std::vector<ConditionGroup> groups;
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    const auto& signature = signatures[i];
    if ((signature.has_pattern() && !signature.is_gated()) || !reads(signature.match(), format)) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const ConditionGroup& known) { return known.field == signature.gate(); });
    if (group == groups.end()) group = groups.insert(groups.end(), {std::string(signature.gate()), {}, false, {}});
    group->signatures.push_back(i);
    group->accepts_absence = group->accepts_absence || signature.gate_accepts_absence();
    group->statuses |= accepted_statuses(signature);
  }
  return groups;
}

std::vector<Signature> all_signatures(const knowledge::RuleSet& rules) {
  std::vector<Signature> signatures;
  for (const auto& rule : rules.rules()) {
    if (rule.standing == knowledge::Standing::off) continue;
    for (const auto& match : rule.matches) signatures.emplace_back(rule, match);
    std::uint32_t term = 0;
    for (const auto& place : knowledge::terms_of(rule)) signatures.emplace_back(rule, place, ++term);
  }
  return signatures;
}

}  // namespace

bool ConditionGroup::may_hold(const formats::ReadLine& line) const {
  const auto value = line.field(field);
  if (value.empty()) return accepts_absence;
  if (field != "status") return true;
  const auto number = status_number(value);
  return number >= statuses.size() || statuses.test(number);
}

const FormatSignatures& SignatureSet::Compiled::of(formats::Format format) {
  auto& signatures_of_format = by_format[static_cast<std::size_t>(format)];
  std::call_once(signatures_of_format.once, [&] { compile(format, signatures_of_format); });
  return signatures_of_format;
}

/// Puts every pattern into its group, and leaves out public groups that would have to be compiled when `which` says so.
void SignatureSet::Compiled::make_groups(PublicRules which) {
  std::map<std::tuple<bool, knowledge::Within, std::vector<formats::Format>>, PatternGroup*> by_key;
  const auto add = [&](bool is_public, const std::vector<formats::Format>& formats, std::size_t signature) {
    const auto& match = signatures[signature].match();
    auto& group = by_key[{is_public, match.within, formats}];
    if (group == nullptr) {
      groups.push_back(std::make_unique<PatternGroup>());
      group = groups.back().get();
      group->within = match.within;
      group->is_public = is_public;
      for (const auto format : formats) groups_of_format[static_cast<std::size_t>(format)].push_back(group);
    }
    const auto id = static_cast<unsigned>(group->patterns.size());
    group->patterns.push_back({match.regex, knowledge::hyperscan_flags(match.caseless), id});
    group->signatures.push_back(static_cast<unsigned>(signature));
  };
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    if (!signatures[i].has_pattern() || signatures[i].is_gated()) continue;
    const auto& match = signatures[i].match();
    if (signatures[i].rule().is_public()) {
      add(true, formats_read_by(match), i);
    } else {
      for (const auto& formats : groups_of_formats(match)) add(false, formats, i);
    }
  }
  if (which == PublicRules::later) leave_out_uncached();
}

void SignatureSet::Compiled::leave_out_uncached() {
  for (const auto& group : groups) {
    if (!group->is_public || cache.has(group->patterns)) continue;
    waits_for_public = true;
    for (auto& of_format : groups_of_format) std::erase(of_format, group.get());
  }
}

void SignatureSet::Compiled::compile(formats::Format format, FormatSignatures& into) {
  for (auto* group : groups_of_format[static_cast<std::size_t>(format)]) {
    if (stop.stop_requested()) return;
    std::call_once(group->once, [&] { compile(*group); });
    auto& of_span = group->within == knowledge::Within::message ? into.message
                    : group->within == knowledge::Within::line  ? into.line
                                                                : into.speech;
    of_span.push_back(group);
  }
  into.conditions = group_conditions(signatures, format);
  into.count =
      static_cast<std::size_t>(std::count_if(signatures.begin(), signatures.end(), [&](const Signature& signature) {
        return reads(signature.match(), format);
      }));
}

void SignatureSet::Compiled::compile_all() {
  std::atomic<std::size_t> next = 0;
  const auto compile_some = [&] {
    for (std::size_t i = next++; i < groups.size() && !stop.stop_requested(); i = next++) {
      std::call_once(groups[i]->once, [&] { compile(*groups[i]); });
    }
  };
  const std::size_t useful = std::min<std::size_t>(std::thread::hardware_concurrency(), groups.size());
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < std::min(useful, most_compiling_threads); ++i) {
    others.push_back(std::async(std::launch::async | std::launch::deferred, compile_some));
  }
  compile_some();
  for (auto& other : others) other.get();
}

void SignatureSet::Compiled::compile(PatternGroup& group) {
  if (auto cached = cache.find(group.patterns)) {
    group.compiled = *std::move(cached);
  } else {
    group.compiled = compile_patterns(group.patterns);
    cache.keep(group.patterns, group.compiled);
  }
  for (const auto& refused : group.compiled.refused) {
    refuse(group.signatures[refused.index], refused.reason);
  }
}

void SignatureSet::Compiled::refuse(std::size_t signature, const std::string& reason) {
  const Lock lock(reporting);
  if (reported.insert(signature).second) report(problem_of(signatures[signature], reason));
}

SignatureSet::SignatureSet() : compiled_(std::make_unique<Compiled>()) {}
SignatureSet::~SignatureSet() = default;

std::shared_ptr<const SignatureSet> SignatureSet::compile_when_needed(std::shared_ptr<const knowledge::RuleSet> rules,
                                                                      Report report, const Compilation& compilation) {
  std::shared_ptr<SignatureSet> set(new SignatureSet());
  auto& compiled = *set->compiled_;
  compiled.rules = std::move(rules);
  compiled.signatures = all_signatures(*compiled.rules);
  compiled.report = std::move(report);
  compiled.stop = compilation.stop;
  compiled.cache = DatabaseCache(compilation.cache, compiled.report);
  compiled.make_groups(compilation.public_rules);
  return set;
}

std::shared_ptr<const SignatureSet> SignatureSet::compile(std::shared_ptr<const knowledge::RuleSet> rules,
                                                          Problems& problems, const Compilation& compilation) {
  const auto report = [&problems, reporting = std::make_shared<Mutex>()](const Problem& problem) {
    const Lock lock(*reporting);
    problems.push_back(problem);
  };
  auto set = compile_when_needed(std::move(rules), report, compilation);
  set->compiled().compile_all();
  for (const auto format : formats::all_formats()) {
    if (!compilation.stop.stop_requested()) (void)set->compiled().of(format);
  }
  return set;
}

bool SignatureSet::waits_for_public_rules() const { return compiled_->waits_for_public; }

const knowledge::RuleSet& SignatureSet::rules() const { return *compiled_->rules; }

std::size_t SignatureSet::signatures_of(formats::Format format) const { return compiled_->of(format).count; }

}  // namespace triaged::matcher

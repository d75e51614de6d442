#include "diagnosis/learnt.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "values/identity.hpp"

namespace triaged::diagnosis {

namespace {

constexpr std::uint64_t least_weight = 2, most_weight = 4;

std::string key_of(std::string_view rule, std::string_view cause, std::string_view workaround) {
  return fmt::format("{}\n{}\n{}", rule, cause, workaround);
}

const RankedWorkaround* find_named(const Incident& incident, const std::string& name) {
  const auto& all = incident.workarounds;
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (failure == std::errc() && end == name.data() + name.size()) {
    return number >= 1 && number <= all.size() ? &all[number - 1] : nullptr;
  }
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& workaround) { return workaround.id == name; });
  return found == all.end() ? nullptr : &*found;
}

Error no_such_workaround(const Incident& incident, const std::string& name) {
  const auto count = incident.workarounds.size();
  const auto has = count == 0   ? std::string("no workarounds")
                   : count == 1 ? std::string("one workaround")
                                : fmt::format("workarounds 1 to {}", count);
  return error(fmt::format("there is no workaround '{}': incident {} has {}; `triaged incidents show {}` lists them",
                           to_printable(name), incident.id, has, incident.id));
}

}  // namespace

std::string name_of(const knowledge::Workaround& workaround) {
  if (!workaround.id.empty()) return workaround.id;
  return "text-" + hash_text(workaround.action.english).substr(0, 12);
}

Learnt::Learnt(std::span<const WorkaroundReport> reports) {
  std::set<std::string_view> seen;
  for (const auto& report : reports) {
    if (report.is_withdrawn || !seen.insert(report.id).second) continue;
    auto& counts = counts_[key_of(report.rule, report.cause, report.workaround)];
    ++(report.has_worked ? counts.worked : counts.failed);
  }
}

SiteRecord Learnt::record(const knowledge::Rule& rule, std::string_view cause,
                          const knowledge::Workaround& workaround) const {
  SiteRecord record{.rule_success_rate = workaround.success_rate,
                    .rule_weight = std::clamp(rule.evidence_count, least_weight, most_weight)};
  if (const auto found = counts_.find(key_of(rule.id, cause, name_of(workaround))); found != counts_.end()) {
    record.worked = found->second.worked;
    record.failed = found->second.failed;
  }
  return record;
}

double success_rate(const SiteRecord& record) {
  if (record.is_empty()) return record.rule_success_rate;
  const auto weight = static_cast<double>(record.rule_weight);
  const auto worked = static_cast<double>(record.worked), failed = static_cast<double>(record.failed);
  return (record.rule_success_rate * weight + worked) / (weight + worked + failed);
}

Result<std::vector<WorkaroundReport>> reports_on(const Incident& incident, std::span<const TriedWorkaround> tried,
                                                 TimePoint at) {
  std::vector<WorkaroundReport> reports;
  for (const auto& one : tried) {
    const auto* workaround = find_named(incident, one.name);
    if (workaround == nullptr) return no_such_workaround(incident, one.name);
    if (workaround->rule.empty() || workaround->id.empty()) {
      return error(
          fmt::format("workaround '{}' of incident {} comes from no rule, so feedback on it cannot be recorded",
                      to_printable(one.name), incident.id));
    }
    const bool is_named_twice = std::any_of(reports.begin(), reports.end(), [&](const WorkaroundReport& report) {
      return report.rule == workaround->rule && report.workaround == workaround->id;
    });
    if (is_named_twice) return error(fmt::format("workaround '{}' is named twice", to_printable(one.name)));
    // One that is bound to no cause was tried against what was taken for the root cause.
    const auto& cause =
        workaround->cause.empty() && !incident.causes.empty() ? incident.causes.front().cause : workaround->cause;
    WorkaroundReport report{.id = {},
                            .at = at,
                            .incident = incident.id,
                            .rule = workaround->rule,
                            .cause = cause,
                            .workaround = workaround->id,
                            .has_worked = one.has_worked};
    report.id = hash_text(fmt::format("{}\n{}\n{}\n{}\n{}\n{}", report.incident, report.rule, report.cause,
                                      report.workaround, report.has_worked, at.time_since_epoch().count()));
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace triaged::diagnosis

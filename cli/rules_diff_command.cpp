// `triaged rules diff OLD NEW PATH...`: both packs read the same logs, and their incidents are held against each other.
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "base/local_clock.hpp"
#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/report_problems.hpp"
#include "config/cache_folder.hpp"
#include "config/configuration.hpp"
#include "config/loaded.hpp"
#include "notify/notifier.hpp"
#include "scan/story_scan.hpp"
#include "values/json_writer.hpp"

namespace triaged::cli {

namespace {

struct Difference {
  const Incident* before = nullptr;  // null: it appears
  const Incident* after = nullptr;   // null: it disappears
};

std::optional<scan::StoryScan> scan_with(const std::filesystem::path& pack, const std::vector<std::string>& logs,
                                         const notify::NotifyPolicy& policy) {
  auto rules = knowledge::load_rules({pack}, {.scope = {}, .cache = config::cache_folder()});
  const auto signatures = matcher::SignatureSet::compile_when_needed(
      rules.rules, [](const Problem& refused) { print_problems({refused}); }, {.cache = config::cache_folder()});
  std::erase_if(rules.problems, [](const Problem& problem) { return problem.level == ProblemLevel::warning; });
  print_problems(rules.problems);
  if (rules.rules->rules().empty()) {
    fmt::print(stderr, "triaged rules diff: {} holds no rules\n", pack.string());
    return std::nullopt;
  }
  scan::ScanProgress progress;
  auto scan = scan::scan_story({.paths = logs, .notify = policy}, rules.rules, signatures, progress);
  if (scan && scan->failures.empty()) return std::move(*scan);
  for (const auto& why : scan ? scan->failures : scan.error().why) fmt::print(stderr, "triaged rules diff: {}\n", why);
  return std::nullopt;
}

bool is_same_story(const Incident& a, const Incident& b) {
  return a.entity == b.entity && a.first_seen <= b.last_seen && b.first_seen <= a.last_seen;
}

/// Each incident with the one of the other pack that is about the same: of the same rule and thing or, when the packs
/// name the rules in another way, about the same thing at the same time.
std::vector<Difference> paired(const std::vector<Incident>& before, const std::vector<Incident>& after) {
  std::vector<Difference> pairs;
  for (const auto& incident : before) pairs.push_back({&incident, nullptr});
  std::vector<const Incident*> left;
  for (const auto& incident : after) left.push_back(&incident);
  const auto pair_up = [&](auto is_same) {
    for (auto& pair : pairs) {
      if (pair.after != nullptr) continue;
      const auto found =
          std::find_if(left.begin(), left.end(), [&](const Incident* other) { return is_same(*pair.before, *other); });
      if (found == left.end()) continue;
      pair.after = *found;
      left.erase(found);
    }
  };
  pair_up([](const Incident& a, const Incident& b) { return a.key == b.key && is_same_story(a, b); });
  pair_up([](const Incident& a, const Incident& b) { return a.key == b.key; });
  pair_up(is_same_story);
  for (const auto* incident : left) pairs.push_back({nullptr, incident});
  return pairs;
}

std::vector<std::string> order_of_causes(const Incident& incident) {
  std::vector<std::string> causes;
  for (const auto& cause : incident.causes) causes.push_back(cause.cause);
  return causes;
}

bool differs(const Difference& pair) {
  if (pair.before == nullptr || pair.after == nullptr) return true;
  return pair.before->severity != pair.after->severity || pair.before->title != pair.after->title ||
         order_of_causes(*pair.before) != order_of_causes(*pair.after);
}

std::string shown(const Incident& incident) {
  const LocalClock clock{.zone = {}, .today = incident.first_seen};
  return fmt::format("{} {} {} {} ({:.0f}%), {} {}", name_of(incident.severity),
                     clock.date_and_time_of(incident.first_seen), clock.zone_at(incident.first_seen),
                     incident.causes.front().cause, incident.causes.front().probability * 100, incident.entity.kind,
                     to_printable(incident.entity.value));
}

void write_side(JsonWriter& json, std::string_view key, const Incident* incident) {
  json.key(key);
  if (incident == nullptr) return json.null();
  json.begin_object();
  json.key("severity").text(name_of(incident->severity));
  json.key("title").text(incident->title);
  json.key("entity").text(incident->entity.value);
  json.key("first_seen").text(to_rfc3339(incident->first_seen));
  json.key("causes").texts(order_of_causes(*incident));
  json.key("rules").texts(incident->rules);
  json.end_object();
}

std::string_view kind_of(const Difference& pair) {
  return pair.before == nullptr ? "appears" : pair.after == nullptr ? "disappears" : "changes";
}

void print_difference(const Difference& pair, bool as_json) {
  if (as_json) {
    JsonWriter json;
    json.begin_object();
    json.key("difference").text(kind_of(pair));
    write_side(json, "before", pair.before);
    write_side(json, "after", pair.after);
    json.end_object();
    fmt::print("{}\n", json.json());
  } else if (pair.before == nullptr) {
    fmt::print("+ {}\n", shown(*pair.after));
  } else if (pair.after == nullptr) {
    fmt::print("- {}\n", shown(*pair.before));
  } else {
    fmt::print("~ {}\n  {}\n", shown(*pair.before), shown(*pair.after));
  }
}

/// For the sinks whose messages are counted; nullopt: the configuration cannot be used.
std::optional<notify::NotifyPolicy> policy_for(const RulesDiffOptions& options) {
  Problems problems;
  const auto configuration = config::configuration_at(options.configuration, problems);
  print_problems(problems);
  if (has_errors(problems)) return std::nullopt;
  return configuration.notify_policy();
}

std::uint64_t messages_for(const std::string& sink, const scan::StoryScan& scan) {
  const auto found = scan.notifications.find(sink);
  return found == scan.notifications.end() ? 0 : found->second;
}

}  // namespace

int rules_diff_command(const RulesDiffOptions& options) {
  const auto policy = policy_for(options);
  if (!policy) return exit_could_not_run;
  const auto before = scan_with(options.before, options.logs, *policy);
  if (!before) return exit_could_not_run;
  const auto after = scan_with(options.after, options.logs, *policy);
  if (!after) return exit_could_not_run;
  auto pairs = paired(before->incidents, after->incidents);
  const auto all = pairs.size();
  std::erase_if(pairs, [](const Difference& pair) { return !differs(pair); });
  for (const auto& pair : pairs) print_difference(pair, options.json);
  for (const auto& route : policy->routes) {
    const auto old_messages = messages_for(route.sink, *before), new_messages = messages_for(route.sink, *after);
    if (options.json) {
      JsonWriter json;
      json.begin_object();
      json.key("sink").text(route.sink);
      json.key("messages_before").whole(old_messages);
      json.key("messages_after").whole(new_messages);
      json.end_object();
      fmt::print("{}\n", json.json());
    } else {
      fmt::print("{}: {} messages instead of {}\n", route.sink, new_messages, old_messages);
    }
  }
  if (!options.json) fmt::print(stderr, "{} incidents in {} lines, {} differ\n", all, after->lines, pairs.size());
  return pairs.empty() ? exit_done : exit_found;
}

}  // namespace triaged::cli

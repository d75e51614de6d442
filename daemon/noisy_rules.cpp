#include "daemon/noisy_rules.hpp"

#include <algorithm>
#include <fstream>
#include <utility>

#include <simdjson.h>
#include <spdlog/spdlog.h>

#include "base/replace_file.hpp"
#include "values/json_writer.hpp"

namespace triaged::daemon {

namespace {

constexpr std::string_view file_name = "noisy-rules.jsonl";

std::string line_of(const matcher::NoisyRule& rule) {
  JsonWriter json;
  json.begin_object();
  json.key("rule").text(rule.rule);
  json.key("source").text(rule.source);
  json.key("lines").whole(rule.lines);
  json.key("matched").whole(rule.matched);
  json.end_object();
  return std::move(json).json();
}

std::optional<matcher::NoisyRule> from_line(const std::string& line) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(line).get(object) != simdjson::SUCCESS) return std::nullopt;
  const auto text = [&](std::string_view key) {
    std::string_view found;
    return object[key].get(found) == simdjson::SUCCESS ? std::string(found) : std::string();
  };
  const auto number = [&](std::string_view key) {
    std::uint64_t found = 0;
    return object[key].get(found) == simdjson::SUCCESS ? found : 0;
  };
  return matcher::NoisyRule{text("rule"), text("source"), number("lines"), number("matched")};
}

}  // namespace

NoisyRules::NoisyRules(store::StateFolder state) : state_(std::move(state)), kept_(noisy_rules_in(state_.path)) {}

void NoisyRules::add(const std::vector<matcher::NoisyRule>& demoted) {
  if (demoted.empty()) return;
  const Lock lock(mutex_);
  for (const auto& rule : demoted) {
    ++count_;
    spdlog::warn(
        "{} matched {} of {} lines of {} while nothing else was wrong there: from now on it is supporting evidence in "
        "that log (to have it open incidents all the same: public_rules: {{pin: [{}]}})",
        rule.rule, rule.matched, rule.lines, rule.source, rule.rule);
    std::erase_if(
        kept_, [&](const matcher::NoisyRule& other) { return other.rule == rule.rule && other.source == rule.source; });
    kept_.push_back(rule);
  }
  if (kept_.size() > most_kept) kept_.erase(kept_.begin(), kept_.end() - most_kept);
  std::string text;
  for (const auto& rule : kept_) text += line_of(rule) + '\n';
  const auto file = state_.path / file_name;
  const auto written = replace_file(file, text);
  if (written) return;
  spdlog::warn("cannot write {}: {}; `triaged rules list` will not show which rules were demoted",
               state_.shown(file.string()), written.error().message);
}

std::vector<matcher::NoisyRule> noisy_rules_in(const std::filesystem::path& state_folder) {
  std::vector<matcher::NoisyRule> rules;
  std::ifstream in(state_folder / file_name);
  for (std::string line; rules.size() < NoisyRules::most_kept && std::getline(in, line);) {
    if (auto rule = from_line(line)) rules.push_back(*std::move(rule));
  }
  return rules;
}

}  // namespace triaged::daemon

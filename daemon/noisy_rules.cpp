#include "daemon/noisy_rules.hpp"

#include <algorithm>
#include <fstream>

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

#include "base/utf8.hpp"

namespace triaged {

namespace {

namespace json = boost::json;

constexpr std::string_view file_name = "noisy-rules.jsonl";

std::string line_of(const NoisyRule& rule) {
  return json::serialize(json::object{
      {"rule", rule.rule}, {"source", to_valid_utf8(rule.source)}, {"lines", rule.lines}, {"matched", rule.matched}});
}

std::optional<NoisyRule> from_line(const std::string& line) {
  boost::system::error_code failure;
  const auto value = json::parse(line, failure);
  const auto* object = failure ? nullptr : value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto text = [&](std::string_view key) {
    const auto* found = object->if_contains(key);
    const auto* string = found == nullptr ? nullptr : found->if_string();
    return string == nullptr ? std::string() : std::string(*string);
  };
  const auto number = [&](std::string_view key) {
    const auto* found = object->if_contains(key);
    return found != nullptr && found->is_number() ? found->to_number<std::uint64_t>(failure) : 0;
  };
  return NoisyRule{text("rule"), text("source"), number("lines"), number("matched")};
}

}  // namespace

NoisyRules::NoisyRules(const std::filesystem::path& state_folder)
    : file_(state_folder / file_name), kept_(noisy_rules_in(state_folder)) {}

void NoisyRules::add(const std::vector<NoisyRule>& demoted) {
  if (demoted.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const auto& rule : demoted) {
    ++count_;
    spdlog::warn(
        "{} matched {} of {} lines of {} while nothing else was wrong there: from now on it is supporting evidence in "
        "that log (to have it open incidents all the same: public_rules: {{pin: [{}]}})",
        rule.rule, rule.matched, rule.lines, rule.source, rule.rule);
    std::erase_if(kept_,
                  [&](const NoisyRule& other) { return other.rule == rule.rule && other.source == rule.source; });
    kept_.push_back(rule);
  }
  if (kept_.size() > most_kept) kept_.erase(kept_.begin(), kept_.end() - most_kept);
  std::ofstream out(file_, std::ios::trunc);
  for (const auto& rule : kept_) out << line_of(rule) << '\n';
  out.close();
  if (!out) spdlog::warn("{} cannot be written: triaged rules list will not show what was demoted", file_.string());
}

std::vector<NoisyRule> noisy_rules_in(const std::filesystem::path& state_folder) {
  std::vector<NoisyRule> rules;
  std::ifstream in(state_folder / file_name);
  for (std::string line; rules.size() < NoisyRules::most_kept && std::getline(in, line);) {
    if (auto rule = from_line(line)) rules.push_back(*std::move(rule));
  }
  return rules;
}

}  // namespace triaged

#include "knowledge/dialects/rule_reading.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace triaged::knowledge {

namespace {

bool is_slug(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '/';
  };
  return !text.empty() && text.front() != '/' && text.back() != '/' &&
         std::all_of(text.begin(), text.end(), is_allowed);
}

}  // namespace

void check_rule_id(const YamlValue& map, const RuleFile& file) {
  const auto* id = map.find("id");
  if (id == nullptr || id->kind != YamlValue::Kind::text) return;
  if (is_slug(id->text) && id->text.find('/') != std::string::npos) return;
  file.report(ProblemLevel::error, *id,
              "a rule's id must be DOMAIN/SLUG in small letters, digits, '-', '_' and '.', such as "
              "nginx/upstream-connection-refused");
}

std::string domain_of(std::string_view id) { return std::string(id.substr(0, id.find('/'))); }

std::string slug_of(std::string_view id) {
  const auto slash = id.find('/');
  return std::string(slash == std::string_view::npos ? id : id.substr(slash + 1));
}

Translated read_translated(YamlMapReader& reader, std::string_view key, std::string_view key_zh) {
  return {reader.text(key).value_or(""), reader.text(key_zh).value_or("")};
}

std::optional<double> read_share(YamlMapReader& reader, std::string_view key, const YamlValue& map,
                                 const RuleFile& file) {
  const auto share = reader.number(key);
  if (share && !(*share >= 0 && *share <= 1)) {
    file.report(ProblemLevel::error, *map.find(key), fmt::format("'{}' must lie between 0 and 1", key));
    return std::nullopt;
  }
  return share;
}

std::uint64_t read_count(YamlMapReader& reader, std::string_view key, const YamlValue& map, const RuleFile& file) {
  const auto count = reader.integer(key);
  if (!count) return 0;
  if (*count < 0) file.report(ProblemLevel::error, *map.find(key), fmt::format("'{}' must not be negative", key));
  return static_cast<std::uint64_t>(std::max(*count, 0L));
}

}  // namespace triaged::knowledge

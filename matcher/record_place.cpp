#include "matcher/record_place.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace triaged::matcher {

namespace {

constexpr std::array<std::string_view, 3> parts_of_place{"code_file", "code_line", "code_function"};

/// In place of an earlier one: a Go stack goes on to where the panic began.
void set_place(const formats::ReadLine& line, MatchedLine& of) {
  for (const auto name : parts_of_place) {
    std::erase_if(of.fields, [&](const Field& field) { return field.name == name; });
    if (const auto value = line.field(name); !value.empty())
      of.fields.push_back({std::string(name), std::string(value)});
  }
}

}  // namespace

/// Records of one program may all begin with the same line, so only what stands between `line` and a head that was
/// found is known to be of its record. Several rules may have found that head; the same one a second time has found
/// another line, also at the same offset, where a wrapper holds several.
void place_record(const formats::ReadLine& line, const std::function<bool(const MatchedLine&)>& is_in_its_stream,
                  std::vector<Finding>& findings) {
  if (line.header.empty() || line.field("code_file").empty()) return;
  std::vector<MatchedLine*> of_record;
  std::optional<std::uint64_t> head;
  for (auto finding = findings.rbegin(); finding != findings.rend(); ++finding) {
    auto& matched = matched_line(*finding);
    const auto is_of_its_rule = [&](const MatchedLine* each) {
      return each->header.empty() && each->rule == matched.rule;
    };
    if (head && (matched.offset != *head || std::ranges::any_of(of_record, is_of_its_rule))) break;
    if (!is_in_its_stream(matched)) continue;
    const bool is_head = matched.header.empty() && matched.line.ends_with(line.header);
    if (!is_head && (head || matched.header != line.header)) break;
    of_record.push_back(&matched);
    if (is_head) head = matched.offset;
  }
  if (!head) return;
  for (auto* each : of_record) set_place(line, *each);
}

void LinesAhead::add(const formats::ReadLine& line) {
  if (line.header.empty() && !line.text.empty()) lines_.emplace_back(line.stream, line.text);
}

bool LinesAhead::hold_head_of(const formats::ReadLine& line) const {
  return std::ranges::any_of(
      lines_, [&](const auto& ahead) { return ahead.first == line.stream && ahead.second.ends_with(line.header); });
}

}  // namespace triaged::matcher

#include "matcher/record_place.hpp"

#include <array>
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
/// found is known to be of its record.
void place_record(const formats::ReadLine& line, const std::function<bool(const MatchedLine&)>& is_in_its_stream,
                  std::vector<Finding>& findings) {
  if (line.header.empty() || line.field("code_file").empty()) return;
  std::vector<MatchedLine*> of_record;
  for (auto finding = findings.rbegin(); finding != findings.rend(); ++finding) {
    auto& matched = matched_line(*finding);
    if (!is_in_its_stream(matched)) continue;
    const bool is_head = matched.header.empty() && matched.line.ends_with(line.header);
    if (!is_head && matched.header != line.header) return;
    of_record.push_back(&matched);
    if (!is_head) continue;
    for (auto* each : of_record) set_place(line, *each);
    return;
  }
}

}  // namespace triaged::matcher

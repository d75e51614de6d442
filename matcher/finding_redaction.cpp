#include "matcher/finding_redaction.hpp"

#include <algorithm>
#include <functional>

namespace triaged::matcher {

namespace {

bool is_piece_of(std::string_view text, std::string_view piece) {
  return std::less_equal<>()(text.data(), piece.data()) &&
         std::less_equal<>()(piece.data() + piece.size(), text.data() + text.size());
}

std::string cut(std::string text) {
  if (text.size() > longest_symptom_line) text.resize(longest_symptom_line);
  return text;
}

}  // namespace

bool FindingRedaction::is_suspect(const formats::ReadLine& line, std::uint64_t offset) {
  if (is_suspect_) return *is_suspect_;
  const auto may_hold = [&](std::string_view text) {
    return !text.empty() && redactor_->may_hold_secret(text.substr(0, longest_redacted_line));
  };
  is_suspect_ = may_hold(line.text) || may_hold(line.header) ||
                std::ranges::any_of(line.fields, [&](const formats::FieldView& field) {
                  return !is_piece_of(line.text, field.value) && may_hold(field.value);
                });
  if (*is_suspect_) suspects_.push_back(offset);
  return *is_suspect_;
}

void FindingRedaction::apply(std::vector<Finding>& findings) {
  if (suspects_.empty()) return;
  for (auto& finding : findings) {
    auto& matched = matched_line(finding);
    if (std::ranges::binary_search(suspects_, matched.offset)) redact(matched);
  }
  suspects_.clear();
}

void FindingRedaction::redact(MatchedLine& matched) const {
  const formats::RedactedText line(*redactor_, matched.line), header(*redactor_, matched.header);
  for (auto& field : matched.fields) {
    const auto& whole = !line.holds(field.value) && header.holds(field.value) ? header : line;
    field.value = cut(whole.part(field.value));
  }
  auto redacted_line = cut(line.text()), redacted_header = cut(header.text());
  matched.line = std::move(redacted_line);
  matched.header = std::move(redacted_header);
}

}  // namespace triaged::matcher

#include <algorithm>

#include <fmt/format.h>

#include "knowledge/faces/render_rule.hpp"
#include "knowledge/model/condition.hpp"
#include "knowledge/model/rule_labels.hpp"
#include "knowledge/model/timed_match.hpp"
#include "knowledge/ranking/rule_phrases.hpp"
#include "values/text_page.hpp"

namespace triaged::knowledge {

namespace {

class RulePage {
 public:
  RulePage(const Rule& rule, Language language, const TextStyle& style)
      : rule_(rule), language_(language), labels_(labels_in(language)), page_(style) {}

  std::string write() && {
    write_head();
    write_versions();
    write_paragraph(labels_.root_cause, rule_.root_cause.in(language_));
    write_paragraph(labels_.docs, rule_.docs);
    write_recognition();
    if (rule_.dialect == Dialect::triaged_yaml) write_causes();  // a public record has but its root cause
    write_workarounds();
    write_dead_ends();
    write_related();
    return page_.text();
  }

 private:
  void write_head() {
    page_.paragraph({.indent = 0, .text = fmt::format("{}", fmt::join(tags_of(rule_), " ")), .ink = Ink::dim});
    page_.blank_row();
    page_.paragraph({.indent = 0, .text = rule_.title.in(language_), .ink = Ink::bold});
    page_.blank_row();
    page_.paragraph({.indent = 0, .text = fmt::format("{}: {}", labels_.id, rule_.id)});
    page_.paragraph({.indent = 0, .text = standing()});
  }

  std::string standing() const {
    std::vector<std::string> parts;
    if (rule_.fix_rate) parts.push_back(fmt::format("{} {}", labels_.fix_rate, whole_percent(*rule_.fix_rate)));
    parts.push_back(fmt::format("{} {}", labels_.confidence, whole_percent(rule_.confidence)));
    parts.push_back(fmt::format("{} {}", labels_.evidence, rule_.evidence_count));
    if (!rule_.first_seen.empty()) parts.push_back(fmt::format("{} {}", labels_.first_seen, rule_.first_seen));
    if (!rule_.last_confirmed.empty()) {
      parts.push_back(fmt::format("{} {}", labels_.last_confirmed, rule_.last_confirmed));
    }
    return fmt::format("{}", fmt::join(parts, " · "));
  }

  void write_paragraph(std::string_view title, std::string_view text) {
    if (text.empty()) return;
    page_.heading(title);
    page_.paragraph({.text = text});
  }

  void write_recognition() {
    page_.heading(labels_.recognised_by);
    for (const auto& match : rule_.matches) {
      page_.paragraph({.text = formats_of(match, language_)});
      page_.verbatim(4, match.regex, Ink::cyan);
      for (const auto& condition : match.where) page_.paragraph({.indent = 4, .text = to_text(condition)});
    }
    for (const auto& timed : rule_.timed_matches) {
      page_.paragraph({.text = phrase_of(timed)});
      for (const auto& line : line_phrases_of(timed, language_)) page_.verbatim(4, line, Ink::cyan);
    }
  }

  void write_versions() {
    if (rule_.versions.empty()) return;
    page_.heading(labels_.versions);
    write_row({labels_.version, labels_.status, labels_.introduced, labels_.deprecated, labels_.notes}, Ink::dim);
    for (const auto& note : rule_.versions) {
      write_row({note.version, note.status, note.introduced, note.deprecated, note.behavior_change}, Ink::plain);
    }
  }

  void write_row(const std::array<std::string_view, 5>& cells, Ink ink) {
    const std::array<std::size_t, 5> columns = {20, 10, 12, 12, 0};
    std::string row;
    for (std::size_t i = 0; i < cells.size(); ++i) row += padded(cells[i], columns[i]) + " ";
    row.erase(row.find_last_not_of(' ') + 1);
    page_.verbatim(2, row, ink);
  }

  void write_causes() {
    page_.heading(labels_.causes);
    for (const auto* cause : ranked_causes(rule_)) {
      page_.paragraph(
          {.mark = fmt::format("{:>4}  ", whole_percent(cause->prior)), .text = cause->id, .ink = Ink::bold});
      page_.paragraph({.indent = 8, .text = cause->text.in(language_)});
      for (const auto& term : cause->supported_by) write_term("+ ", Ink::green, term);
      for (const auto& term : cause->refuted_by) write_term("- ", Ink::red, term);
    }
  }

  void write_term(std::string_view mark, Ink ink, const EvidenceTerm& term) {
    page_.paragraph({.indent = 8, .mark = mark, .mark_ink = ink, .text = phrase_of(term)});
  }

  void write_workarounds() {
    if (rule_.workarounds.empty()) return;
    page_.heading(labels_.workarounds);
    std::size_t number = 0;
    for (const auto* workaround : ranked_workarounds(rule_)) {
      const auto advice = advice_of({.action = workaround->action.in(language_), .how = workaround->how});
      const auto mark =
          fmt::format("{}. {:>4} {}  ", ++number, whole_percent(workaround->success_rate), labels_.success);
      page_.paragraph({.mark = mark, .mark_ink = Ink::green, .text = advice.sentence});
      page_.verbatim(5, advice.commands, Ink::cyan);
      remark(5, labels_.condition, workaround->condition);
      remark(5, labels_.tradeoff, workaround->tradeoff);
    }
  }

  void write_dead_ends() {
    if (rule_.dead_ends.empty()) return;
    page_.heading(labels_.dead_ends, labels_.dead_ends_note);
    std::size_t number = 0;
    for (const auto* dead_end : ranked_dead_ends(rule_)) {
      const auto& action = dead_end->action.in(language_);
      const auto& why = dead_end->why_fails.in(language_);
      const auto mark = fmt::format("{}. {:>4} {}  ", ++number, whole_percent(dead_end->fail_rate), labels_.fail);
      page_.paragraph({.mark = mark, .mark_ink = Ink::red, .text = action.empty() ? why : action});
      const auto indent = 2 + columns_of(mark);
      if (!action.empty()) page_.paragraph({.indent = indent, .text = why, .ink = Ink::dim});
      remark(indent, labels_.misconception, dead_end->misconception);
      remark(indent, labels_.condition, dead_end->condition);
      remark(indent, labels_.tradeoff, dead_end->tradeoff);
    }
  }

  void remark(std::size_t indent, std::string_view label, std::string_view text) {
    if (text.empty()) return;
    page_.paragraph({.indent = indent, .text = fmt::format("{}: {}", label, text), .ink = Ink::dim});
  }

  void write_related() {
    const auto related = related_of(rule_, language_);
    if (related.empty()) return;
    page_.heading(labels_.related);
    for (const auto& phrase : related) page_.paragraph({.text = phrase});
  }

  const Rule& rule_;
  const Language language_;
  const RuleLabels& labels_;
  TextPage page_;
};

}  // namespace

std::string to_plain_text(const Rule& rule, Language language, const TextStyle& style) {
  return RulePage(rule, language, style).write();
}

}  // namespace triaged::knowledge

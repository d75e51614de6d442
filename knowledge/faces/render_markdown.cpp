#include <algorithm>

#include <fmt/format.h>

#include "knowledge/faces/render_rule.hpp"
#include "knowledge/model/condition.hpp"
#include "knowledge/model/rule_labels.hpp"
#include "knowledge/model/timed_match.hpp"
#include "knowledge/ranking/rule_phrases.hpp"

namespace triaged::knowledge {

namespace {

/// `text` without the line ends at its end and with the lines after the first set in by `indent`, so that they stay
/// inside their list item.
std::string set_in(std::string_view text, std::string_view indent) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  std::string lines;
  for (const char c : text) {
    lines += c;
    if (c == '\n') lines += indent;
  }
  return lines;
}

/// A fence longer than any run of backticks in `text`, so that the text cannot close it.
std::string fence_for(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return std::string(std::max<std::size_t>(3, longest + 1), '`');
}

/// One line as code, also when it holds backticks itself.
std::string as_code(std::string_view text) {
  if (text.find('`') == std::string_view::npos) return fmt::format("`{}`", text);
  const auto fence = fence_for(text);
  return fmt::format("{} {} {}", fence, text, fence);
}

/// In a table an absent value is a dash, and a bar would end the cell.
std::string cell(std::string_view text) {
  if (text.empty()) return "—";
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

class MarkdownPage {
 public:
  MarkdownPage(const Rule& rule, Language language) : rule_(rule), language_(language), labels_(labels_in(language)) {}

  std::string write() && {
    page_ = fmt::format("# {}\n\n", set_in(rule_.title.in(language_), ""));
    write_facts();
    write_paragraph(labels_.root_cause, rule_.root_cause.in(language_));
    if (rule_.dialect == Dialect::triaged_yaml) write_recognition();
    write_versions();
    if (rule_.dialect == Dialect::triaged_yaml) {
      write_paragraph(labels_.docs, rule_.docs.empty() ? "" : fmt::format("<{}>", rule_.docs));
      write_causes();
    }
    write_workarounds();
    write_dead_ends();
    write_related();
    return std::move(page_);
  }

 private:
  void heading(std::string_view title) { page_ += fmt::format("\n## {}\n\n", title); }

  void fact(std::string_view label, std::string_view value) {
    if (!value.empty()) page_ += fmt::format("- **{}:** {}\n", label, value);
  }

  void write_facts() {
    fact(labels_.id, fmt::format("`{}`", rule_.id));
    fact(labels_.domain, rule_.domain);
    fact(labels_.category, rule_.category);
    fact(labels_.verification, rule_.verification);
    if (rule_.fix_rate) fact(labels_.fix_rate, whole_percent(*rule_.fix_rate));
    if (rule_.dialect != Dialect::triaged_yaml) return;
    fact(labels_.severity, name_of(rule_.severity));
    fact(labels_.error_code, rule_.error_code);
    fact(labels_.confidence, whole_percent(rule_.confidence));
    fact(labels_.evidence, std::to_string(rule_.evidence_count));
    fact(labels_.first_seen, rule_.first_seen);
    fact(labels_.last_confirmed, rule_.last_confirmed);
    fact(labels_.tags, fmt::format("{}", fmt::join(rule_.tags, ", ")));
  }

  void write_paragraph(std::string_view title, std::string_view text) {
    if (text.empty()) return;
    heading(title);
    page_ += set_in(text, "");
    page_ += '\n';
  }

  void write_recognition() {
    heading(labels_.recognised_by);
    for (const auto& match : rule_.matches) {
      page_ += fmt::format("- {}\n", formats_of(match, language_));
      if (!match.regex.empty()) page_ += fmt::format("  - {}\n", as_code(match.regex));
      for (const auto& condition : match.where) page_ += fmt::format("  - {}\n", to_text(condition));
    }
    for (const auto& timed : rule_.timed_matches) {
      page_ += fmt::format("- {}\n", phrase_of(timed));
      for (const auto& line : line_phrases_of(timed, language_)) page_ += fmt::format("  - {}\n", as_code(line));
    }
  }

  void write_versions() {
    if (rule_.versions.empty()) return;
    heading(labels_.versions);
    page_ +=
        fmt::format("| {} | {} | {} | {} |\n", labels_.version, labels_.status, labels_.introduced, labels_.deprecated);
    page_ += "|---------|--------|------------|------------|\n";
    for (const auto& note : rule_.versions) {
      page_ += fmt::format("| {} | {} | {} | {} |\n", cell(note.version), cell(note.status), cell(note.introduced),
                           cell(note.deprecated));
    }
  }

  void write_causes() {
    heading(labels_.causes);
    for (const auto* cause : ranked_causes(rule_)) {
      page_ += fmt::format("- **{}** ({}) — {}\n", cause->id, whole_percent(cause->prior),
                           set_in(cause->text.in(language_), "  "));
      for (const auto& term : cause->supported_by) {
        page_ += fmt::format("  - {} {}\n", labels_.supports, phrase_of(term));
      }
      for (const auto& term : cause->refuted_by) {
        page_ += fmt::format("  - {} {}\n", labels_.refutes, phrase_of(term));
      }
    }
  }

  void write_workarounds() {
    if (rule_.workarounds.empty()) return;
    heading(labels_.workarounds);
    std::size_t number = 0;
    for (const auto* workaround : ranked_workarounds(rule_)) {
      page_ += fmt::format("{}. **{}** ({} {})\n", ++number, set_in(workaround->action.in(language_), "   "),
                           whole_percent(workaround->success_rate), labels_.success);
      if (!workaround->how.empty()) {
        const auto fence = fence_for(workaround->how);
        page_ += fmt::format("   {}\n   {}\n   {}\n", fence, set_in(workaround->how, "   "), fence);
      }
      remark("   ", labels_.condition, workaround->condition);
      remark("   ", labels_.tradeoff, workaround->tradeoff);
    }
  }

  void write_dead_ends() {
    if (rule_.dead_ends.empty()) return;
    heading(labels_.dead_ends);
    for (const auto* dead_end : ranked_dead_ends(rule_)) {
      page_ += fmt::format("- **{}** — {} ({} {})\n", set_in(dead_end->action.in(language_), "  "),
                           set_in(dead_end->why_fails.in(language_), "  "), whole_percent(dead_end->fail_rate),
                           labels_.fail);
      remark("  ", labels_.misconception, dead_end->misconception);
      remark("  ", labels_.condition, dead_end->condition);
      remark("  ", labels_.tradeoff, dead_end->tradeoff);
    }
  }

  /// A paragraph of its own inside a list item.
  void remark(std::string_view indent, std::string_view label, std::string_view text) {
    if (!text.empty()) page_ += fmt::format("\n{}*{}: {}*\n", indent, label, set_in(text, indent));
  }

  void write_related() {
    const auto related = related_of(rule_, language_);
    if (related.empty()) return;
    heading(labels_.related);
    for (const auto& phrase : related) page_ += fmt::format("- {}\n", phrase);
  }

  const Rule& rule_;
  const Language language_;
  const RuleLabels& labels_;
  std::string page_;
};

}  // namespace

std::string to_markdown(const Rule& rule, Language language) { return MarkdownPage(rule, language).write(); }

}  // namespace triaged::knowledge

// A rule as a page of its own: one file, no script, nothing loaded from anywhere, light and dark. Everything that comes
// from a rule is escaped; an address becomes a link only when it is one of the web.
#include <algorithm>

#include <fmt/format.h>

#include "knowledge/faces/render_rule.hpp"
#include "knowledge/model/condition.hpp"
#include "knowledge/model/rule_labels.hpp"
#include "knowledge/ranking/rule_phrases.hpp"
#include "values/html.hpp"

namespace triaged::knowledge {

namespace {

constexpr std::string_view style = R"(main{max-width:52rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.7rem;line-height:1.25;margin:.6rem 0;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:2.2rem 0 .6rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.2rem 0 .4rem}
a{color:var(--link)}p{margin:.5rem 0}
code,pre{font:.87em/1.5 ui-monospace,SFMono-Regular,Consolas,"Liberation Mono",monospace;background:var(--code);border-radius:6px}
code{padding:.15em .35em;overflow-wrap:anywhere}
pre{padding:.8rem 1rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;margin:.5rem 0}
.tags span{display:inline-block;padding:.05rem .6rem;margin:0 .3rem .3rem 0;border:1px solid var(--line);border-radius:1rem;font-size:.82rem;color:var(--soft);background:var(--card)}
.soft{color:var(--soft);font-size:.92rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.7rem;margin:1.2rem 0}
.facts div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.6rem .9rem}
.facts b{display:block;font-size:1.25rem;line-height:1.3}.facts span{color:var(--soft);font-size:.85rem}
table{border-collapse:collapse;width:100%;font-size:.93rem;display:block;overflow-x:auto}
th,td{text-align:left;padding:.4rem .7rem;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:600}
ol,ul{padding-left:1.4rem;margin:.4rem 0}li{margin:.7rem 0}li p{margin:.2rem 0}
.rate{display:inline-block;padding:0 .5rem;margin-right:.4rem;border-radius:1rem;font-size:.82rem;font-weight:600;border:1px solid currentColor;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}
)";

bool is_web_address(std::string_view text) { return text.starts_with("https://") || text.starts_with("http://"); }

std::string linked(std::string_view address) {
  if (!is_web_address(address)) return escaped_html(address);
  return fmt::format("<a href=\"{0}\" rel=\"noreferrer\">{0}</a>", escaped_html(address));
}

class HtmlPage {
 public:
  HtmlPage(const Rule& rule, Language language, const RuleLinks& links)
      : rule_(rule), language_(language), labels_(labels_in(language)), links_(links) {}

  std::string write() && {
    page_ = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
        "<style>{}{}</style>\n</head>\n<body>\n<main>\n",
        language_ == Language::chinese ? "zh" : "en", escaped_html(rule_.title.in(language_)), html_theme, style);
    write_head();
    write_versions();
    write_root_cause();
    write_docs();
    if (rule_.dialect == Dialect::triaged_yaml) {
      write_recognition();
      write_causes();
    }
    write_workarounds();
    write_dead_ends();
    write_related();
    page_ += "</main>\n</body>\n</html>\n";
    return std::move(page_);
  }

 private:
  template <typename... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    page_ += fmt::format(format, std::forward<Values>(values)...);
  }
  void heading(std::string_view title) { add("<h2>{}</h2>\n", escaped_html(title)); }
  /// English pages of the public records show the Chinese texts too, under headings of their own.
  [[nodiscard]] bool shows_both() const { return rule_.is_public() && language_ == Language::english; }

  void write_head() {
    page_ += "<p class=\"tags\">";
    for (const auto& tag : tags_of(rule_)) add("<span>{}</span> ", escaped_html(tag));
    add("</p>\n<h1>{}</h1>\n", escaped_html(rule_.title.in(language_)));
    add("<p class=\"soft\">{}: <code>{}</code></p>\n", labels_.id, escaped_html(rule_.id));
    if (!links_.base.empty()) {
      const auto other = language_ == Language::chinese ? links_.base : links_.base + "/zh";
      add("<p class=\"soft\">{}: <a href=\"{}.json\">JSON</a> · <a href=\"{}.md\">Markdown</a> · <a "
          "href=\"{}\">{}</a></p>\n",
          labels_.also_available, escaped_html(links_.base), escaped_html(links_.base), escaped_html(other),
          language_ == Language::chinese ? "English" : "中文");
    }
    page_ += "<div class=\"facts\">\n";
    if (rule_.fix_rate) fact(whole_percent(*rule_.fix_rate), labels_.fix_rate);
    fact(whole_percent(rule_.confidence), labels_.confidence);
    fact(std::to_string(rule_.evidence_count), labels_.evidence);
    fact(rule_.first_seen, labels_.first_seen);
    if (!rule_.is_public()) fact(rule_.last_confirmed, labels_.last_confirmed);
    page_ += "</div>\n";
  }

  void fact(std::string_view value, std::string_view label) {
    if (!value.empty()) add("<div><b>{}</b><span>{}</span></div>\n", escaped_html(value), label);
  }

  void write_versions() {
    if (rule_.versions.empty()) return;
    heading(labels_.versions);
    page_ += "<table>\n<tr>";
    for (const auto label : {labels_.version, labels_.status, labels_.introduced, labels_.deprecated, labels_.notes}) {
      add("<th>{}</th>", label);
    }
    page_ += "</tr>\n";
    for (const auto& note : rule_.versions) {
      page_ += "<tr>";
      for (const auto* cell :
           {&note.version, &note.status, &note.introduced, &note.deprecated, &note.behavior_change}) {
        add("<td>{}</td>", escaped_html(*cell));
      }
      page_ += "</tr>\n";
    }
    page_ += "</table>\n";
  }

  void write_root_cause() {
    if (rule_.root_cause.empty()) return;
    heading(labels_.root_cause);
    add("<p>{}</p>\n", escaped_html(rule_.root_cause.in(language_)));
    if (rule_.record && !rule_.record->root_cause_type.empty()) {
      add("<p class=\"tags\"><span>{}</span></p>\n", escaped_html(rule_.record->root_cause_type));
    }
    if (!shows_both() || rule_.root_cause.chinese.empty()) return;
    add("<h3>中文</h3>\n<p lang=\"zh\">{}</p>\n", escaped_html(rule_.root_cause.chinese));
  }

  void write_docs() {
    if (rule_.docs.empty()) return;
    heading(labels_.docs);
    add("<p>{}</p>\n", linked(rule_.docs));
  }

  void write_recognition() {
    heading(labels_.recognised_by);
    page_ += "<ul>\n";
    for (const auto& match : rule_.matches) {
      add("<li><p>{}</p>", escaped_html(formats_of(match, language_)));
      if (!match.regex.empty()) add("<pre>{}</pre>", escaped_html(match.regex));
      for (const auto& condition : match.where) add("<p><code>{}</code></p>", escaped_html(to_text(condition)));
      page_ += "</li>\n";
    }
    page_ += "</ul>\n";
  }

  void write_causes() {
    heading(labels_.causes);
    page_ += "<ol>\n";
    for (const auto* cause : ranked_causes(rule_)) {
      add("<li><p><span class=\"rate\">{}</span><code>{}</code></p><p>{}</p>", whole_percent(cause->prior),
          escaped_html(cause->id), escaped_html(cause->text.in(language_)));
      write_evidence(labels_.supports, "good", cause->supported_by);
      write_evidence(labels_.refutes, "bad", cause->refuted_by);
      page_ += "</li>\n";
    }
    page_ += "</ol>\n";
  }

  void write_evidence(std::string_view label, std::string_view ink, const std::vector<EvidenceTerm>& terms) {
    for (const auto& term : terms) {
      add("<p class=\"soft\"><span class=\"{}\">{}</span> {}</p>", ink, label, escaped_html(phrase_of(term)));
    }
  }

  void write_workarounds() {
    if (rule_.workarounds.empty()) return;
    heading(labels_.workarounds);
    page_ += "<ol>\n";
    for (const auto* workaround : ranked_workarounds(rule_)) {
      add("<li><p><span class=\"rate good\">{} {}</span>{}</p>", whole_percent(workaround->success_rate),
          labels_.success, escaped_html(workaround->action.in(language_)));
      if (!workaround->how.empty()) add("<pre>{}</pre>", escaped_html(without_last_line_end(workaround->how)));
      remark(labels_.condition, workaround->condition);
      remark(labels_.tradeoff, workaround->tradeoff);
      write_sources(workaround->sources);
      page_ += "</li>\n";
    }
    page_ += "</ol>\n";
    const bool has_chinese = std::any_of(rule_.workarounds.begin(), rule_.workarounds.end(),
                                         [](const Workaround& w) { return !w.action.chinese.empty(); });
    if (!shows_both() || !has_chinese) return;
    page_ += "<h3>中文步骤</h3>\n<ol lang=\"zh\">\n";
    for (const auto* workaround : ranked_workarounds(rule_)) {
      add("<li><p>{}</p></li>\n", escaped_html(workaround->action.in(Language::chinese)));
    }
    page_ += "</ol>\n";
  }

  /// A record may name no action: then there is nothing to show but why it fails.
  void write_dead_ends() {
    if (rule_.dead_ends.empty()) return;
    heading(labels_.dead_ends);
    add("<p class=\"soft\">{}</p>\n<ol>\n", labels_.dead_ends_note);
    for (const auto* dead_end : ranked_dead_ends(rule_)) {
      const auto& action = dead_end->action.in(language_);
      add("<li><p><span class=\"rate bad\">{} {}</span>{}</p>", whole_percent(dead_end->fail_rate), labels_.fail,
          escaped_html(action));
      add("<p{}>{}</p>", action.empty() ? "" : " class=\"soft\"", escaped_html(dead_end->why_fails.in(language_)));
      remark(labels_.misconception, dead_end->misconception);
      remark(labels_.condition, dead_end->condition);
      remark(labels_.tradeoff, dead_end->tradeoff);
      write_sources(dead_end->sources);
      page_ += "</li>\n";
    }
    page_ += "</ol>\n";
  }

  void write_related() {
    const auto related = related_of(rule_, language_);
    if (related.empty()) return;
    heading(labels_.related);
    page_ += "<ul>\n";
    for (const auto& phrase : related) add("<li>{}</li>\n", escaped_html(phrase));
    page_ += "</ul>\n";
  }

  void remark(std::string_view label, std::string_view text) {
    if (!text.empty()) add("<p class=\"soft\">{}: {}</p>", label, escaped_html(text));
  }

  void write_sources(const std::vector<std::string>& sources) {
    for (const auto& source : sources) add("<p class=\"soft\">{}</p>", linked(source));
  }

  static std::string_view without_last_line_end(std::string_view text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    return text;
  }

  const Rule& rule_;
  const Language language_;
  const RuleLabels& labels_;
  const RuleLinks& links_;
  std::string page_;
};

}  // namespace

std::string to_html(const Rule& rule, Language language, const RuleLinks& links) {
  return HtmlPage(rule, language, links).write();
}

}  // namespace triaged::knowledge

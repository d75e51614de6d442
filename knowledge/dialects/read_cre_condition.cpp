// Reads how a CRE rule is recognised, with every check that the format's own engine makes before it runs a rule.
#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>
#include <re2/re2.h>

#include "knowledge/dialects/cre_reading.hpp"
#include "knowledge/dialects/go_duration.hpp"
#include "knowledge/dialects/jq_program.hpp"

namespace triaged::knowledge {

namespace {

constexpr std::size_t most_distinct_terms = 64;
constexpr std::int64_t most_lines = 100'000;  // of `count`: enough for anybody, and not enough to fill the memory

bool is_there(const YamlValue* value) { return value != nullptr && value->kind != YamlValue::Kind::null; }

/// What stands where one term is expected, with the named term put in its place.
struct FoundTerm {
  const YamlValue* value = nullptr;    // the term itself
  const YamlValue* options = nullptr;  // where the options of a negative term stand
};

bool has_options(const YamlValue& map) {
  return std::any_of(map.entries.begin(), map.entries.end(), [](const auto& entry) {
    const auto& key = entry.key.text;
    return key == "window" || key == "slide" || key == "anchor" || key == "absolute";
  });
}

FoundTerm resolved(const YamlValue& item, const CreTerms& terms) {
  const auto* text = item.kind == YamlValue::Kind::text ? &item : item.find("value");
  FoundTerm found{&item, &item};
  if (text == nullptr || text->text.empty()) return found;
  const auto named = terms.find(text->text);
  if (named == terms.end()) return found;
  found.value = named->second;
  if (item.kind != YamlValue::Kind::map || !has_options(item)) found.options = named->second;
  return found;
}

class ConditionReader {
 public:
  ConditionReader(const CreTerms& terms, const RuleFile& file, CreRule& rule)
      : terms_(terms), file_(file), rule_(rule) {}

  bool read(const YamlValue& map) {
    const auto* sequence = map.find("sequence");
    const auto* set = map.find("set");
    // With both, the sequence is the rule.
    const auto* condition = is_there(sequence) ? sequence : set;
    if (!is_there(condition)) {
      error(map, "not supported: a rule has 'set' or 'sequence'");
      return false;
    }
    rule_.is_sequence = is_there(sequence);
    const auto* lines = condition->find(rule_.is_sequence ? "order" : "match");
    if (!is_there(lines)) {
      error(*condition, rule_.is_sequence ? "'sequence' missing 'order'" : "'set' missing 'match'");
      return false;
    }
    read_window(*condition);
    read_positives(*lines);
    if (const auto* negate = condition->find("negate"); is_there(negate)) read_negatives(*negate);
    if (!is_runnable_) return false;
    read_source(*condition);
    check(*condition);
    return true;
  }

 private:
  void error(const YamlValue& at, std::string message) { file_.report(ProblemLevel::error, at, std::move(message)); }

  void cannot_run(const YamlValue& at, std::string_view what) {
    if (is_runnable_) {
      file_.report(
          ProblemLevel::warning, at,
          fmt::format("rule {} is left out: {} are not supported, nor by the engine that the format comes from",
                      rule_.id, what));
    }
    is_runnable_ = false;
  }

  std::int64_t duration(const YamlValue& map, std::string_view key) {
    const auto* value = map.find(key);
    if (!is_there(value) || value->text.empty()) return 0;
    if (const auto nanoseconds = parse_go_duration(value->text)) return *nanoseconds;
    error(*value, fmt::format("invalid '{}': a duration such as 30s, 1m30s or 500ms", key));
    has_bad_window_ = has_bad_window_ || key == "window";
    return 0;
  }

  void read_window(const YamlValue& condition) { rule_.window = duration(condition, "window"); }

  void read_source(const YamlValue& condition) {
    const auto* event = condition.find("event");
    if (!is_there(event)) return error(condition, "root node has no event source: add event: {source: cre.log.NAME}");
    const auto* source = event->find("source");
    if (!is_there(source) || source->text.empty()) return error(*event, "invalid event type: 'source' is missing");
    rule_.source = source->text;
  }

  /// Whole numbers as YAML readers take them for one: not in quotes.
  std::optional<std::int64_t> number(const YamlValue& map, std::string_view key) {
    const auto* value = map.find(key);
    if (!is_there(value)) return 0;
    std::int64_t read = 0;
    const char* end = value->text.data() + value->text.size();
    const auto [stop, failure] = std::from_chars(value->text.data(), end, read);
    if (!value->quoted && failure == std::errc() && stop == end) return read;
    error(*value, fmt::format("'{}' must be a whole number", key));
    return std::nullopt;
  }

  bool boolean(const YamlValue& map, std::string_view key) {
    const auto* value = map.find(key);
    if (!is_there(value)) return false;
    std::string text = value->text;
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    if (text == "true" || text == "yes" || text == "on" || text == "y") return true;
    if (text == "false" || text == "no" || text == "off" || text == "n") return false;
    error(*value, fmt::format("'{}' must be true or false", key));
    return false;
  }

  /// The term's kind and text; nullopt when there is a mistake (reported) or nobody can run it.
  std::optional<CreTerm> read_term(const YamlValue& value) {
    CreTerm term;
    term.place = file_.place_of(value);
    if (value.kind == YamlValue::Kind::text) {
      term.text = value.text;
      if (term.text.empty()) error(value, "term not found: it is empty");
      if (term.text.empty()) return std::nullopt;
      warn_of_pattern(value);
      return term;
    }
    if (value.kind == YamlValue::Kind::map) {
      if (is_there(value.find("set")) || is_there(value.find("sequence"))) {
        cannot_run(value, "nested conditions");
        return std::nullopt;
      }
      if (is_there(value.find("promql"))) {
        cannot_run(value, "PromQL conditions");
        return std::nullopt;
      }
    }
    return read_one_of(value, std::move(term));
  }

  std::optional<CreTerm> read_one_of(const YamlValue& map, CreTerm term) {
    using Kind = CreTerm::Kind;
    int given = 0;
    const YamlValue* at = &map;
    for (const auto& [key, kind] :
         {std::pair("value", Kind::value), std::pair("regex", Kind::regex), std::pair("jq", Kind::jq)}) {
      const auto* text = map.kind == YamlValue::Kind::map ? map.find(key) : nullptr;
      if (!is_there(text) || text->text.empty()) continue;
      ++given;
      term.kind = kind;
      term.text = text->text;
      term.place = file_.place_of(*text);
      at = text;
    }
    if (given == 0) error(map, "term not found: it has none of 'value', 'regex' and 'jq'");
    if (given > 1) error(map, "invalid node type: a term has only one of 'value', 'regex' and 'jq'");
    if (given != 1) return std::nullopt;
    return is_good(term, *at) ? std::optional(std::move(term)) : std::nullopt;
  }

  bool is_good(const CreTerm& term, const YamlValue& at) {
    if (term.kind == CreTerm::Kind::value) warn_of_pattern(at);
    if (term.kind == CreTerm::Kind::regex) {
      const re2::RE2 expression(term.text, re2::RE2::Quiet);
      if (!expression.ok()) {
        error(at, fmt::format("term compile error: RE2 does not take this regex: {}", expression.error()));
        return false;
      }
      if (term.text.find('\n') != std::string::npos) {
        file_.report(ProblemLevel::warning, at,
                     "the regex holds a line end and will never match; write it in one line, without '|' or '>'");
      }
    }
    if (term.kind == CreTerm::Kind::jq) {
      if (const auto program = JqProgram::compile(term.text); !program) {
        error(at, fmt::format("term compile error: {}", program.error().message));
        return false;
      }
    }
    return true;
  }

  /// A pattern where plain text is expected is looked for letter by letter.
  void warn_of_pattern(const YamlValue& at) {
    const auto& text = at.text;
    const bool looks_like_pattern = text.find(".*") != std::string::npos || text.find(".+") != std::string::npos ||
                                    text.find("\\d") != std::string::npos || text.find("\\s") != std::string::npos;
    if (!looks_like_pattern) return;
    file_.report(ProblemLevel::warning, at, "this looks like a regex and is looked for as plain text; write 'regex:'");
  }

  void check_extracts(const YamlValue& value) {
    const auto* extract = value.kind == YamlValue::Kind::map ? value.find("extract") : nullptr;
    if (!is_there(extract)) return;
    for (const auto& item : extract->items) {
      const auto* name = item.find("name");
      static const re2::RE2 good_name("[A-Za-z][A-Za-z0-9_]*");
      if (!is_there(name) || !re2::RE2::FullMatch(name->text, good_name)) {
        error(item, "invalid extract name (alphanumeric and underscores only)");
        continue;
      }
      const auto* regex = item.find("regex");
      const auto* jq = item.find("jq");
      if ((is_there(regex) && !regex->text.empty()) == (is_there(jq) && !jq->text.empty())) {
        error(item, "invalid extract (must have name and one of jq or regex)");
      }
    }
  }

  void read_positives(const YamlValue& list) {
    if (list.kind != YamlValue::Kind::list) return error(list, "the lines of a condition must be a list");
    for (const auto& item : list.items) {
      const auto found = resolved(item, terms_);
      const auto term = read_term(*found.value);
      check_extracts(*found.value);
      const auto count = found.value->kind == YamlValue::Kind::map ? number(*found.value, "count") : 0;
      if (!term || !count) {
        is_complete_ = false;
        continue;
      }
      if (*count > most_lines) error(*found.value, fmt::format("'count' cannot be above {}", most_lines));
      const auto times = static_cast<std::size_t>(std::clamp<std::int64_t>(*count, 1, most_lines));
      rule_.positives.insert(rule_.positives.end(), times, *term);
    }
  }

  void read_negatives(const YamlValue& list) {
    if (list.kind != YamlValue::Kind::list) return error(list, "'negate' must be a list");
    for (const auto& item : list.items) {
      const auto found = resolved(item, terms_);
      auto term = read_term(*found.value);
      if (!term) continue;
      CreNegative negative{.term = std::move(*term)};
      if (found.value->kind == YamlValue::Kind::map && number(*found.value, "count").value_or(0) > 1) {
        error(*found.value->find("count"), "negate fields cannot have count > 1");
      }
      if (found.options->kind == YamlValue::Kind::map) read_options(*found.options, negative);
      rule_.negatives.push_back(std::move(negative));
      negative_places_.push_back(&item);
    }
  }

  void read_options(const YamlValue& map, CreNegative& negative) {
    negative.window = duration(map, "window");
    negative.slide = duration(map, "slide");
    negative.absolute = boolean(map, "absolute");
    const auto anchor = number(map, "anchor").value_or(0);
    if (anchor < 0 || anchor > std::numeric_limits<std::uint32_t>::max()) {
      error(*map.find("anchor"), "'anchor' must be a whole number of 0 or more");
    } else if (anchor > 1) {
      error(*map.find("anchor"), "invalid negate anchor: it can be 0 or 1");
    } else {
      negative.anchor = static_cast<std::size_t>(anchor);
    }
  }

  void check(const YamlValue& condition) {
    if (!is_complete_ || has_bad_window_) return;
    const auto lines = rule_.positives.size();
    const auto* window = condition.find("window");
    const auto& at = is_there(window) ? *window : condition;
    if (rule_.is_sequence && lines < 2) {
      error(condition, "sequences require two or more positive conditions");
    } else if (rule_.is_sequence && rule_.window == 0) {
      error(at, "invalid window: a sequence needs one");
    } else if (!rule_.is_sequence && lines == 1 && rule_.window != 0) {
      error(at, "invalid window: one line has no window");
    } else if (!rule_.is_sequence && lines > 1 && rule_.window == 0) {
      error(at, "invalid window: several lines need one");
    }
    check_terms(condition);
    check_anchors();
  }

  void check_terms(const YamlValue& condition) {
    if (rule_.positives.empty()) return error(condition, "no terms");
    std::vector<CreTerm> distinct;
    for (const auto& term : rule_.positives) {
      const bool is_known = rule_.is_sequence ? !distinct.empty() && distinct.back() == term
                                              : std::find(distinct.begin(), distinct.end(), term) != distinct.end();
      if (!is_known) distinct.push_back(term);
    }
    if (distinct.size() > most_distinct_terms) {
      error(condition, fmt::format("too many terms: {}, at most {}", distinct.size(), most_distinct_terms));
    }
  }

  void check_anchors() {
    for (std::size_t i = 0; i < rule_.negatives.size(); ++i) {
      const auto anchor = rule_.negatives[i].anchor;
      if (anchor >= rule_.positives.size()) {
        error(*negative_places_[i], "anchor out of range: there are not so many lines");
      } else if (rule_.is_sequence && anchor > 0 && !is_before_repetitions(anchor)) {
        error(*negative_places_[i], "non zero anchors unsupported with duplicate terms");
      }
    }
  }

  /// An anchor of a sequence must stand before or on the first line of the first term that is wanted several times.
  [[nodiscard]] bool is_before_repetitions(std::size_t anchor) const {
    for (std::size_t i = 1; i <= anchor; ++i) {
      if (rule_.positives[i] == rule_.positives[i - 1]) return false;
    }
    return true;
  }

  const CreTerms& terms_;
  const RuleFile& file_;
  CreRule& rule_;
  std::vector<const YamlValue*> negative_places_;
  bool is_runnable_ = true;  // by anybody
  bool is_complete_ = true;  // all positive terms were read
  bool has_bad_window_ = false;
};

}  // namespace

bool read_cre_condition(const YamlValue& map, const CreTerms& terms, const RuleFile& file, CreRule& rule) {
  return ConditionReader(terms, file, rule).read(map);
}

}  // namespace triaged::knowledge

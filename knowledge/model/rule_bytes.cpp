#include "knowledge/model/rule_bytes.hpp"

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace triaged::knowledge {

namespace {

class RuleWriter {
 public:
  template <typename... Values>
  void operator()(const Values&... values) {
    (put(values), ...);
  }
  [[nodiscard]] std::string take() && { return std::move(bytes_); }

 private:
  template <typename Number>
  requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
  void put(Number number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);  // NOLINT: the bytes of a number
  }
  void put(const std::string& text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  void put(const Microseconds& time) { put(time.count()); }
  template <typename Value>
  void put(const std::optional<Value>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <typename Value>
  void put(const std::vector<Value>& values) {
    put(static_cast<std::uint32_t>(values.size()));
    for (const auto& value : values) put(value);
  }
  template <typename Part>
  requires std::is_class_v<Part>
  void put(const Part& part) {
    each_field(*this, const_cast<Part&>(part));  // NOLINT: one list of fields serves both ways; nothing is written here
  }

  std::string bytes_;
};

class RuleReader {
 public:
  explicit RuleReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename... Values>
  void operator()(Values&... values) {
    (get(values), ...);
  }
  [[nodiscard]] bool is_good() const { return is_good_ && bytes_.empty(); }

 private:
  bool has(std::size_t size) {
    is_good_ = is_good_ && bytes_.size() >= size;
    return is_good_;
  }
  template <typename Number>
  requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
  void get(Number& number) {
    if (!has(sizeof number)) return;
    std::memcpy(&number, bytes_.data(), sizeof number);
    bytes_.remove_prefix(sizeof number);
  }
  void get(std::string& text) {
    std::uint32_t size = 0;
    get(size);
    if (!has(size)) return;
    text.assign(bytes_.data(), size);
    bytes_.remove_prefix(size);
  }
  void get(Microseconds& time) {
    auto count = time.count();
    get(count);
    time = Microseconds(count);
  }
  template <typename Value>
  void get(std::optional<Value>& value) {
    bool is_there = false;
    get(is_there);
    if (is_there && is_good_) get(value.emplace());
  }
  template <typename Value>
  void get(std::vector<Value>& values) {
    std::uint32_t size = 0;
    get(size);
    if (!has(size)) return;  // each value takes at least a byte
    values.resize(size);
    for (auto& value : values) get(value);
  }
  template <typename Part>
  requires std::is_class_v<Part>
  void get(Part& part) { each_field(*this, part); }

  std::string_view bytes_;
  bool is_good_ = true;
};

// One list of fields for each part of a rule, for both ways. A part that has grown a field fails to compile here: add
// the field to its list, and then its new size. The sizes are those of one library on one kind of machine.
#if defined(__x86_64__) && defined(__GLIBCXX__) && !defined(_GLIBCXX_DEBUG)
static_assert(sizeof(FieldCondition) == 184);
static_assert(sizeof(Match) == 240);
static_assert(sizeof(TimedTerm) == 280);
static_assert(sizeof(TimedMatch) == 488);
static_assert(sizeof(EvidenceTerm) == 360);
static_assert(sizeof(Cause) == 240);
static_assert(sizeof(Workaround) == 224);
static_assert(sizeof(RuleDeadEnd) == 256);
static_assert(sizeof(Transition) == 192);
static_assert(sizeof(VersionNote) == 192);
static_assert(sizeof(PublicRecord) == 712);
static_assert(sizeof(Rule) == 1616);
static_assert(sizeof(Problem) == 144);
#endif

void each_field(auto& archive, Problem& problem) {
  archive(problem.level, problem.file, problem.line, problem.column, problem.message, problem.excerpt,
          problem.suggestion);
}
void each_field(auto& archive, RulePlace& place) { archive(place.file, place.line, place.column); }
void each_field(auto& archive, Translated& text) { archive(text.english, text.chinese); }
void each_field(auto& archive, FieldCondition& condition) {
  archive(condition.field, condition.any_of, condition.none_of, condition.below, condition.above, condition.from,
          condition.to, condition.matches, condition.present);
}
void each_field(auto& archive, Match& match) {
  archive(match.formats, match.regex, match.jq, match.caseless, match.is_raised_by_client, match.within,
          match.line_because, match.where, match.examples, match.near_misses, match.place);
}
void each_field(auto& archive, TimedTerm& term) {
  archive(term.line, term.count, term.window, term.slide, term.anchor, term.absolute);
}
void each_field(auto& archive, TimedMatch& match) {
  archive(match.kind, match.window, match.of, match.unless, match.share_of, match.above, match.at_least,
          match.duration_field, match.duration_unit, match.by, match.examples, match.near_misses, match.place);
}
void each_field(auto& archive, EvidenceTerm& term) {
  archive(term.symptom, term.pattern, term.probe, term.field, term.absent, term.within, term.when, term.weight,
          term.place);
}
void each_field(auto& archive, Cause& cause) {
  archive(cause.id, cause.text, cause.prior, cause.supported_by, cause.refuted_by, cause.workarounds, cause.dead_ends,
          cause.place);
}
void each_field(auto& archive, Workaround& workaround) {
  archive(workaround.id, workaround.action, workaround.how, workaround.success_rate, workaround.condition,
          workaround.tradeoff, workaround.sources);
}
void each_field(auto& archive, RuleDeadEnd& dead_end) {
  archive(dead_end.action, dead_end.why_fails, dead_end.fail_rate, dead_end.condition, dead_end.misconception,
          dead_end.tradeoff, dead_end.sources);
}
void each_field(auto& archive, Transition& transition) {
  archive(transition.rule, transition.within, transition.probability, transition.distinction, transition.condition,
          transition.typical_delay, transition.place);
}
void each_field(auto& archive, VersionNote& note) {
  archive(note.version, note.status, note.introduced, note.deprecated, note.removed, note.behavior_change);
}
void each_field(auto& archive, PublicRecord& record) {
  archive(record.subcategory, record.root_cause_type, record.docs_section, record.resolvable, record.last_updated,
          record.locale, record.aliases, record.os_specific, record.runtime, record.runtime_versions, record.os,
          record.python, record.framework, record.hardware, record.additional, record.schema_version, record.url,
          record.generated_by, record.generation_date, record.last_verification, record.page_views, record.agent_hits,
          record.human_hits, record.pattern_refusal);
}
void each_field(auto& archive, Rule& rule) {
  archive(rule.id, rule.dialect, rule.place, rule.title, rule.says, rule.severity, rule.error_code, rule.domain,
          rule.category, rule.matches, rule.timed_matches, rule.alone_from, rule.is_apart_by_place, rule.is_generic,
          rule.entity, rule.root_cause, rule.causes, rule.workarounds, rule.dead_ends, rule.leads_to, rule.preceded_by,
          rule.confused_with, rule.versions, rule.docs, rule.confidence, rule.evidence_count, rule.verification,
          rule.first_seen, rule.last_confirmed, rule.tags, rule.see_also, rule.fix_rate, rule.record);
}

}  // namespace

std::string to_bytes(const RulesOfFile& file) {
  RuleWriter writer;
  writer(file.rules, file.problems);
  return std::move(writer).take();
}

bool from_bytes(std::string_view bytes, RulesOfFile& file) {
  RuleReader reader(bytes);
  reader(file.rules, file.problems);
  return reader.is_good();
}

}  // namespace triaged::knowledge

// The hot loop. A healthy line costs reading its fields, one scan of the span where its program speaks (nothing for an
// access log, where only the status speaks), and one look at its status. Only a line that matches becomes an object.
#include "matcher/matcher.hpp"

#include <algorithm>
#include <charconv>

#include "matcher/signature_set.hpp"

namespace triaged {

namespace {

std::string cut(std::string_view text) { return std::string(text.substr(0, longest_symptom_line)); }

/// Three digits as a number; 1000 when it is anything else, so that conditions are then tested in full.
std::size_t status_number(std::string_view status) {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(status.data(), status.data() + status.size(), number);
  return failure == std::errc() && end == status.data() + status.size() && number < 1000 ? number : 1000;
}

/// One look-up rules most groups out: the line has no such field, or a status that interests none of their signatures.
bool may_hold(const ConditionGroup& group, const ReadLine& line) {
  const auto value = line.field(group.field);
  if (value.empty()) return group.accepts_absence;
  if (group.field != "status") return true;
  const auto number = status_number(value);
  return number >= group.statuses.size() || group.statuses.test(number);
}

Symptom to_symptom(const Signature& signature, const LineBatch& batch, const LineSpan& span, const ReadLine& line) {
  const auto text = batch.text(span);
  Symptom symptom{.rule = signature.rule().id,
                  .format = std::string(name_of(line.format)),
                  .source = batch.source_name,
                  .offset = span.offset,
                  .at = line.time.value_or(batch.observed_at),
                  .has_own_time = line.time.has_value(),
                  .host = std::string(line.host),
                  .line = cut(text),
                  .header = cut(line.header),
                  .fields = {}};
  symptom.fields.reserve(line.fields.size() + 2);
  for (const auto& [name, value] : line.fields) symptom.fields.push_back({std::string(name), cut(value)});
  if (signature.has_pattern()) {
    signature.extract(signature.match().within == Within::line ? text : line.message, symptom.fields);
  }
  return symptom;
}

}  // namespace

struct Matcher::Scratch {
  std::shared_ptr<const SignatureSet> signatures;
  HyperscanScratch hyperscan;
  std::array<const FormatSignatures*, format_count> ready{};  // formats that `hyperscan` is large enough for
  ReadLine line;
  std::vector<unsigned> hits;
  std::vector<const Rule*> fired;  // on the present line: a rule counts once a line
  std::array<std::uint64_t, format_count> lines_by_format{};

  [[nodiscard]] const FormatSignatures& signatures_of(Format format);
  void scan_with(const CompiledPatterns& patterns, std::string_view text) {
    if (text.size() >= patterns.shortest) scan(patterns.database.get(), text, hyperscan.get(), hits);
  }
  void find_hits(std::string_view text);
  void take_hits(const LineBatch& batch, const LineSpan& span, std::vector<Symptom>& symptoms);
  std::vector<const Rule*> rules_of(std::string_view text, LineReader& reader);
};

const FormatSignatures& Matcher::Scratch::signatures_of(Format format) {
  auto& known = ready[static_cast<std::size_t>(format)];
  if (known == nullptr) {
    known = &signatures->compiled().of(format);
    grow_scratch(hyperscan, known->message.database.get());
    grow_scratch(hyperscan, known->line.database.get());
  }
  return *known;
}

/// Fills `hits` with the signatures that match the line just read, in the order of the rules.
void Matcher::Scratch::find_hits(std::string_view text) {
  hits.clear();
  const auto& compiled = signatures->compiled();
  const auto& of_format = signatures_of(line.format);
  scan_with(of_format.message, line.message);
  scan_with(of_format.line, text);
  std::erase_if(hits, [&](unsigned id) { return !compiled.signatures[id].conditions_hold(line); });
  for (const auto& group : of_format.conditions) {
    if (!may_hold(group, line)) continue;
    for (const auto id : group.signatures) {
      const auto& signature = compiled.signatures[id];
      if (!signature.conditions_hold(line)) continue;
      if (signature.is_gated() && !signature.pattern_matches(text)) continue;
      hits.push_back(static_cast<unsigned>(id));
    }
  }
  std::sort(hits.begin(), hits.end());
}

void Matcher::Scratch::take_hits(const LineBatch& batch, const LineSpan& span, std::vector<Symptom>& symptoms) {
  fired.clear();
  for (const auto id : hits) {
    const auto& signature = signatures->compiled().signatures[id];
    if (std::find(fired.begin(), fired.end(), &signature.rule()) != fired.end()) continue;
    fired.push_back(&signature.rule());
    symptoms.push_back(to_symptom(signature, batch, span, line));
  }
}

/// The rules that fire on a line without its end, as if it had never been read.
std::vector<const Rule*> Matcher::Scratch::rules_of(std::string_view text, LineReader& reader) {
  const auto before = reader.state();
  reader.read(text, line);
  find_hits(text);
  reader.restore(before);
  std::vector<const Rule*> rules;
  for (const auto id : hits) rules.push_back(&signatures->compiled().signatures[id].rule());
  return rules;
}

Matcher::Matcher(std::shared_ptr<const SignatureSet> signatures) : scratch_(std::make_unique<Scratch>()) {
  scratch_->signatures = std::move(signatures);
}

Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;

std::vector<Symptom> Matcher::match(const LineBatch& batch, LineReader& reader) {
  std::vector<Symptom> symptoms;
  auto& line = scratch_->line;
  std::vector<const Rule*> told;
  if (batch.told > 0) told = scratch_->rules_of(batch.text(batch.lines.front()).substr(0, batch.told), reader);
  const auto before = batch.is_unterminated ? reader.state() : std::string();
  for (const auto& span : batch.lines) {
    const auto text = batch.text(span);
    reader.read(text, line);
    ++scratch_->lines_by_format[static_cast<std::size_t>(line.format)];
    if (line.disowned_bytes > 0) {
      // What the lines just above said was a client's forgery: take it back.
      std::erase_if(symptoms, [&](const Symptom& s) { return s.offset + line.disowned_bytes >= span.offset; });
    }
    scratch_->find_hits(text);
    if (!scratch_->hits.empty()) scratch_->take_hits(batch, span, symptoms);
    if (!told.empty()) {  // the first line
      std::erase_if(symptoms, [&](const Symptom& symptom) {
        return std::any_of(told.begin(), told.end(), [&](const Rule* rule) { return rule->id == symptom.rule; });
      });
      told.clear();
    }
  }
  if (batch.is_unterminated) reader.restore(before);  // it comes again, whole
  return symptoms;
}

const std::array<std::uint64_t, format_count>& Matcher::lines_by_format() const { return scratch_->lines_by_format; }

std::vector<Verdict> Matcher::explain(std::string_view text, const ReadLine& line) {
  std::vector<Verdict> verdicts;
  const auto& compiled = scratch_->signatures->compiled();
  const auto& of_format = scratch_->signatures_of(line.format);
  std::vector<unsigned> in_message, in_line, anywhere;
  scan(of_format.message.database.get(), line.message, scratch_->hyperscan.get(), in_message);
  scan(of_format.line.database.get(), text, scratch_->hyperscan.get(), in_line);
  scan(of_format.message.database.get(), text, scratch_->hyperscan.get(), anywhere);
  const auto holds = [](const std::vector<unsigned>& ids, std::size_t id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  for (std::size_t id = 0; id < compiled.signatures.size(); ++id) {
    const auto& signature = compiled.signatures[id];
    const auto& formats = signature.match().formats;
    if (!formats.empty() && std::find(formats.begin(), formats.end(), line.format) == formats.end()) continue;
    Verdict verdict{.rule = &signature.rule(), .match = signature.match_index()};
    verdict.pattern_hit = !signature.has_pattern() || holds(in_message, id) || holds(in_line, id) ||
                          (signature.is_gated() && signature.pattern_matches(text));
    verdict.pattern_hit_elsewhere = !verdict.pattern_hit && holds(anywhere, id);
    verdict.conditions_hold = signature.conditions_hold(line);
    if (verdict.pattern_hit_elsewhere) {
      verdict.missing = "its words stand only where a client may write, not where the program speaks";
    } else if (!verdict.pattern_hit) {
      verdict.missing = "its pattern does not match";
    } else if (!verdict.conditions_hold) {
      verdict.missing = "wants " + signature.failing_condition(line);
    }
    verdicts.push_back(std::move(verdict));
  }
  std::stable_partition(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return verdict.fires(); });
  return verdicts;
}

}  // namespace triaged

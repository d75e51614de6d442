// The hot loop. A healthy line costs reading its fields, one scan of the span where its program speaks (nothing for an
// access log, where only the status speaks), and one look at its status. Only a line that matches becomes an object.
#include "matcher/matcher.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "knowledge/dialects/jq_program.hpp"
#include "matcher/batch_coverage.hpp"
#include "matcher/counted_request.hpp"
#include "matcher/failed_urls.hpp"
#include "matcher/finding_redaction.hpp"
#include "matcher/line_counts.hpp"
#include "matcher/line_spans.hpp"
#include "matcher/matched_line.hpp"
#include "matcher/near_times.hpp"
#include "matcher/record_place.hpp"
#include "matcher/signature_set.hpp"

namespace triaged::matcher {

namespace {

std::string_view field_of(const formats::ReadLine& line, std::string_view source, std::string_view name) {
  if (name == "source") return source;
  if (name == "host" && !line.host.empty()) return line.host;
  return line.field(name);
}

bool is_matched_alone(const Signature& signature) { return signature.term() == 0; }
bool is_public(const Signature& signature) { return signature.rule().is_public(); }
bool is_specific(const Signature& signature) { return !is_public(signature) && !signature.rule().is_generic; }

/// The bytes in the stream between the line's text and what follows it.
std::size_t end_size(const LineBatch& batch, const LineSpan& span) {
  const bool is_last = &span == &batch.lines.back();
  const std::size_t next = is_last ? batch.bytes.size() : batch.lines[&span - batch.lines.data() + 1].begin;
  return next - span.begin - span.length;
}

}  // namespace

struct Matcher::Scratch {
  explicit Scratch(std::shared_ptr<const formats::Redactor> redactor) : redaction(std::move(redactor)) {}

  std::shared_ptr<const SignatureSet> signatures;
  HyperscanScratch hyperscan;
  std::array<const FormatSignatures*, formats::format_count> ready{};  // formats that `hyperscan` is large enough for
  formats::ReadLine line;
  std::vector<unsigned> hits;
  std::vector<const knowledge::Rule*> fired;  // on the present line: a rule counts once a line
  LineCounts counts;                          // of the present batch
  BatchCoverage coverage;                     // the same
  FailedUrls failed_urls;
  FindingRedaction redaction;
  std::unordered_map<std::uint64_t, formats::DoubtedLine> doubted;  // of the present batch, by the line's offset
  /// Of the present batch: ReadLine::streams of a wrapped line that a finding holds, by its offset.
  std::unordered_map<std::uint64_t, decltype(formats::ReadLine::streams)> streams;
  /// Of the present batch: lines in parts, and how many bytes before the last part, at `first`, the first one begins.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> in_parts;
  DistrustedLines distrusted;
  std::vector<Field> caught;  // by the groups of a counted line
  // Of the present line: what a person calls its log, the stream in it, and what is known of its noise.
  std::string source_name, stream;
  NoiseWatch::Source* source = nullptr;
  NearTimes near_times;                                                  // of the present batch
  std::unordered_map<unsigned, std::optional<knowledge::JqProgram>> jq;  // by signature; nullopt: it does not compile
  std::array<std::uint64_t, formats::format_count> lines_by_format{};

  [[nodiscard]] const FormatSignatures& signatures_of(formats::Format format);
  NoiseWatch noise;
  std::vector<NoisyRule> noisy;

  void scan_with(const std::vector<const PatternGroup*>& groups, std::string_view text, std::vector<unsigned>& into) {
    for (const auto* group : groups) {
      if (text.size() < group->compiled.shortest) continue;
      const auto first = into.size();
      scan(group->compiled.database.get(), text, hyperscan.get(), into);
      for (auto i = first; i < into.size(); ++i) into[i] = group->signatures[into[i]];
    }
  }
  [[nodiscard]] bool jq_matches(unsigned id, std::string_view text);
  void find_hits();
  void enter_source(const LineBatch& batch, const Envelope* envelope);
  void take_hits(const LineBatch& batch, const LineSpan& span, std::vector<Finding>& findings);
  [[nodiscard]] MatchedLine matched_by(const Signature& signature, const LineBatch& batch, const LineSpan& span);
  [[nodiscard]] std::vector<unsigned> hits_before(std::string_view text, const Envelope* envelope,
                                                  formats::LineReader& reader);
  void leave_out(const std::vector<unsigned>& seen);
  [[nodiscard]] bool is_in_stream(const MatchedLine& matched) const;
  [[nodiscard]] bool is_spared(const MatchedLine& matched);
  void disown(std::uint64_t end, std::vector<Finding>& findings);
  void place(std::vector<Finding>& findings) const {
    place_record(
        line, [&](const MatchedLine& matched) { return is_in_stream(matched); }, findings);
  }
  void heed_lines_ahead(const LineBatch& batch, formats::LineReader& reader, std::vector<Finding>& findings);
  void place_at_first_parts(std::vector<Finding>& findings) const;
  void note_streams(const LineSpan& span) {
    if (line.stream != 0) streams[span.offset] = line.streams;
  }
  void take_time_before(MatchedLine& matched) const;
  void count_line(unsigned id, const LineBatch& batch, const LineSpan& span);
  void count_answer(TimePoint at, const LineSpan& span);
  void count_url(TimePoint at, const LineSpan& span);
  void take_line(const LineBatch& batch, const LineSpan& span, const std::vector<unsigned>& seen,
                 std::vector<Finding>& findings);
};

const FormatSignatures& Matcher::Scratch::signatures_of(formats::Format format) {
  auto& known = ready[static_cast<std::size_t>(format)];
  if (known == nullptr) {
    known = &signatures->compiled().of(format);
    for (const auto* groups : {&known->message, &known->line, &known->speech}) {
      for (const auto* group : *groups) grow_scratch(hyperscan, group->compiled.database.get());
    }
  }
  return *known;
}

/// A program of jq has its own state, so each thread has its own. Few rules have one, and only JSON is looked at.
bool Matcher::Scratch::jq_matches(unsigned id, std::string_view text) {
  if (!text.starts_with('{') && !text.starts_with('[')) return false;
  const auto [known, is_new] = jq.try_emplace(id);
  if (is_new) {
    if (auto program = knowledge::JqProgram::compile(signatures->compiled().signatures[id].match().jq)) {
      known->second.emplace(std::move(*program));
    }
  }
  return known->second && known->second->matches(text);
}

/// Fills `hits` with the signatures that match the line just read, in the order of the rules.
void Matcher::Scratch::find_hits() {
  hits.clear();
  if (line.is_own) return;
  const auto text = line.text;
  const auto& compiled = signatures->compiled();
  const auto& of_format = signatures_of(line.format);
  scan_with(of_format.message, line.message, hits);
  scan_with(of_format.line, line_in(line, text), hits);
  if (!of_format.speech.empty()) scan_with(of_format.speech, speech_in(line, text), hits);
  std::erase_if(hits, [&](unsigned id) {
    const auto& signature = compiled.signatures[id];
    return !signature.conditions_hold(line) || !signature.reasons_hold(line);
  });
  for (const auto& group : of_format.conditions) {
    if (!group.may_hold(line)) continue;
    for (const auto id : group.signatures) {
      const auto& signature = compiled.signatures[id];
      if (!signature.conditions_hold(line)) continue;
      if (signature.is_gated() && !signature.pattern_matches(line_in(line, text))) continue;
      if (!signature.reasons_hold(line)) continue;
      if (!signature.match().jq.empty() && !jq_matches(static_cast<unsigned>(id), text)) continue;
      hits.push_back(static_cast<unsigned>(id));
    }
  }
  std::sort(hits.begin(), hits.end());
}

/// Most lines are of the source of the line before.
void Matcher::Scratch::enter_source(const LineBatch& batch, const Envelope* envelope) {
  if (source != nullptr && (envelope == nullptr || envelope->stream == stream)) return;
  source_name = name_of_source(batch, envelope);
  stream = envelope == nullptr ? std::string() : envelope->stream;
  source = &noise.of(source_name);
}

/// The whole of a line that is redacted later.
MatchedLine Matcher::Scratch::matched_by(const Signature& signature, const LineBatch& batch, const LineSpan& span) {
  const auto longest = redaction.is_suspect(line, span.offset) ? longest_redacted_line : longest_symptom_line;
  return to_matched(signature, source_name, batch, span, line, longest);
}

/// A line that the product's own rules know needs no general knowledge: public rules count only on other lines, and
/// generic ones on those that no other rule knows.
void Matcher::Scratch::take_hits(const LineBatch& batch, const LineSpan& span, std::vector<Finding>& findings) {
  fired.clear();
  const auto& all = signatures->compiled().signatures;
  const bool is_known = std::any_of(hits.begin(), hits.end(), [&](unsigned id) { return !is_public(all[id]); });
  const bool is_explained = std::any_of(hits.begin(), hits.end(),
                                        [&](unsigned id) { return is_matched_alone(all[id]) && is_specific(all[id]); });
  if (is_known) source->own_rule_fired();
  for (const auto id : hits) {
    const auto& signature = all[id];
    const auto& rule = signature.rule();
    if (is_known && is_public(signature)) continue;
    if (is_explained && rule.is_generic) continue;
    if (signature.is_counted()) {
      count_line(id, batch, span);
      continue;
    }
    if (is_matched_alone(signature)) {
      if (std::find(fired.begin(), fired.end(), &rule) != fired.end()) continue;
      fired.push_back(&rule);
    }
    note_streams(span);
    auto matched = matched_by(signature, batch, span);
    if (rule.alone_from > 1) matched.log_lines = source->take_new_lines();
    if (is_public(signature) && !rule.is_pinned) {
      matched.is_supporting =
          source->is_noise(rule.id, source_name, noisy) || rule.standing == knowledge::Standing::supporting;
    }
    if (is_matched_alone(signature)) {
      findings.push_back(Symptom{std::move(matched)});
    } else {
      take_time_before(matched);
      findings.push_back(TermLine{std::move(matched), signature.term()});
    }
  }
}

/// The signatures that match a line without its end, as if it had never been read.
std::vector<unsigned> Matcher::Scratch::hits_before(std::string_view text, const Envelope* envelope,
                                                    formats::LineReader& reader) {
  const auto before = reader.state();
  reader.read(text, line, 1, envelope);
  find_hits();
  auto found = hits;
  while (reader.read_next(line)) {
    find_hits();
    found.insert(found.end(), hits.begin(), hits.end());
  }
  reader.restore(before);
  return found;
}

/// Takes from `hits` what an earlier, unterminated part of the line has matched already.
void Matcher::Scratch::leave_out(const std::vector<unsigned>& seen) {
  const auto& all = signatures->compiled().signatures;
  const auto is_same = [&](unsigned id, unsigned before) {
    return id == before ||
           (is_matched_alone(all[id]) && is_matched_alone(all[before]) && &all[id].rule() == &all[before].rule());
  };
  std::erase_if(hits, [&](unsigned id) {
    return std::any_of(seen.begin(), seen.end(), [&](unsigned before) { return is_same(id, before); });
  });
}

/// May the line just read leave that one standing, which it casts doubt on?
bool Matcher::Scratch::is_spared(const MatchedLine& matched) {
  if (matched.format != name_of(line.format)) return false;
  return line.doubt.spares(doubted.try_emplace(matched.offset, matched.line).first->second);
}

/// Does it stand in the stream of the line just read, or in one inside that?
bool Matcher::Scratch::is_in_stream(const MatchedLine& matched) const {
  if (line.stream == 0) return true;
  const auto known = streams.find(matched.offset);
  return known != streams.end() && std::ranges::find(known->second, line.stream) != known->second.end();
}

/// The line just read, at `end` in the stream, may show that what those just above it said was a client's forgery, or
/// may be: takes it back.
void Matcher::Scratch::disown(std::uint64_t end, std::vector<Finding>& findings) {
  const auto take_back_from = [&](std::size_t bytes, const auto& is_spared) {
    if (bytes == 0) return;
    const auto begin = end - std::min<std::uint64_t>(bytes, end);
    const auto first = std::partition_point(findings.begin(), findings.end(),
                                            [&](const Finding& each) { return matched_line(each).offset < begin; });
    const auto is_left = [&](const MatchedLine& each) { return !is_in_stream(each) || is_spared(each); };
    const auto kept =
        std::remove_if(first, findings.end(), [&](const Finding& each) { return !is_left(matched_line(each)); });
    distrusted.taken_back += static_cast<std::uint64_t>(findings.end() - kept) + counts.take_back(begin, is_left);
    findings.erase(kept, findings.end());
  };
  take_back_from(line.disowned_bytes, [](const MatchedLine&) { return false; });
  take_back_from(line.doubt.bytes, [&](const MatchedLine& each) { return is_spared(each); });
}

/// The record of the last line may end behind the batch, and only its end tells a forgery, or in which place of the
/// program it came about. By the time the next batch is read, the findings of this one have been emitted.
void Matcher::Scratch::heed_lines_ahead(const LineBatch& batch, formats::LineReader& reader,
                                        std::vector<Finding>& findings) {
  const auto before = reader.state();
  auto offset = batch.lines.back().offset + batch.bytes.size() - batch.lines.back().begin;
  std::string_view ahead = batch.ahead;
  auto envelope = batch.ahead_envelopes.begin();
  LinesAhead lines_ahead;
  for (auto end = ahead.find('\n'); end != std::string_view::npos; end = ahead.find('\n')) {
    const auto text = ahead.substr(0, end);
    const std::size_t end_size = text.ends_with('\r') ? 2 : 1;
    const bool is_enveloped = envelope != batch.ahead_envelopes.end();
    reader.read(text.substr(0, end + 1 - end_size), line, end_size, is_enveloped ? &*envelope++ : nullptr);
    do {
      disown(offset, findings);
      if (!lines_ahead.hold_head_of(line)) place(findings);
      lines_ahead.add(line);
    } while (reader.read_next(line));
    offset += end + 1;
    ahead.remove_prefix(end + 1);
  }
  reader.restore(before);
}

/// Until here lines are known by the offset of their last part, which is what the batch has of them.
void Matcher::Scratch::place_at_first_parts(std::vector<Finding>& findings) const {
  if (in_parts.empty()) return;
  for (auto& finding : findings) {
    auto& offset = matched_line(finding).offset;
    const auto known = std::ranges::lower_bound(in_parts, offset, {}, &std::pair<std::uint64_t, std::uint64_t>::first);
    if (known != in_parts.end() && known->first == offset) offset -= known->second;
  }
}

/// A line without a time that is one of several belongs to those just before it in its file.
void Matcher::Scratch::take_time_before(MatchedLine& matched) const {
  const auto time_before = near_times.last();
  if (matched.has_own_time || !time_before) return;
  matched.at = *time_before;
  matched.has_own_time = true;
}

void Matcher::Scratch::count_line(unsigned id, const LineBatch& batch, const LineSpan& span) {
  const auto& signature = signatures->compiled().signatures[id];
  std::string_view by;
  if (!signature.counted_by().empty()) {
    by = field_of(line, source_name, signature.counted_by());
    if (by.empty()) {
      caught.clear();
      if (signature.has_pattern()) signature.extract(span_of(signature.match(), line, line.text), caught);
      signature.add_reasons(line, caught);
      for (const auto& field : caught) {
        if (field.name == signature.counted_by()) by = field.value;
      }
    }
    if (by.empty()) return;  // it belongs to nobody
  }
  const auto at = line.time.value_or(batch.observed_at);
  if (!counts.add({id, std::chrono::floor<std::chrono::seconds>(at), by, line.stream}, span.offset)) return;
  note_streams(span);
  counts.begin(matched_by(signature, batch, span), signature.term());
}

/// Of an answer only who gave it is of interest, and when.
void Matcher::Scratch::count_answer(TimePoint at, const LineSpan& span) {
  if (!is_good_answer(line)) return;
  const std::string_view who = line.field("upstream").empty() ? "server" : "upstream";
  const auto by = line.field(who);
  const auto answers = static_cast<unsigned>(signatures->compiled().signatures.size());  // an id that no signature has
  if (!counts.add({answers, std::chrono::floor<std::chrono::seconds>(at), by, line.stream}, span.offset)) return;
  note_streams(span);
  auto answer = counted_request(line, source_name, at, span.offset);
  if (!by.empty()) answer.fields.push_back({std::string(who), std::string(by)});
  counts.begin(std::move(answer), LineCounts::answers);
}

/// Requests for a URL that has failed of late, and how many of them failed.
void Matcher::Scratch::count_url(TimePoint at, const LineSpan& span) {
  const bool failed = is_failed(line);
  const auto path = line.field("path"), method = line.field("method");
  if (!failed_urls.take(path, failed, at)) return;
  const auto kind = static_cast<unsigned>(signatures->compiled().signatures.size()) + (failed ? 1 : 2);
  const auto by = fmt::format("{} {}", method, path);
  if (!counts.add({kind, std::chrono::floor<std::chrono::seconds>(at), by, line.stream}, span.offset)) return;
  note_streams(span);
  auto request = counted_request(line, source_name, at, span.offset);
  request.fields = {{"method", std::string(method)}, {"path", std::string(path)}};
  redaction.enter_line();
  static_cast<void>(redaction.is_suspect(line, span.offset));
  counts.begin(std::move(request), failed ? LineCounts::failed_requests : LineCounts::other_requests);
}

/// What the line just read says, without the matches in `seen`, which an earlier part of it had.
void Matcher::Scratch::take_line(const LineBatch& batch, const LineSpan& span, const std::vector<unsigned>& seen,
                                 std::vector<Finding>& findings) {
  distrusted.own += line.is_own ? 1 : 0;
  if (line.is_own) return;
  if (line.time) near_times.see_time(span.offset, line.stream, *line.time);
  distrusted.silenced += line.is_silenced ? 1 : 0;
  const auto parts_above = std::min<std::uint64_t>(line.bytes_of_parts_above, span.offset);  // of this file
  if (parts_above > 0) in_parts.emplace_back(span.offset, parts_above);
  disown(span.offset, findings);
  place(findings);
  find_hits();
  if (!seen.empty()) leave_out(seen);
  if (hits.empty()) return;
  redaction.enter_line();
  if (!line.time) near_times.see_finding(span.offset - parts_above, line.stream);
  take_hits(batch, span, findings);
}

Matcher::Matcher(std::shared_ptr<const SignatureSet> signatures, std::shared_ptr<const formats::Redactor> redactor)
    : scratch_(std::make_unique<Scratch>(std::move(redactor))) {
  scratch_->signatures = std::move(signatures);
}

Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;

std::vector<Finding> Matcher::match(const LineBatch& batch, formats::LineReader& reader) {
  std::vector<Finding> findings;
  auto& line = scratch_->line;
  scratch_->doubted.clear();
  scratch_->streams.clear();
  scratch_->in_parts.clear();
  scratch_->coverage = {};
  std::vector<unsigned> seen;
  if (batch.already_emitted > 0) {
    const auto& first = batch.lines.front();
    seen = scratch_->hits_before(batch.text(first).substr(0, batch.already_emitted), batch.envelope(first), reader);
  }
  const auto before = batch.is_unterminated ? reader.state() : std::string();
  scratch_->near_times.begin_batch();
  scratch_->source = nullptr;
  for (const auto& span : batch.lines) {
    const auto text = batch.text(span);
    const bool comes_again = batch.is_unterminated && &span == &batch.lines.back();
    scratch_->enter_source(batch, batch.envelope(span));
    if (!comes_again) scratch_->source->count_line();
    reader.read(text, line, end_size(batch, span), batch.envelope(span));
    ++scratch_->lines_by_format[static_cast<std::size_t>(line.format)];
    do {
      scratch_->take_line(batch, span, seen, findings);
      if (comes_again) continue;
      scratch_->coverage.add(line, scratch_->source_name);
      if (line.is_own || line.is_silenced || line.field("status").empty()) continue;
      const auto at = line.time.value_or(batch.observed_at);
      scratch_->count_answer(at, span);
      scratch_->count_url(at, span);
    } while (reader.read_next(line));
    seen.clear();  // of the first line
  }
  scratch_->coverage.end_batch(batch.observed_at);
  if (batch.is_unterminated) reader.restore(before);  // it comes again, whole
  if (!batch.ahead.empty()) scratch_->heed_lines_ahead(batch, reader, findings);
  scratch_->counts.finish(findings);
  scratch_->redaction.apply(findings);
  scratch_->place_at_first_parts(findings);
  return findings;
}

std::vector<CoveredTime> Matcher::take_covered_times() { return scratch_->coverage.take(); }

const std::array<std::uint64_t, formats::format_count>& Matcher::lines_by_format() const {
  return scratch_->lines_by_format;
}

DistrustedLines Matcher::distrusted_lines() const { return scratch_->distrusted; }

const std::vector<NearTime>& Matcher::near_times() { return scratch_->near_times.found(); }
std::optional<TimePoint> Matcher::last_time() const { return scratch_->near_times.last(); }

std::vector<NoisyRule> Matcher::take_noisy_rules() { return std::exchange(scratch_->noisy, {}); }

std::vector<Verdict> Matcher::explain(const formats::ReadLine& line) {
  const auto text = line.text;
  const formats::RedactedText shown(scratch_->redaction.redactor(), text);
  std::vector<Verdict> verdicts;
  const auto& compiled = scratch_->signatures->compiled();
  const auto& of_format = scratch_->signatures_of(line.format);
  std::vector<unsigned> in_message, in_line, anywhere;
  scratch_->scan_with(of_format.message, line.message, in_message);
  scratch_->scan_with(of_format.line, line_in(line, text), in_line);
  scratch_->scan_with(of_format.speech, speech_in(line, text), in_line);
  scratch_->scan_with(of_format.message, text, anywhere);
  scratch_->scan_with(of_format.speech, text, anywhere);
  const auto holds = [](const std::vector<unsigned>& ids, std::size_t id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  for (std::size_t id = 0; id < compiled.signatures.size(); ++id) {
    const auto& signature = compiled.signatures[id];
    if (!reads(signature.match(), line.format)) continue;
    Verdict verdict{.rule = &signature.rule(), .match = &signature.match(), .term = signature.term()};
    const auto& jq = signature.match().jq;
    verdict.pattern_hit =
        (jq.empty() ? !signature.has_pattern() : scratch_->jq_matches(static_cast<unsigned>(id), text)) ||
        holds(in_message, id) || holds(in_line, id) ||
        (signature.is_gated() && signature.pattern_matches(line_in(line, text)));
    verdict.pattern_hit_elsewhere = !verdict.pattern_hit && holds(anywhere, id);
    verdict.conditions_hold = signature.conditions_hold(line) && signature.reasons_hold(line);
    if (verdict.pattern_hit_elsewhere) {
      verdict.missing = "its words stand only where a client may write, not where the program speaks";
    } else if (!verdict.pattern_hit) {
      verdict.missing = "its pattern does not match";
    } else if (!verdict.conditions_hold) {
      verdict.missing = "wants " + signature.failing_condition(line, shown);
    } else if (signature.term() != 0) {
      const auto place = knowledge::terms_of(signature.rule())[signature.term() - 1];
      verdict.counts = true;
      verdict.missing = "one line of it: " + knowledge::phrase_of(place) + "in " + knowledge::phrase_of(*place.timed);
    }
    verdicts.push_back(std::move(verdict));
  }
  std::stable_partition(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return verdict.fires(); });
  return verdicts;
}

}  // namespace triaged::matcher

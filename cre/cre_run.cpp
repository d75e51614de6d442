#include "cre/cre_run.hpp"

#include <algorithm>
#include <map>

#include "base/clock.hpp"
#include "base/utf8.hpp"
#include "cre/cre_log.hpp"
#include "cre/cre_machine.hpp"
#include "cre/cre_scanner.hpp"
#include "sources/file_scan.hpp"
#include "values/identity.hpp"

namespace triaged::cre {

namespace {

constexpr std::size_t most_kept_entries = 50'000;  // of those with a term, to show the lines of a hit
constexpr std::size_t most_evidence = 5;
constexpr std::size_t longest_evidence = 4096;

TimePoint time_of(std::int64_t nanoseconds) {
  return TimePoint(std::chrono::floor<Microseconds>(std::chrono::nanoseconds(nanoseconds)));
}

/// A rule with its machine and what it has hit.
struct Runner {
  const knowledge::CreRule* rule = nullptr;
  std::unique_ptr<CreMachine> machine;
  std::uint64_t hits = 0;
  std::int64_t first_at = 0, last_at = 0;
  std::vector<Evidence> evidence;
};

class CreRun {
 public:
  explicit CreRun(const std::vector<knowledge::CreRule>& rules) {
    for (const auto& rule : rules) {
      std::vector<unsigned> positives, negatives;
      for (const auto& term : rule.positives) positives.push_back(scanner_.add(term));
      for (const auto& negative : rule.negatives) negatives.push_back(scanner_.add(negative.term));
      runners_.push_back(
          {.rule = &rule, .machine = make_cre_machine(rule, std::move(positives), std::move(negatives))});
    }
    scanner_.compile();
  }

  void take(const CreEntry& entry, const std::string& source, std::uint64_t offset) {
    const auto& terms = scanner_.scan(entry.text);
    ++entries_;
    if (std::find(terms.begin(), terms.end(), true) != terms.end()) keep(entry, source, offset);
    const CreLine line{.at = entry.at, .number = entries_, .terms = &terms};
    for (auto& runner : runners_) note(runner, runner.machine->scan(line));
  }

  void end() {
    for (auto& runner : runners_) note(runner, runner.machine->end());
  }

  [[nodiscard]] std::vector<Incident> incidents() const {
    std::vector<Incident> found;
    for (const auto& runner : runners_) {
      if (runner.hits > 0) found.push_back(incident_of(runner));
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Incident& a, const Incident& b) { return a.severity > b.severity; });
    return found;
  }

  [[nodiscard]] std::uint64_t entries() const { return entries_; }
  [[nodiscard]] std::size_t slow_patterns() const { return scanner_.slow_patterns(); }

 private:
  void keep(const CreEntry& entry, const std::string& source, std::uint64_t offset) {
    kept_[entries_] = {source, offset, time_of(entry.at), entry.text.substr(0, longest_evidence)};
    if (kept_.size() > most_kept_entries) kept_.erase(kept_.begin());
  }

  void note(Runner& runner, const CreHits& hits) {
    if (hits.count == 0) return;
    if (runner.hits == 0) runner.first_at = hits.lines.front().at;
    runner.hits += hits.count;
    for (const auto& mark : hits.lines) {
      runner.first_at = std::min(runner.first_at, mark.at);
      runner.last_at = std::max(runner.last_at, mark.at);
      const auto entry = kept_.find(mark.number);
      if (entry != kept_.end() && runner.evidence.size() < most_evidence) runner.evidence.push_back(entry->second);
    }
  }

  static Incident incident_of(const Runner& runner) {
    const auto& known = runner.rule->knowledge;
    const auto source = runner.evidence.empty() ? std::string() : runner.evidence.front().source;
    const auto offset = runner.evidence.empty() ? 0 : runner.evidence.front().offset;
    Incident incident{
        .id = incident_id({.rule = known.id, .source = source, .offset = offset, .at = time_of(runner.first_at)}),
        .merged_into = {},
        .key = incident_key(known.id, {"source", source}),
        .severity = known.severity,
        .title = known.title.english,
        .entity = {"source", source},
        .first_seen = time_of(runner.first_at),
        .last_seen = time_of(runner.last_at),
        .count = runner.hits,
        .evidence = runner.evidence,
        .rules = {known.id},
        .confidence = known.confidence,
        .docs = known.docs};
    incident.causes.push_back({.cause = known.causes.front().id,
                               .rule = known.id,
                               .probability = known.causes.front().prior,
                               .text = known.root_cause.english});
    for (const auto& evidence : runner.evidence) {
      incident.chain.push_back({known.id, ChainRole::root, evidence.at, evidence.source, evidence.line});
      break;
    }
    for (const auto& workaround : known.workarounds) {
      incident.workarounds.push_back({.action = workaround.action.english,
                                      .how = workaround.how,
                                      .success_rate = workaround.success_rate,
                                      .score = workaround.success_rate});
    }
    return incident;
  }

  CreScanner scanner_;
  std::vector<Runner> runners_;
  std::uint64_t entries_ = 0;
  std::map<std::uint64_t, Evidence> kept_;
};

/// A file whose way of writing the time is known, at its first batch.
struct CreFile {
  std::string path;
  std::unique_ptr<sources::FileScan> file;
  LineBatch first;
  CreLogFormat format;
};

/// The file's first bytes again. A last line without a line end stays so: the engine looks at that.
std::string sample_of(const LineBatch& batch) {
  std::string sample;
  for (const auto& line : batch.lines) {
    sample += batch.text(line);
    const auto end = std::size_t{line.begin} + line.length;
    if (end < batch.bytes.size()) sample += '\n';
    if (sample.size() >= cre_sample_bytes) break;
  }
  sample.resize(std::min(sample.size(), cre_sample_bytes));
  return sample;
}

Result<CreFile> open_cre_file(const std::string& path) {
  auto file =
      sources::FileScan::open(path, {.batch_bytes = cre_longest_line + 4096, .longest_line = cre_longest_line + 1});
  if (!file) return file.error();
  auto batch = (*file)->next();
  if (!batch) return batch.error();
  if (!*batch) return error(path + " is empty");
  auto format = CreLogFormat::detect(sample_of(**batch), now());
  if (!format) return error(path + " has no line whose time is known; the CRE engine reads no such file");
  return CreFile{path, std::move(*file), std::move(**batch), std::move(*format)};
}

/// Entries of a file: lines that are not of its format belong to the entry before, without a line end between.
class EntryReader {
 public:
  EntryReader(CreFile& file, CreRun& run) : file_(file), run_(run) {}

  Result<void> read() {
    if (!take(file_.first)) return {};
    for (;;) {
      auto batch = file_.file->next();
      if (!batch) return batch.error();
      if (!*batch || !take(**batch)) break;
    }
    give_out();
    return {};
  }

 private:
  /// False at a line that is too long: the engine reads no further.
  bool take(const LineBatch& batch) {
    for (const auto& span : batch.lines) {
      const auto text = batch.text(span);
      if (text.size() >= cre_longest_line) {
        give_out();
        return false;
      }
      take_line(text, span.offset);
    }
    return true;
  }

  void take_line(std::string_view text, std::uint64_t offset) {
    auto entry = file_.format.read(text);
    if (!entry) {
      // Binary rubbish belongs to nothing.
      const bool is_text = to_valid_utf8(text) == text;
      if (file_.format.folds() && pending_ && is_text) pending_->text += text;
      return;
    }
    if (!file_.format.folds()) return run_.take(*entry, file_.path, offset);
    give_out();
    pending_ = std::move(*entry);
    pending_offset_ = offset;
  }

  void give_out() {
    if (pending_ && pending_->at != 0) run_.take(*pending_, file_.path, pending_offset_);
    pending_.reset();
  }

  CreFile& file_;
  CreRun& run_;
  std::optional<CreEntry> pending_;
  std::uint64_t pending_offset_ = 0;
};

/// Files that can be read, by the time of their first line.
std::vector<CreFile> open_cre_files(const std::vector<std::string>& paths, std::vector<std::string>& failures) {
  std::vector<CreFile> files;
  for (const auto& path : paths) {
    auto file = open_cre_file(path);
    if (file) {
      files.push_back(std::move(*file));
    } else {
      failures.push_back(file.error().message);
    }
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const CreFile& a, const CreFile& b) { return a.format.first_at() < b.format.first_at(); });
  return files;
}

}  // namespace

CreOutcome run_cre(const std::vector<knowledge::CreRule>& rules, const std::vector<std::string>& paths) {
  CreOutcome outcome;
  auto files = open_cre_files(paths, outcome.unreadable);
  outcome.files = files.size();
  if (files.empty()) return outcome;
  CreRun run(rules);
  for (auto& file : files) {
    if (const auto read = EntryReader(file, run).read(); !read) outcome.cut_short.push_back(read.error().message);
  }
  run.end();
  outcome.incidents = run.incidents();
  outcome.entries = run.entries();
  outcome.slow_patterns = run.slow_patterns();
  return outcome;
}

}  // namespace triaged::cre

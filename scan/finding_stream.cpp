#include "scan/finding_stream.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "scan/copied_text.hpp"

namespace triaged::scan {

namespace {

constexpr std::size_t kept_beginning = 16 * 1024;  // bytes

}  // namespace

FindingStream::FindingStream(std::vector<LogFile> files, std::shared_ptr<const matcher::SignatureSet> signatures,
                             const formats::LineReaderOptions& reading, ScanProgress& progress,
                             std::shared_ptr<const formats::Redactor> redactor)
    : files_(std::move(files)),
      options_(reading),
      reading_({.name = reading.source_name}),
      matcher_(std::move(signatures), std::move(redactor)),
      reader_(reading),
      has_reference_(reading.reference != TimePoint()),
      progress_(progress) {
  if (files_.front().part) reader_.restore(files_.front().part->reader_state);
  enter(files_.front());
}

/// What stands in front of the part that is read is as old as nobody asks for: so is a line without a time behind it.
void FindingStream::enter(const LogFile& file) {
  bytes_counted_ = 0;
  reading_.modified_at = file.scan->modified_at();
  reading_.parts.push_back({.path = {}, .begin = end_offset_});
  if (!has_reference_) reader_.set_reference(reading_.modified_at);
  if (covered_ && !has_reference_) covered_->set_reference(reading_.modified_at);
  if (file.part && file.part->begin > 0) latest_ = file.part->before;
}

/// Of a file of which only a part is read the search has seen the ends.
void FindingStream::note_times(const formats::LineReaderOptions& reading) {
  covered_.emplace(reading);
  if (!has_reference_) covered_->set_reference(reading_.modified_at);
  for (const auto& file : files_) {
    if (!file.part) continue;
    covered_->note(file.part->earliest);
    covered_->note(file.part->latest);
  }
  keep_times();
}

void FindingStream::keep_times() {
  reading_.earliest = covered_->earliest();
  reading_.latest = covered_->latest();
}

Result<std::optional<LineBatch>> FindingStream::next_batch() {
  for (;;) {
    auto& scan = *files_[at_].scan;
    auto batch = bytes_counted_ == 0 ? first_batch(scan, options_) : scan.next();
    if (!batch) return batch;
    const auto done = scan.bytes_done();
    progress_.bytes_done += done - bytes_counted_;
    bytes_counted_ = done;
    if (*batch || at_ + 1 == files_.size()) return batch;
    files_[at_].scan.reset();  // what unpacks it may hold 64 MiB
    enter(files_[++at_]);
  }
}

/// A line without a time was written about when its nearest neighbour was that has one; where the batch has none, when
/// the last line before it was.
void FindingStream::complete_times(std::vector<Finding>& findings) {
  const auto& near_times = matcher_.near_times();
  const auto begin = reading_.parts.back().begin;
  for (auto& finding : findings) {
    auto& line = matched_line(finding);
    if (line.has_own_time) continue;
    const auto near = std::ranges::lower_bound(near_times, line.offset - begin, {}, &matcher::NearTime::offset);
    const bool is_near = near != near_times.end() && near->offset == line.offset - begin;
    line.at = is_near ? near->at : latest_;
  }
  if (const auto last = matcher_.last_time()) latest_ = *last;
}

/// Of lines without a time nobody knows which time they cover. They come first, as they begin: what is judged on the
/// way must know that the log goes on.
void FindingStream::add_covered_times(std::vector<Finding>& findings) {
  auto covered = matcher_.take_covered_times();
  std::erase_if(covered, [](const CoveredTime& time) { return !time.has_own_time; });
  for (auto& time : covered) time.source = reading_.name;
  std::ranges::sort(covered, {}, &CoveredTime::at);
  findings.insert(findings.begin(), std::make_move_iterator(covered.begin()), std::make_move_iterator(covered.end()));
}

/// Counts offsets on from the file before: what is found in two files of a log may stand at the same place of each.
void FindingStream::place(const LineBatch& batch, const std::string& path, std::vector<Finding>& findings) {
  auto& part = reading_.parts.back();
  part.path = path;
  for (auto& finding : findings) matched_line(finding).offset += part.begin;
  end_offset_ = part.begin + batch.lines.back().offset + batch.lines.back().length + 1;
}

void FindingStream::note(const LineBatch& batch, const std::vector<Finding>& findings) {
  if (covered_) {
    covered_->note(batch);
    keep_times();
  }
  const auto& lines = matcher_.lines_by_format();
  reading_.lines += batch.lines.size();
  reading_.plain_lines =
      lines[static_cast<std::size_t>(formats::Format::text)] + lines[static_cast<std::size_t>(formats::Format::syslog)];
  reading_.has_findings |= !findings.empty();
  if (!reading_.beginning.empty()) return;
  reading_.beginning = batch.bytes.substr(0, kept_beginning);
  const auto end = reading_.beginning.rfind('\n');
  if (batch.bytes.size() > kept_beginning && end != std::string::npos) reading_.beginning.resize(end);
}

Result<std::optional<std::vector<Finding>>> FindingStream::next() {
  auto batch = next_batch();
  if (!batch) return batch.error();
  if (!*batch) return std::optional<std::vector<Finding>>();
  const auto path = std::exchange((*batch)->source_name, reading_.name);
  progress_.lines += (*batch)->lines.size();
  auto findings = matcher_.match(**batch, reader_);
  place(**batch, path, findings);
  note(**batch, findings);
  complete_times(findings);
  add_covered_times(findings);
  // Nearly always they are in order, and to sort them nevertheless would move each several times.
  if (!std::is_sorted(findings.begin(), findings.end(), is_earlier)) {
    std::stable_sort(findings.begin(), findings.end(), is_earlier);
  }
  return std::optional(std::move(findings));
}

}  // namespace triaged::scan

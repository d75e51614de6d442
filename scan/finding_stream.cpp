#include "scan/finding_stream.hpp"

#include <algorithm>

namespace triaged::scan {

FindingStream::FindingStream(std::vector<std::unique_ptr<sources::FileScan>> files,
                             std::shared_ptr<const matcher::SignatureSet> signatures,
                             const formats::LineReaderOptions& reading, ScanProgress& progress)
    : files_(std::move(files)),
      name_(reading.source_name),
      matcher_(std::move(signatures)),
      reader_(reading),
      has_reference_(reading.reference != TimePoint()),
      progress_(progress) {
  refer_to_file();
}

void FindingStream::refer_to_file() {
  if (!has_reference_) reader_.set_reference(files_[at_]->modified_at());
}

Result<std::optional<LineBatch>> FindingStream::next_batch() {
  for (;;) {
    auto batch = files_[at_]->next();
    if (!batch) return batch;
    const auto done = files_[at_]->bytes_done();
    progress_.bytes_done += done - bytes_counted_;
    bytes_counted_ = done;
    if (*batch || at_ + 1 == files_.size()) return batch;
    bytes_counted_ = 0;
    ++at_;
    refer_to_file();
  }
}

void FindingStream::complete_times(std::vector<Finding>& findings) {
  const auto has_time = [](const Finding& finding) { return matched_line(finding).has_own_time; };
  const auto first = std::find_if(findings.begin(), findings.end(), has_time);
  if (latest_ == TimePoint::max() && first != findings.end()) latest_ = matched_line(*first).at;
  for (auto& finding : findings) {
    auto& line = matched_line(finding);
    if (line.has_own_time) {
      latest_ = line.at;
    } else {
      line.at = latest_;
    }
  }
}

Result<std::optional<std::vector<Finding>>> FindingStream::next() {
  auto batch = next_batch();
  if (!batch) return batch.error();
  if (!*batch) return std::optional<std::vector<Finding>>();
  (*batch)->source_name = name_;
  progress_.lines += (*batch)->lines.size();
  auto findings = matcher_.match(**batch, reader_);
  complete_times(findings);
  // Nearly always they are in order, and to sort them nevertheless would move each several times.
  if (!std::is_sorted(findings.begin(), findings.end(), is_earlier)) {
    std::stable_sort(findings.begin(), findings.end(), is_earlier);
  }
  return std::optional(std::move(findings));
}

}  // namespace triaged::scan

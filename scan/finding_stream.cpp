#include "scan/finding_stream.hpp"

#include <algorithm>

namespace triaged::scan {

FindingStream::FindingStream(std::vector<std::unique_ptr<sources::FileScan>> files,
                             std::shared_ptr<const matcher::SignatureSet> signatures,
                             const formats::LineReaderOptions& reading, ScanProgress& progress,
                             std::shared_ptr<const formats::Redactor> redactor)
    : files_(std::move(files)),
      name_(reading.source_name),
      matcher_(std::move(signatures), std::move(redactor)),
      reader_(reading),
      progress_(progress) {
  reader_.set_reference(files_.front()->modified_at());
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
    reader_.set_reference(files_[++at_]->modified_at());
  }
}

Result<std::optional<std::vector<Finding>>> FindingStream::next() {
  auto batch = next_batch();
  if (!batch) return batch.error();
  if (!*batch) return std::optional<std::vector<Finding>>();
  (*batch)->source_name = name_;
  progress_.lines += (*batch)->lines.size();
  auto findings = matcher_.match(**batch, reader_);
  for (auto& finding : findings) {
    auto& line = matched_line(finding);
    if (line.has_own_time) {
      latest_ = line.at;
    } else {
      line.at = latest_;
    }
  }
  // Nearly always they are in order, and to sort them nevertheless would move each several times.
  if (!std::is_sorted(findings.begin(), findings.end(), is_earlier)) {
    std::stable_sort(findings.begin(), findings.end(), is_earlier);
  }
  return std::optional(std::move(findings));
}

}  // namespace triaged::scan

#include "scan/symptom_stream.hpp"

#include <algorithm>

namespace triaged::scan {

SymptomStream::SymptomStream(std::vector<std::unique_ptr<sources::FileScan>> files,
                             std::shared_ptr<const matcher::SignatureSet> signatures,
                             const formats::LineReaderOptions& reading, ScanProgress& progress)
    : files_(std::move(files)),
      name_(reading.source_name),
      matcher_(std::move(signatures)),
      reader_(reading),
      progress_(progress) {
  reader_.set_reference(files_.front()->modified_at());
}

Result<std::optional<LineBatch>> SymptomStream::next_batch() {
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

Result<std::optional<std::vector<Symptom>>> SymptomStream::next() {
  auto batch = next_batch();
  if (!batch) return batch.error();
  if (!*batch) return std::optional<std::vector<Symptom>>();
  (*batch)->source_name = name_;
  progress_.lines += (*batch)->lines.size();
  auto symptoms = matcher_.match(**batch, reader_);
  for (auto& symptom : symptoms) {
    if (symptom.has_own_time) {
      latest_ = symptom.at;
    } else {
      symptom.at = latest_;
    }
  }
  std::stable_sort(symptoms.begin(), symptoms.end(), [](const Symptom& a, const Symptom& b) { return a.at < b.at; });
  return std::optional(std::move(symptoms));
}

}  // namespace triaged::scan

#include "daemon/symptom_stream.hpp"

#include <algorithm>

namespace triaged {

SymptomStream::SymptomStream(std::unique_ptr<FileScan> file, std::shared_ptr<const SignatureSet> signatures,
                             const LineReaderOptions& reading, ScanProgress& progress)
    : file_(std::move(file)), matcher_(std::move(signatures)), reader_(reading), progress_(progress) {}

Result<std::optional<std::vector<Symptom>>> SymptomStream::next() {
  auto batch = file_->next();
  if (!batch) return batch.error();
  const auto done = file_->bytes_done();
  progress_.bytes_done += done - bytes_counted_;
  bytes_counted_ = done;
  if (!*batch) return std::optional<std::vector<Symptom>>();
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

}  // namespace triaged

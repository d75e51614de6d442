#include "scan/story.hpp"

#include <algorithm>
#include <tuple>

namespace triaged::scan {

namespace {

constexpr std::size_t batches_ahead = 4;

}  // namespace

Story::Story(std::vector<std::unique_ptr<FindingStream>> streams, unsigned threads) {
  for (auto& stream : streams) {
    readers_.push_back(std::make_unique<Reader>());
    readers_.back()->stream = std::move(stream);
  }
  const auto useful = std::min<std::size_t>(std::max(threads, 1U), readers_.size());
  for (std::size_t i = 0; i < useful; ++i) threads_.emplace_back([this] { work(); });
}

Story::~Story() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  taken_.notify_all();
  for (auto& thread : threads_) thread.join();
}

/// The reader that has least ahead and room for more; nullptr when there is none now. Under mutex_.
Story::Reader* Story::pick() {
  Reader* picked = nullptr;
  for (const auto& reader : readers_) {
    if (reader->is_busy || reader->is_done || reader->ahead.size() >= batches_ahead) continue;
    if (picked == nullptr || reader->ahead.size() < picked->ahead.size()) picked = reader.get();
  }
  return picked;
}

void Story::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    Reader* reader = nullptr;
    bool all_done = false;
    taken_.wait(lock, [&] {
      reader = pick();
      all_done = std::all_of(readers_.begin(), readers_.end(), [](const auto& r) { return r->is_done; });
      return is_stopping_ || all_done || reader != nullptr;
    });
    if (is_stopping_ || all_done) return;
    reader->is_busy = true;
    lock.unlock();
    auto batch = reader->stream->next();
    lock.lock();
    reader->is_busy = false;
    if (!batch) {
      failures_.push_back(batch.error().message);
      reader->is_done = true;
    } else if (!*batch) {
      reader->is_done = true;
    } else if (!(*batch)->empty()) {
      reader->ahead.push_back(std::move(**batch));
    }
    read_.notify_all();
    if (reader->is_done) taken_.notify_all();
  }
}

/// Makes the reader's head hold its next finding. False: it has no more.
bool Story::fill(Reader& reader) {
  if (reader.at < reader.head.size()) return true;
  std::unique_lock lock(mutex_);
  read_.wait(lock, [&] { return !reader.ahead.empty() || reader.is_done; });
  if (reader.ahead.empty()) return false;
  reader.head = std::move(reader.ahead.front());
  reader.at = 0;
  reader.ahead.pop_front();
  taken_.notify_all();
  return true;
}

std::optional<Finding> Story::next() {
  Reader* earliest = nullptr;
  for (const auto& reader : readers_) {
    if (!fill(*reader)) continue;
    if (earliest == nullptr || is_earlier(reader->head[reader->at], earliest->head[earliest->at]))
      earliest = reader.get();
  }
  if (earliest == nullptr) return std::nullopt;
  return std::move(earliest->head[earliest->at++]);
}

std::vector<std::string> Story::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

}  // namespace triaged::scan

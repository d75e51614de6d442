#include "scan/story.hpp"

#include <algorithm>
#include <tuple>

namespace triaged::scan {

namespace {

constexpr std::size_t batches_ahead = 4;

}  // namespace

Story::Story(std::vector<std::unique_ptr<FindingStream>> streams, unsigned threads) : ahead_(streams.size()) {
  for (auto& stream : streams) readers_.push_back({.stream = std::move(stream), .head = {}});
  const auto useful = std::min<std::size_t>(std::max(threads, 1U), readers_.size());
  for (std::size_t i = 0; i < useful; ++i) threads_.emplace_back([this] { work(); });
}

Story::~Story() {
  {
    const Lock lock(mutex_);
    is_stopping_ = true;
  }
  taken_.notify_all();
  for (auto& thread : threads_) thread.join();
}

std::optional<std::size_t> Story::pick() const {
  std::optional<std::size_t> picked;
  for (std::size_t i = 0; i < ahead_.size(); ++i) {
    const auto& ahead = ahead_[i];
    if (ahead.is_busy || ahead.is_done || ahead.batches.size() >= batches_ahead) continue;
    if (!picked || ahead.batches.size() < ahead_[*picked].batches.size()) picked = i;
  }
  return picked;
}

void Story::work() {
  Lock lock(mutex_);
  for (;;) {
    std::optional<std::size_t> picked;
    bool all_done = false;
    lock.wait(taken_, [&]() TRIAGED_REQUIRES(mutex_) {
      picked = pick();
      all_done = std::all_of(ahead_.begin(), ahead_.end(), [](const Ahead& ahead) { return ahead.is_done; });
      return is_stopping_ || all_done || picked;
    });
    if (is_stopping_ || all_done) return;
    auto& ahead = ahead_[*picked];
    ahead.is_busy = true;
    lock.unlock();
    auto batch = readers_[*picked].stream->next();
    lock.lock();
    ahead.is_busy = false;
    if (!batch) {
      failures_.push_back(batch.error().message);
      ahead.is_done = true;
    } else if (!*batch) {
      ahead.is_done = true;
    } else if (!(*batch)->empty()) {
      ahead.batches.push_back(std::move(**batch));
    }
    read_.notify_all();
    if (ahead.is_done) taken_.notify_all();
  }
}

/// Makes the head of a file hold its next finding. False: it has no more.
bool Story::fill(std::size_t index) {
  auto& reader = readers_[index];
  if (reader.at < reader.head.size()) return true;
  Lock lock(mutex_);
  auto& ahead = ahead_[index];
  lock.wait(read_, [&] { return !ahead.batches.empty() || ahead.is_done; });
  if (ahead.batches.empty()) return false;
  reader.head = std::move(ahead.batches.front());
  reader.at = 0;
  ahead.batches.pop_front();
  taken_.notify_all();
  return true;
}

std::optional<Finding> Story::next() {
  Reader* earliest = nullptr;
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    if (!fill(i)) continue;
    auto& reader = readers_[i];
    if (earliest == nullptr || is_earlier(reader.head[reader.at], earliest->head[earliest->at])) earliest = &reader;
  }
  if (earliest == nullptr) return std::nullopt;
  return std::move(earliest->head[earliest->at++]);
}

std::vector<std::string> Story::failures() const {
  const Lock lock(mutex_);
  return failures_;
}

std::vector<LogReading> Story::readings() const {
  std::vector<LogReading> all;
  for (const auto& reader : readers_) all.push_back(reader.stream->reading());
  return all;
}

}  // namespace triaged::scan

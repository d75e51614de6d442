#include "daemon/matcher_stage.hpp"

#include <algorithm>
#include <atomic>

#include "daemon/recent_readers.hpp"

namespace triaged::daemon {

namespace {

// A batch is at most 256 KiB: 16 of them bound a thread's queue to 4 MiB. Full: the files wait.
constexpr std::size_t queued_batches = 16;

// Of one thread; those that were used longest ago sleep, and are forgotten when there are more. To sleep and to wake
// cost some 10 µs, a reader that is awake 3 KiB.
constexpr std::size_t most_readers_awake = 500, most_readers_asleep = 20'000;

// A line that claims to be from the future has a wrong zone or clock; its arrival is nearer to the truth.
constexpr Microseconds believable_future = std::chrono::minutes(1);

std::size_t lane_of(const std::string& stream, std::size_t lanes) { return std::hash<std::string>()(stream) % lanes; }

std::vector<std::string> kinds_of(const Reading& reading) {
  std::vector<std::string> kinds;
  for (const auto& source : reading.sources) kinds.push_back(source.kind);
  return kinds;
}

}  // namespace

/// One thread with its queue. Everything but the queue belongs to the thread.
class MatcherStage::Lane {
 public:
  Lane(const std::shared_ptr<const matcher::SignatureSet>& signatures, std::shared_ptr<const Reading> reading,
       RecentReaders readers, NoisyRules& noisy, PlainLines& plain_lines, BoundedQueue<MatchedBatch>& matched)
      : queue(queued_batches),
        matcher_(signatures, reading->redactor),
        reading_(std::move(reading)),
        noisy_(noisy),
        plain_lines_(plain_lines),
        matched_(matched),
        readers_(std::move(readers)) {
    thread_ = std::thread([this] { run(); });
  }

  ~Lane() {
    queue.close();
    thread_.join();
  }
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  BoundedQueue<LineBatch> queue;

  [[nodiscard]] matcher::DistrustedLines distrusted_lines() const { return {taken_back_, silenced_, own_}; }

 private:
  void run() {
    while (auto batch = queue.pop()) {
      auto& reader = reader_of(*batch);
      reader.set_reference(batch->observed_at);
      const auto lines_before = matcher_.lines_by_format();
      MatchedBatch done{matcher_.match(*batch, reader), {}, {}};
      if (plain_lines_.add(*batch, lines_before, matcher_.lines_by_format(), !done.findings.empty())) {
        plain_lines_.tell(*batch, reading_of(*batch), *reading_->redactor);
      }
      for (auto& covered : matcher_.take_covered_times()) done.findings.emplace_back(std::move(covered));
      for (auto& finding : done.findings) {
        auto& line = matched_line(finding);
        line.predates_following = line.offset < batch->followed_from;
        if (line.at <= batch->observed_at + believable_future) continue;
        line.at = batch->observed_at;
        line.has_own_time = false;
      }
      done.is_past = !batch->lines.empty() && batch->lines.front().offset < batch->followed_from;
      noisy_.add(matcher_.take_noisy_rules());
      const auto distrusted = matcher_.distrusted_lines();
      taken_back_ = distrusted.taken_back;
      silenced_ = distrusted.silenced;
      own_ = distrusted.own;
      // A stream that has ended leaves nothing behind, neither here nor in the ledger.
      const bool has_ended = batch->cursor.state.empty();
      done.reader = {StateKind::reader, batch->cursor.stream, has_ended ? "" : reader.state(reading_->redactor.get())};
      if (has_ended) readers_.erase(batch->cursor.stream);
      done.cursor = std::move(batch->cursor);
      if (!matched_.push(std::move(done))) return;
    }
  }

  [[nodiscard]] formats::LineReaderOptions reading_of(const LineBatch& batch) const {
    const auto& options = reading_->sources[batch.source];
    auto log_formats = reading_->topology.log_formats_of(batch.source_name);
    if (options.log_format) log_formats.insert(log_formats.begin(), {options.log_format});
    return {.source_name = batch.source_name,
            .format = options.format,
            .log_formats = std::move(log_formats),
            .zone = {options.zone_offset},
            .reference = batch.observed_at,
            .own_programs = reading_->own_programs};
  }

  formats::LineReader& reader_of(const LineBatch& batch) {
    if (auto* known = readers_.find(batch.cursor.stream)) return *known;
    return readers_.wake(batch.cursor.stream, formats::LineReader(reading_of(batch)));
  }

  matcher::Matcher matcher_;
  std::atomic<std::uint64_t> taken_back_{0}, silenced_{0}, own_{0};
  std::shared_ptr<const Reading> reading_;
  NoisyRules& noisy_;
  PlainLines& plain_lines_;
  BoundedQueue<MatchedBatch>& matched_;
  RecentReaders readers_;
  std::thread thread_;
};

MatcherStage::MatcherStage(std::size_t threads, const std::shared_ptr<const matcher::SignatureSet>& signatures,
                           std::shared_ptr<const Reading> reading, const std::vector<SavedState>& remembered,
                           NoisyRules& noisy, BoundedQueue<MatchedBatch>& matched)
    : plain_lines_(kinds_of(*reading)) {
  std::vector<RecentReaders> readers;
  for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) {
    readers.emplace_back(most_readers_awake, most_readers_asleep);
  }
  for (const auto& [kind, stream, state] : remembered) {
    if (kind == StateKind::reader) readers[lane_of(stream, readers.size())].remember(stream, state);
  }
  for (auto& each : readers) {
    lanes_.push_back(std::make_unique<Lane>(signatures, reading, std::move(each), noisy, plain_lines_, matched));
  }
}

MatcherStage::~MatcherStage() {
  for (const auto& lane : lanes_) lane->queue.close();  // all at once: they empty their queues side by side
}

bool MatcherStage::try_push(LineBatch& batch) {
  return lanes_[lane_of(batch.cursor.stream, lanes_.size())]->queue.try_push(batch);
}

matcher::DistrustedLines MatcherStage::distrusted_lines() const {
  matcher::DistrustedLines sum;
  for (const auto& lane : lanes_) {
    const auto lines = lane->distrusted_lines();
    sum.taken_back += lines.taken_back;
    sum.silenced += lines.silenced;
    sum.own += lines.own;
  }
  return sum;
}

}  // namespace triaged::daemon

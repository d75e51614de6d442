#include "sources/pipe/pipe_source.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sources/line_splitter.hpp"
#include "sources/make_source.hpp"
#include "sources/pipe/offset_cursor.hpp"
#include "sources/pipe/reading_end.hpp"
#include "sources/pipe/uncommitted_batches.hpp"

namespace triaged::sources {

struct PipeState : KeptState {
  std::optional<ReadingEnd> end;
  std::optional<LineSplitter> splitter;
  std::string ahead;  // read, and not split yet
  UncommittedBatches batches{max_uncommitted_bytes};
  std::uint64_t committed = 0;  // bytes of the stream that are known to be
  bool has_ended = false;       // for good
  bool is_fresh = true;         // nothing has come since it was opened
  std::uint64_t bytes = 0, ends = 0;

  /// What stands after everything that was emitted.
  [[nodiscard]] std::uint64_t reach() const { return splitter->offset() + splitter->already_emitted(); }
  [[nodiscard]] ReadingEnd::Read read(std::span<char> into);
};

namespace {

constexpr std::size_t batch_bytes = 64 * 1024;
constexpr Microseconds partial_line_wait = std::chrono::milliseconds(500);
constexpr Microseconds look_every = std::chrono::seconds(1);
// What one call may read without completing a line, before the caller gets a chance to do something else.
constexpr std::uint64_t max_bytes_per_call = 16 * 1024 * 1024;

}  // namespace

ReadingEnd::Read PipeState::read(std::span<char> into) {
  if (ahead.empty()) return end->read(into);
  const auto count = std::min(ahead.size(), into.size());
  std::copy_n(ahead.begin(), count, into.begin());
  ahead.erase(0, count);
  const auto rest = into.subspan(count);
  return {ReadingEnd::Outcome::bytes, count + (rest.empty() ? 0 : end->read(rest).bytes)};
}

Result<std::unique_ptr<Source>> PipeSource::open(const PipeOptions& options, const SourceOrigin& origin) {
  const auto stream = options.path.empty() ? "stdin" : "pipe:" + options.path;
  std::unique_ptr<PipeSource> source(new PipeSource(options, origin.kept.of<PipeState>(stream), origin.now));
  source->begin(origin.checkpoint);
  return std::unique_ptr<Source>(std::move(source));
}

PipeSource::PipeSource(const PipeOptions& options, std::shared_ptr<PipeState> state, TimePoint now)
    : options_(options),
      name_(options.path.empty() ? "standard input" : options.path),
      stream_(options.path.empty() ? "stdin" : "pipe:" + options.path),
      state_(std::move(state)),
      now_(now) {}

PipeSource::~PipeSource() = default;

void PipeSource::begin(const std::vector<Cursor>& checkpoint) {
  auto& state = *state_;
  const auto committed = offset_in(checkpoint, stream_).value_or(0);
  if (!state.end) {
    state.end.emplace(options_.path);
    state.splitter.emplace(LineSplitterOptions{.batch_bytes = batch_bytes, .offset = committed});
  } else if (committed < state.committed) {
    messages_.push_back(fmt::format("{} bytes of {} were read before the ledger was damaged and cannot be read again",
                                    state.committed - committed, name_));
  }
  if (!options_.path.empty() && options_.at_end == AtEnd::wait) state.has_ended = false;  // it was to stop before
  state.committed = committed;
  state.batches.commit(committed);
  state.batches.give_again();
}

std::optional<LineBatch> PipeSource::next(TimePoint now) {
  elapsed_ += std::max(now - now_, Microseconds(0));
  now_ = now;
  must_go_on_ = false;
  if (auto again = state_->batches.next_again()) return again;
  if (state_->has_ended || (!state_->end->is_open() && !try_to_open())) return std::nullopt;
  const bool has_room = !state_->batches.is_full();
  state_->end->want_reading(has_room);
  return has_room ? read() : std::nullopt;
}

bool PipeSource::try_to_open() {
  if (elapsed_ < open_at_) return false;
  if (state_->end->open()) {
    state_->is_fresh = true;
    say_that_trouble_is_over();
    return true;
  }
  say_trouble();
  open_at_ = elapsed_ + look_every;
  state_->has_ended = state_->end->is_missing();
  return false;
}

std::optional<LineBatch> PipeSource::read() {
  using Outcome = ReadingEnd::Outcome;
  auto& splitter = *state_->splitter;
  const auto enough = state_->bytes + max_bytes_per_call;
  while (state_->bytes < enough) {
    const auto [outcome, bytes] = state_->read(splitter.room(batch_bytes));
    if (outcome == Outcome::nothing) return read_nothing();
    if (outcome == Outcome::failed) say_trouble();
    if (outcome != Outcome::bytes) return read_end();
    state_->bytes += bytes;
    state_->is_fresh = false;
    read_at_ = elapsed_;
    LineBatch batch;
    splitter.split(bytes, batch);
    if (batch.lines.empty()) continue;
    look_ahead(batch);
    return finished(std::move(batch));
  }
  must_go_on_ = true;
  return std::nullopt;
}

/// What follows a batch may show that a client forged its last lines (LineBatch::ahead).
void PipeSource::look_ahead(LineBatch& batch) {
  auto& ahead = state_->ahead;
  if (ahead.empty()) {
    ahead.resize(look_ahead_bytes);
    ahead.resize(state_->end->read(ahead).bytes);  // an end, or a failure, is met again by the next read()
  }
  state_->splitter->add_ahead(ahead, batch);
}

std::optional<LineBatch> PipeSource::read_nothing() {
  LineBatch batch;
  const bool is_due = has_open_line() && elapsed_ >= read_at_ + partial_line_wait;
  if (is_due && state_->splitter->emit_tail(batch)) return finished(std::move(batch));
  if (!options_.path.empty() && elapsed_ >= look_at_) look_at_path();
  return std::nullopt;
}

/// When the pipe was replaced under its name, writers wait for a reader of the new one. An old one that something was
/// written into is read to its end first.
void PipeSource::look_at_path() {
  look_at_ = elapsed_ + look_every;
  if (!state_->is_fresh || !state_->end->has_moved()) return say_that_trouble_is_over();
  if (!state_->end->open()) return say_trouble();
  say_that_trouble_is_over();
  state_->end->want_reading(true);
}

std::optional<LineBatch> PipeSource::read_end() {
  LineBatch batch;
  auto& splitter = *state_->splitter;
  if (!splitter.at_line_start()) {
    splitter.room(1).front() = '\n';
    splitter.split(1, batch);
  }
  ++state_->ends;
  go_on_after_end();
  if (batch.lines.empty()) return std::nullopt;
  return finished(std::move(batch));
}

void PipeSource::go_on_after_end() {
  auto& end = *state_->end;
  if (options_.path.empty() || options_.at_end == AtEnd::stop) {
    state_->has_ended = true;
    end.close();
    messages_.push_back(name_ + " has ended");
    return;
  }
  state_->is_fresh = true;
  if (!said_trouble_.empty() || !end.open()) {  // it could not be read, or is not there any more
    say_trouble();
    end.close();
    open_at_ = elapsed_ + look_every;
    return;
  }
  end.want_reading(true);
}

LineBatch PipeSource::finished(LineBatch batch) {
  batch.source_name = name_;
  batch.cursor = {stream_, offset_state(state_->reach())};
  batch.observed_at = now_;
  state_->batches.add(batch, state_->reach());
  return batch;
}

bool PipeSource::has_open_line() const { return state_->splitter->tail().size() > state_->splitter->already_emitted(); }

int PipeSource::descriptor() const { return state_->end->descriptor(); }

TimePoint PipeSource::next_deadline() const {
  const auto at = [&](Microseconds due) { return now_ + std::max(due - elapsed_, Microseconds(0)); };
  if (must_go_on_ || state_->batches.has_again()) return now_;
  if (state_->has_ended) return TimePoint::max();
  if (!state_->end->is_open()) return at(open_at_);
  if (state_->batches.is_full()) return TimePoint::max();  // on_committed() makes room
  if (!state_->end->can_be_watched()) return now_;
  auto due = options_.path.empty() ? Microseconds::max() : look_at_;
  if (has_open_line()) due = std::min(due, read_at_ + partial_line_wait);
  return due == Microseconds::max() ? TimePoint::max() : at(due);
}

void PipeSource::say_trouble() {
  const auto& trouble = state_->end->failure();
  if (said_trouble_ == trouble) return;
  said_trouble_ = trouble;
  const bool is_final = options_.path.empty() && (state_->end->is_open() || state_->end->is_missing());
  messages_.push_back(fmt::format("cannot read {}: {}{}", name_, trouble, is_final ? "" : " (will try again)"));
}

void PipeSource::say_that_trouble_is_over() {
  if (!std::exchange(said_trouble_, "").empty()) messages_.push_back(name_ + " can be read now");
}

std::vector<std::string> PipeSource::take_messages() { return std::exchange(messages_, {}); }

void PipeSource::add_to(std::vector<Metric>& metrics) const {
  const auto add = [&](Metric metric) {
    metric.values.front().labels.push_back({"source", name_});
    add_metric(std::move(metric), metrics);
  };
  const auto& state = *state_;
  add(gauge("triaged_stream_open", "1 while the stream is open for reading", state.end->is_open() ? 1 : 0));
  add(gauge("triaged_stream_waiting", "1 while reading the stream is paused because too much of it is not committed",
            state.batches.is_full() ? 1 : 0));
  add(gauge("triaged_stream_uncommitted_bytes",
            "bytes read from the stream that are kept in memory and not committed yet", state.batches.bytes()));
  add(counter("triaged_stream_read_bytes_total", "bytes read from the stream since it was first opened", state.bytes));
  add(counter("triaged_stream_ends_total", "times that the last writer closed the stream", state.ends));
  add(counter("triaged_stream_cut_lines_total", "lines of the stream that were too long and were cut",
              state.splitter->cut_lines()));
  add(counter("triaged_stream_nul_bytes_total", "NUL bytes of the stream that were skipped",
              state.splitter->nul_bytes()));
}

void PipeSource::on_committed(std::span<const Cursor> cursors) {
  const auto reach = offset_in(cursors, stream_);
  if (!reach) return;
  state_->committed = std::max(state_->committed, *reach);
  state_->batches.commit(state_->committed);
}

Ending PipeSource::ending() const {
  if (options_.at_end == AtEnd::wait) return Ending::of_itself;
  return state_->has_ended && state_->batches.is_empty() ? Ending::reached : Ending::awaited;
}

}  // namespace triaged::sources

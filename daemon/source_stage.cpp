#include "daemon/source_stage.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "base/clock.hpp"

namespace triaged::daemon {

namespace asio = boost::asio;

namespace {

constexpr auto matcher_is_full_wait = std::chrono::milliseconds(5);
constexpr Microseconds shortest_wait = std::chrono::milliseconds(1);
constexpr Microseconds longest_wait = std::chrono::seconds(1);
// Programs write line by line: what comes within this is read together. Read one by one, a request (two lines) of a
// healthy site costs four times as much: 123 and 30 µs of processor (tests/healthy/run.py --requests 100000).
constexpr auto gathering = std::chrono::milliseconds(10);
constexpr int batches_in_a_row = 8;  // then signals and timers get their turn

constexpr auto without_exceptions = asio::as_tuple(asio::use_awaitable);

/// The same open file, to wait for; not open when `number` is none. Throws when no descriptor is left.
asio::posix::stream_descriptor copy_of(asio::io_context& io, int number) {
  asio::posix::stream_descriptor copy(io);
  if (number < 0) return copy;
  const int duplicate = ::dup(number);
  if (duplicate < 0) throw std::system_error(errno, std::generic_category());
  boost::system::error_code failure;
  copy.assign(duplicate, failure);
  if (!failure) return copy;
  ::close(duplicate);
  throw boost::system::system_error(failure);
}

struct RunningSource {
  sources::MadeSource made;
  asio::steady_timer* timer = nullptr;  // of its coroutine: cancelled, it asks the source at once
};

asio::awaitable<void> sleep(asio::io_context& io, std::chrono::steady_clock::duration duration) {
  asio::steady_timer timer(io, duration);
  co_await timer.async_wait(without_exceptions);
}

asio::awaitable<void> run_source(asio::io_context& io, RunningSource& running, MatcherStage& matchers,
                                 asio::posix::stream_descriptor moved) {
  asio::steady_timer timer(io);
  running.timer = &timer;
  auto& source = *running.made.source;
  bool is_watching = false;
  for (int in_a_row = 1;; ++in_a_row) {
    auto batch = source.next(now());
    for (const auto& message : source.take_messages()) spdlog::warn("{}", message);
    if (batch) {
      batch->source = running.made.entries[batch->source];
      while (!matchers.try_push(*batch)) co_await sleep(io, matcher_is_full_wait);
      if (in_a_row % batches_in_a_row == 0) co_await sleep(io, {});
      continue;
    }
    if (moved.is_open() && !is_watching) {
      is_watching = true;
      moved.async_wait(asio::posix::stream_descriptor::wait_read, [&](const boost::system::error_code&) {
        is_watching = false;
        timer.cancel();
      });
    }
    // On the steady clock and never for long, so that a jump of the wall clock cannot put a source to sleep.
    timer.expires_after(std::clamp<Microseconds>(source.next_deadline() - now(), shortest_wait, longest_wait));
    co_await timer.async_wait(without_exceptions);
    if (!is_watching) co_await sleep(io, gathering);
  }
}

class RunningSources final : public SourceStage {
 public:
  explicit RunningSources(std::vector<sources::MadeSource> made) {
    for (auto& source : made) running_.push_back({std::move(source)});
  }

  void run(asio::io_context& io, MatcherStage& matchers) override {
    // The descriptors are copied here and not in the coroutines: what fails here still leaves everything as it was.
    std::vector<asio::posix::stream_descriptor> moved;
    for (const auto& running : running_) moved.push_back(copy_of(io, running.made.source->descriptor()));
    for (std::size_t i = 0; i < running_.size(); ++i) {
      asio::co_spawn(
          io, run_source(io, running_[i], matchers, std::move(moved[i])), [](const std::exception_ptr& failure) {
            if (failure)
              std::rethrow_exception(failure);  // a broken invariant: end the process, systemd starts it anew
          });
    }
  }

  bool wants_commits() const override {
    return std::ranges::any_of(running_, [](const auto& running) { return running.made.source->wants_commits(); });
  }

  void on_committed(std::span<const Cursor> cursors) override {
    for (const auto& running : running_) {
      if (!running.made.source->wants_commits()) continue;
      running.made.source->on_committed(cursors);
      if (running.timer != nullptr) running.timer->cancel();
    }
  }

  sources::Ending ending() const override {
    using sources::Ending;
    const auto has = [&](Ending ending) {
      return std::ranges::any_of(running_,
                                 [&](const auto& running) { return running.made.source->ending() == ending; });
    };
    return has(Ending::awaited) ? Ending::awaited : has(Ending::reached) ? Ending::reached : Ending::of_itself;
  }

  std::string summary() const override {
    std::vector<std::string> all;
    for (const auto& running : running_) all.push_back(running.made.source->summary());
    return fmt::format("{}", fmt::join(all, ", "));
  }

  std::vector<Metric> metrics() const override {
    std::vector<Metric> metrics;
    for (const auto& running : running_) running.made.source->add_to(metrics);
    return metrics;
  }

 private:
  std::vector<RunningSource> running_;
};

}  // namespace

Result<std::unique_ptr<SourceStage>> SourceStage::open(const std::vector<config::LogSource>& entries,
                                                       const sources::SourceOrigin& origin) {
  std::vector<sources::SourceEntry> plain;
  for (const auto& entry : entries) plain.push_back(entry.entry);
  auto made = sources::make_sources(plain, origin);
  if (!made) return made.error();
  return std::unique_ptr<SourceStage>(new RunningSources(std::move(*made)));
}

}  // namespace triaged::daemon

#include "daemon/file_stage.hpp"

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

class FollowedFiles final : public FileStage {
 public:
  explicit FollowedFiles(std::unique_ptr<sources::FileFollower> follower) : follower_(std::move(follower)) {}

  void follow(asio::io_context& io, MatcherStage& matchers) override {
    // The descriptor is copied here and not in the coroutine: what fails here still leaves everything as it was.
    asio::co_spawn(io, follow_all(io, *follower_, matchers, copy_of(io, follower_->descriptor())),
                   [](const std::exception_ptr& failure) {
                     if (failure)
                       std::rethrow_exception(failure);  // a broken invariant: end the process, systemd starts it anew
                   });
  }

  [[nodiscard]] sources::FollowCounts counts() const override { return follower_->counts(); }

 private:
  static asio::awaitable<void> sleep(asio::io_context& io, std::chrono::steady_clock::duration duration) {
    asio::steady_timer timer(io, duration);
    co_await timer.async_wait(without_exceptions);
  }

  static asio::awaitable<void> follow_all(asio::io_context& io, sources::FileFollower& follower, MatcherStage& matchers,
                                          asio::posix::stream_descriptor moved) {
    asio::steady_timer timer(io);
    bool is_watching = false;
    for (int in_a_row = 1;; ++in_a_row) {
      auto batch = follower.next(now());
      for (const auto& message : follower.take_messages()) spdlog::warn("{}", message);
      if (batch) {
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
      // On the steady clock and never for long, so that a jump of the wall clock cannot put the files to sleep.
      timer.expires_after(std::clamp<Microseconds>(follower.next_deadline() - now(), shortest_wait, longest_wait));
      co_await timer.async_wait(without_exceptions);
      if (!is_watching) co_await sleep(io, gathering);
    }
  }

  const std::unique_ptr<sources::FileFollower> follower_;
};

}  // namespace

Result<std::unique_ptr<FileStage>> FileStage::open(const std::vector<config::FileSource>& sources,
                                                   const std::vector<Cursor>& checkpoint) {
  sources::FileFollowerOptions options;
  for (const auto& source : sources) options.sources.push_back(source.options);
  auto follower = sources::FileFollower::open(std::move(options), checkpoint, now());
  if (!follower) return follower.error();
  return std::unique_ptr<FileStage>(new FollowedFiles(std::move(*follower)));
}

}  // namespace triaged::daemon

// A named pipe with a writer that comes and goes, and the source that reads it: a test writes, lets time pass, commits,
// reloads and restarts, and asks which lines came out. Time is the test's own and only moves when it says so.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "sources/make_source.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged {

using Lines = std::vector<std::string>;

class WrittenPipe : public testing::Test {
 protected:
  WrittenPipe() { make_pipe(); }

  [[nodiscard]] std::string path() const { return (folder_.path() / "log.fifo").string(); }

  void make_pipe() const {
    if (::mkfifo(path().c_str(), 0600) != 0) throw std::runtime_error("cannot make " + path());
  }

  /// Somebody opens the pipe for writing. REQUIRES: it is open for reading.
  void open_writer() {
    writer_ = Descriptor(::open(path().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (!writer_.is_open()) throw std::runtime_error("nobody reads " + path());
  }
  void close_writer() { writer_.close(); }
  void write(std::string_view text) const {
    if (::write(writer_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      throw std::runtime_error("cannot write into " + path());
  }
  /// Writes as much of whole lines as the pipe takes now; how many.
  std::size_t write_until_full(std::string_view line) const {
    std::size_t count = 0;
    while (::write(writer_.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size())) ++count;
    return count;
  }

  /// As at the start of the daemon, or in a reload, which leaves `kept` as it is.
  void open() {
    source.reset();
    Problems problems;
    sources::Claims claims;
    const auto text = "pipe: {path: '" + path() + "', at_end: " + at_end + "}";
    const auto entry =
        sources::read_source(read_yaml(text, "", problems).at(0), "", problems, claims, [](YamlMapReader&) {});
    auto made = must(sources::make_sources({entry.value()}, {.checkpoint = checkpoint, .now = now, .kept = kept}));
    source = std::move(made.at(0).source);
  }
  /// The same, and reads what is there.
  void start() {
    open();
    (void)lines();
  }
  /// kill -9 and a new start: only what was committed is known.
  void restart() {
    source.reset();
    kept = {};
    start();
  }

  std::optional<LineBatch> next() {
    auto batch = source->next(now);
    if (batch) cursor = batch->cursor;
    return batch;
  }
  /// Everything that there is now.
  Lines lines() {
    Lines lines;
    while (auto batch = next()) {
      for (const auto& line : batch->lines) lines.emplace_back(batch->text(line));
    }
    return lines;
  }
  Lines lines_after(Microseconds duration) {
    now += duration;
    return lines();
  }

  /// What was emitted until now.
  void commit() {
    checkpoint = {cursor};
    source->on_committed(checkpoint);
  }

  [[nodiscard]] bool is_readable() const {
    pollfd asked{.fd = source->descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&asked, 1, 0) == 1;
  }

  [[nodiscard]] double metric(std::string_view name) const {
    std::vector<Metric> metrics;
    source->add_to(metrics);
    for (const auto& metric : metrics) {
      if (metric.name == name) return metric.values.at(0).value;
    }
    throw std::runtime_error("no metric " + std::string(name));
  }

  std::string at_end = "wait";
  std::vector<Cursor> checkpoint;
  sources::KeptStates kept;
  Cursor cursor;
  TimePoint now{std::chrono::hours(24 * 365)};
  std::unique_ptr<sources::Source> source;

 private:
  TemporaryFolder folder_;
  Descriptor writer_;
};

}  // namespace triaged

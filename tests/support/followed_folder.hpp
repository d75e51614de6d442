// A folder of log files with a follower that follows some of them: a test writes, rotates, lets time pass, kills and
// restarts, and asks which lines came out. Time is the test's own and only moves when it says so.
#pragma once

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include "sources/file/file_follower.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged {

// Root may read everything; in here nobody's rights count.
template <typename Action>
void without_rights(const Action& action) {
  const bool is_root = ::geteuid() == 0;
  constexpr uid_t nobody = 65534;
  if (is_root && ::seteuid(nobody) != 0) throw std::runtime_error("cannot drop the rights");
  action();
  if (is_root && ::seteuid(0) != 0) throw std::runtime_error("cannot take the rights back");
}

using Lines = std::vector<std::string>;

class FollowedFolder : public testing::Test {
 protected:
  FollowedFolder() { source.globs = {path("error.log")}; }

  [[nodiscard]] std::string path(std::string_view name) const { return (folder_.path() / name).string(); }

  /// What comes next is younger than what came before, by the clock of the file system: some milliseconds.
  static void let_clock_tick() {
    const auto now = [] {
      timespec time{};
      ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
      return std::pair(time.tv_sec, time.tv_nsec);
    };
    for (const auto before = now(); now() == before;) continue;
  }

  void append(std::string_view name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary | std::ios::app) << text;
  }
  void rename(std::string_view from, std::string_view to) const { std::filesystem::rename(path(from), path(to)); }
  void remove(std::string_view name) const { std::filesystem::remove(path(name)); }
  void truncate(std::string_view name, std::uint64_t size = 0) const { std::filesystem::resize_file(path(name), size); }
  void copy(std::string_view from, std::string_view to) const { std::filesystem::copy_file(path(from), path(to)); }
  /// As gzip does, which keeps the time of the last write.
  void compress(std::string_view name) const {
    std::ifstream plain(path(name), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(plain), {});
    const std::string packed = path(name) + ".gz";
    const gzFile file = ::gzopen(packed.c_str(), "wb");
    const int written = ::gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    if (::gzclose(file) != Z_OK || written != static_cast<int>(text.size()))
      throw std::runtime_error("gzip: " + packed);
    std::filesystem::last_write_time(packed, std::filesystem::last_write_time(path(name)));
    remove(name);
  }
  void shell(const std::string& command) const {
    if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  }

  void start() {
    const std::vector<Cursor> checkpoint = cursors();
    sources::FileFollowerOptions all = options;
    if (all.sources.empty()) all.sources.push_back(source);
    follower = must(sources::FileFollower::open(std::move(all), checkpoint, now));
  }
  /// Goes on from the cursor of the last batch that was taken, as after kill -9.
  void restart() {
    stop();
    start();
  }
  void stop() { follower.reset(); }

  void wait(Microseconds duration) { now += duration; }

  /// Everything that there is now, in the order in which it comes.
  Lines lines() {
    Lines lines;
    while (auto batch = next()) append_lines(*batch, lines);
    return lines;
  }
  /// Likewise, of everything that there is only what one of several sources gives.
  Lines lines_of(std::size_t index) {
    Lines lines;
    while (auto batch = next()) {
      if (batch->source == index) append_lines(*batch, lines);
    }
    return lines;
  }
  Lines lines_after(Microseconds duration) {
    wait(duration);
    return lines();
  }

  /// One batch, whose cursor is kept as committed. Calls without a batch but with work to do are repeated.
  std::optional<LineBatch> next() {
    for (;;) {
      auto batch = follower->next(now);
      if (batch) keep(batch->cursor);
      if (batch || follower->next_deadline() > now) return batch;
    }
  }

  static void append_lines(const LineBatch& batch, Lines& lines) {
    for (const LineSpan& line : batch.lines) lines.emplace_back(batch.text(line));
  }

  [[nodiscard]] std::vector<Cursor> cursors() const {
    std::vector<Cursor> all;
    for (const auto& [stream, state] : committed) all.push_back({stream, state});
    return all;
  }

  sources::FollowedSource source;  // the only one, unless options name some
  sources::FileFollowerOptions options;
  TimePoint now{std::chrono::hours(24 * 365)};
  std::unique_ptr<sources::FileFollower> follower;
  std::map<std::string, std::string> committed;

 private:
  void keep(const Cursor& cursor) {
    if (cursor.state.empty()) {
      committed.erase(cursor.stream);
    } else {
      committed[cursor.stream] = cursor.state;
    }
  }

  TemporaryFolder folder_;
};

}  // namespace triaged

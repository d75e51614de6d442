// Random writing, rotating (by every kind of tool), truncating, killing and restarting, against the plainest model:
// what was written to each generation of the log. Every line must come out once, and those of a generation in their
// order.
#include <array>
#include <ctime>
#include <random>

#include <gmock/gmock.h>

#include "sources/file/file_follower.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;

enum class Names { numbers, dates, link, ascending, other_folder, svlogd };

struct Run {
  unsigned seed;
  const char* glob;
  Names names;
  bool is_hard = false;  // paths that stand empty, files that may not be read, starts in the midst of a copy
  std::size_t max_open_files = 0;
};

std::ostream& operator<<(std::ostream& stream, const Run& run) {
  constexpr std::array<const char*, 6> names{"numbers", "dates", "link", "ascending", "other folder", "svlogd"};
  stream << run.glob << ", " << names[static_cast<std::size_t>(run.names)] << ", seed " << run.seed;
  return run.max_open_files > 0 ? stream << ", " << run.max_open_files << " open" : stream;
}

// Lines of each generation of the log, "3-17 xxx" being the 17th of the third.
using Generations = std::map<int, Lines>;

class FileFollowerModel : public FollowedFolder, public testing::WithParamInterface<Run> {
 protected:
  FileFollowerModel() : random_(GetParam().seed) {
    source.globs = {path(GetParam().glob)};
    options.batch_bytes = 600;
    options.longest_line = 300;
    options.max_open_files = GetParam().max_open_files;
    std::filesystem::permissions(path(""), std::filesystem::perms(0755));
    if (GetParam().names == Names::other_folder) {
      std::filesystem::create_directory(path("old"));
      source.rotated = {path("old/*")};
    }
    if (GetParam().names == Names::link) point_link();
    write_line();
    start();
    take_batches(1);
  }

  void act() {
    const unsigned what = below(GetParam().is_hard ? 23 : 19);
    steps_ += std::to_string(newest_) + ": " + std::to_string(what) + (follower ? "\n" : " down\n");
    switch (what) {
      case 0:
        return is_link() ? point_link() : rotate_by_rename();
      case 1:
        return is_link() ? point_link() : rotate_by_copy();
      case 2:
        return replace();
      case 3:
        return compress_one();
      case 4:
        return follower ? kill() : start();
      case 5:
        return pass_time();
      case 6:
        return write_late();
      case 7:
        return begin_line();
      case 8:
      case 9:
        return take_batches(below(4));
      case 10:
        return write_long_line();
      case 11:
        return rotate_several_times();
      case 12:
        return compress_any();
      case 13:
        return follower ? kill_before_it_reads() : start();
      case 19:
        return rotate_without_next_file();
      case 20:
        return is_locked_ ? unlock() : lock();
      case 21:
        return start_between_copy_and_truncation();
      case 22:
        return unlock();
      default:
        return write_line();
    }
  }

  void finish() {
    end_line();
    end_late();
    unlock();
    if (!follower) start();
    for (int i = 0; i < 4; ++i) {
      take_batches(100000);
      wait(6s);
    }
  }

  Generations written_;
  Generations taken_;
  std::string steps_;

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

  std::string filler(std::size_t length) {
    std::string text(length, ' ');
    for (char& letter : text) letter = static_cast<char>('a' + below(26));
    return text;
  }

  bool is_link() const { return GetParam().names == Names::link; }

  std::string new_line(int generation) {
    auto& lines = written_[generation];
    steps_ += "   write " + std::to_string(generation) + "-" + std::to_string(lines.size()) + "\n";
    lines.push_back(std::to_string(generation) + "-" + std::to_string(lines.size()) + " " + filler(below(200)));
    return lines.back();
  }

  void write_line() {
    end_line();
    append("error.log", new_line(newest_) + "\n");
  }
  void write_long_line() {
    end_line();
    const std::string line = new_line(newest_) + filler(300 + below(3000));
    written_[newest_].back() = line.substr(0, options.longest_line);
    append("error.log", line + "\n");
  }
  void begin_line() {
    end_line();
    const std::string line = new_line(newest_);
    const std::size_t cut = line.find('-') + 1 + below(static_cast<unsigned>(line.size() - line.find('-')));
    append("error.log", line.substr(0, cut));
    rest_ = line.substr(cut) + "\n";
  }
  void end_line() {
    if (!rest_.empty()) append("error.log", std::exchange(rest_, ""));
  }

  // A program that has not been told of the rotation. (A file that was empty until then, and is compressed before
  // anybody looks, has no mark by which it could be known.)
  void write_late() {
    if (written_[late_].empty() || !std::filesystem::exists(path(youngest_))) return;
    append(youngest_, std::exchange(rest_late_, "") + new_line(late_) + "\n");
  }
  void end_late() {
    if (!rest_late_.empty()) append(youngest_, std::exchange(rest_late_, ""));
  }

  // An unterminated line may be ended by the program that has not been told yet.
  void rotate_by_rename() {
    if (!has_file()) return;
    if (below(2) == 0) end_line();
    move_away();
    let_clock_tick();
    append("error.log", "");
  }
  void rotate_without_next_file() {
    if (!has_file() || is_link()) return;
    end_line();
    move_away();
  }
  void move_away() {
    make_room();
    let_clock_tick();
    rename("error.log", youngest_);
    rest_late_ = std::exchange(rest_, "");
    late_ = newest_++;
  }
  bool has_file() const { return std::filesystem::exists(path("error.log")); }

  // Births and times of writing are told by a clock that ticks every few milliseconds. Without names that tell more,
  // what is done between two ticks has no order.
  void let_clock_tick() const {
    if (!GetParam().is_hard) return;
    timespec before{}, later{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &before);
    do ::clock_gettime(CLOCK_REALTIME_COARSE, &later);
    while (later.tv_sec == before.tv_sec && later.tv_nsec == before.tv_nsec);
  }

  void lock() {
    if (is_link() || !has_file()) return;
    is_locked_ = true;
    std::filesystem::permissions(path("error.log"), std::filesystem::perms(0));
  }
  void unlock() {
    is_locked_ = false;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path(""))) {
      if (entry.is_regular_file()) std::filesystem::permissions(entry.path(), std::filesystem::perms(0644));
    }
  }

  void start_between_copy_and_truncation() {
    if (is_link() || follower || is_locked_ || !has_file()) return;
    end_line();
    make_room();
    let_clock_tick();
    copy("error.log", youngest_);
    let_clock_tick();
    start();
    take_batches(below(3));
    truncate("error.log");
    let_clock_tick();
    late_ = 0;
    ++newest_;
  }

  void point_link() {
    end_line();
    if (std::filesystem::exists(path("error.log"))) ++newest_;
    std::filesystem::create_directory(path("pod"));
    append("pod/" + std::to_string(newest_) + ".log", "");
    std::filesystem::create_symlink(path("pod/" + std::to_string(newest_) + ".log"), path("fresh"));
    rename("fresh", "error.log");
  }

  // What was never seen at all cannot be told from what comes after the truncation.
  void rotate_by_copy() {
    end_line();
    if (committed_[newest_] == 0 || is_locked_ || !has_file()) return;
    make_room();
    let_clock_tick();
    copy("error.log", youngest_);
    constexpr std::uint64_t enough_to_know_it = 64;  // bytes of a copy, when lines were read that it does not have
    if (follower && below(3) == 0 && std::filesystem::file_size(path(youngest_)) >= enough_to_know_it) {
      write_line();
      take_batches(100000);
    }
    const auto size = std::filesystem::file_size(path("error.log"));
    let_clock_tick();
    truncate("error.log");
    let_clock_tick();
    if (below(3) == 0) truncate("error.log", size);  // its writer does not append
    late_ = 0;
    ++newest_;
  }

  // What was not read when a file is deleted is read as long as it is open, and would be lost with the next kill.
  void replace() {
    end_line();
    if (is_link() || committed_[newest_] == 0 || is_locked_ || !has_file()) return;
    const bool is_read = committed_[newest_] == written_[newest_].size();
    if (!is_read && !follower) return;
    remove("error.log");
    if (!is_read) take_batches(100000);
    ++newest_;
    append("error.log", "");
  }

  // Lets youngest_ be the name that the next rotation gives.
  void make_room() {
    end_late();
    switch (GetParam().names) {
      case Names::dates:
        youngest_ = "error.log-20261121-" + std::to_string(100000 + newest_);
        return;
      case Names::ascending:
        youngest_ = "error.log." + std::to_string(newest_);
        return;
      case Names::other_folder:
        youngest_ = "old/error.log-" + std::to_string(1764400000 + newest_);
        return;
      case Names::svlogd:
        youngest_ = "@40000000" + std::to_string(1000000000000000 + newest_) + ".s";
        return;
      default:
        break;
    }
    for (int number = 200; number > 0; --number) {
      for (const std::string ending : {"", ".gz"}) {
        const std::string from = "error.log." + std::to_string(number) + ending;
        if (std::filesystem::exists(path(from))) rename(from, "error.log." + std::to_string(number + 1) + ending);
      }
    }
  }

  void compress_one() {
    const std::string plain =
        GetParam().names == Names::dates ? "error.log-20261121-" + std::to_string(100000 + newest_ - 2) : "error.log.2";
    if (std::filesystem::exists(path(plain)) && plain != youngest_) compress(plain);
  }

  void rotate_several_times() {
    for (unsigned times = 1 + below(4); times > 0; --times) {
      is_link() ? point_link() : rotate_by_rename();
      for (unsigned lines = below(3); lines > 0; --lines) write_line();
    }
  }

  void compress_any() {
    if (is_link()) return pass_time();
    std::vector<std::string> plain;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path(""))) {
      const std::string name = entry.path().lexically_relative(path(""));
      const bool is_plain = entry.is_regular_file() && !name.ends_with(".gz");
      if (is_plain && name != "error.log" && name != youngest_) plain.push_back(name);
    }
    std::sort(plain.begin(), plain.end());
    if (!plain.empty()) compress(plain[below(static_cast<unsigned>(plain.size()))]);
  }

  void kill_before_it_reads() {
    stop();
    start();
    stop();
  }

  void start() {
    without_rights([this] { FollowedFolder::start(); });
  }
  std::optional<LineBatch> next() {
    std::optional<LineBatch> batch;
    without_rights([&] { batch = FollowedFolder::next(); });
    return batch;
  }

  void pass_time() { wait(std::chrono::milliseconds(below(7000))); }

  void take_batches(unsigned count) {
    if (!follower) return;
    for (; count > 0; --count) {
      const auto batch = next();
      if (!batch) break;
      Lines lines;
      append_lines(*batch, lines);
      for (const auto& line : lines) steps_ += "   got " + line.substr(0, 8) + "\n";
      for (const auto& message : follower->take_messages()) steps_ += "   " + message + "\n";
      if (batch->already_emitted > 0) {
        EXPECT_EQ(taken_[std::stoi(lines[0])].back(), lines[0].substr(0, batch->already_emitted));
        taken_[std::stoi(lines[0])].pop_back();
      }
      for (const std::string& line : lines) taken_[std::stoi(line)].push_back(line);
    }
    for (const auto& [generation, lines] : taken_) committed_[generation] = lines.size();
  }

  // Batches that were taken after the last commit are as if they had never been.
  void kill() {
    const auto before = committed;
    const auto taken = taken_;
    take_batches(below(3));
    stop();
    committed = before;
    taken_ = taken;
    committed_.clear();
    for (const auto& [generation, lines] : taken_) committed_[generation] = lines.size();
  }

  std::mt19937 random_;
  int newest_ = 1;
  bool is_locked_ = false;                // the file at the path may not be read
  int late_ = 0;                          // the generation of error.log.1 when it was renamed; 0: it is a copy
  std::string rest_, rest_late_;          // of the unterminated lines at the ends of error.log and of youngest_
  std::string youngest_ = "error.log.1";  // the last rotated file
  std::map<int, std::size_t> committed_;  // lines by generation
};

TEST_P(FileFollowerModel, GivesOutEveryLineOnceAndInOrder) {
  for (int i = 0; i < 300; ++i) act();
  finish();
  std::erase_if(written_, [](const auto& entry) { return entry.second.empty(); });
  for (const auto& [generation, lines] : written_) {
    EXPECT_EQ(taken_[generation], lines) << "generation " << generation << "\n" << steps_;
  }
}

std::vector<Run> runs() {
  std::vector<Run> runs;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    runs.push_back({seed, seed % 2 == 0 ? "error.log" : "error.log*", static_cast<Names>(seed % 3)});
  }
  for (unsigned seed = 1; seed <= 40; ++seed) {
    constexpr std::array names{Names::numbers, Names::ascending, Names::other_folder, Names::svlogd, Names::dates};
    runs.push_back({seed, seed % 3 == 0 ? "error.log*" : "error.log", names[seed % names.size()], true, seed % 4});
  }
  return runs;
}

INSTANTIATE_TEST_SUITE_P(RandomRuns, FileFollowerModel, testing::ValuesIn(runs()));

}  // namespace
}  // namespace triaged::sources

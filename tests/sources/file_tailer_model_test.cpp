// Random writing, rotating, truncating, killing and restarting, against the plainest model: what was written to each
// generation of the log. Every line must come out once, and those of a generation in their order.
#include <random>

#include <gmock/gmock.h>

#include "sources/file_tailer.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged {
namespace {

using namespace std::chrono_literals;

struct Run {
  unsigned seed;
  const char* glob;
};

std::ostream& operator<<(std::ostream& stream, const Run& run) { return stream << run.glob << ", seed " << run.seed; }

// Lines of each generation of the log, "3-17 xxx" being the 17th of the third.
using Generations = std::map<int, Lines>;

class FileTailerModel : public FollowedFolder, public testing::WithParamInterface<Run> {
 protected:
  FileTailerModel() : random_(GetParam().seed) {
    options.globs = {path(GetParam().glob)};
    options.batch_bytes = 600;
    options.longest_line = 300;
    write_line();
    start();
    take_batches(1);
  }

  void act() {
    switch (below(14)) {
      case 0:
        return rotate_by_rename();
      case 1:
        return rotate_by_copy();
      case 2:
        return replace();
      case 3:
        return compress("error.log.2", "error.log.2.gz");
      case 4:
        return tailer ? kill() : start();
      case 5:
        return pass_time();
      case 6:
        return write_late();
      case 7:
        return begin_line();
      case 8:
      case 9:
        return take_batches(below(4));
      default:
        return write_line();
    }
  }

  void finish() {
    end_line();
    if (!tailer) start();
    for (int i = 0; i < 4; ++i) {
      take_batches(100000);
      wait(6s);
    }
  }

  Generations written_;
  Generations taken_;

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

  std::string new_line(int generation) {
    auto& lines = written_[generation];
    lines.push_back(std::to_string(generation) + "-" + std::to_string(lines.size()) + " " +
                    std::string(below(200), 'x'));
    return lines.back();
  }

  void write_line() {
    end_line();
    append("error.log", new_line(newest_) + "\n");
  }
  void begin_line() {
    end_line();
    const std::string line = new_line(newest_);
    append("error.log", line.substr(0, line.size() / 2));
    rest_ = line.substr(line.size() / 2) + "\n";
  }
  void end_line() {
    if (!rest_.empty()) append("error.log", std::exchange(rest_, ""));
  }

  // A program that has not been told of the rotation. (A file that was empty until then, and is compressed before
  // anybody looks, has no mark by which it could be known.)
  void write_late() {
    if (!written_[late_].empty() && std::filesystem::exists(path("error.log.1")))
      append("error.log.1", new_line(late_) + "\n");
  }

  void rotate_by_rename() {
    end_line();
    shift();
    rename("error.log", "error.log.1");
    late_ = newest_++;
    append("error.log", "");
  }

  // What was never seen at all cannot be told from what comes after the truncation.
  void rotate_by_copy() {
    end_line();
    if (committed_[newest_] == 0) return;
    shift();
    copy("error.log", "error.log.1");
    truncate("error.log");
    late_ = 0;
    ++newest_;
  }

  // What was not committed when a file is deleted would be lost with the next kill.
  void replace() {
    end_line();
    if (written_[newest_].empty() || committed_[newest_] < written_[newest_].size()) return;
    remove("error.log");
    ++newest_;
    append("error.log", "");
  }

  void shift() {
    for (int number = 200; number > 0; --number) {
      for (const std::string ending : {"", ".gz"}) {
        const std::string from = "error.log." + std::to_string(number) + ending;
        if (std::filesystem::exists(path(from))) rename(from, "error.log." + std::to_string(number + 1) + ending);
      }
    }
  }

  void compress(const std::string& plain, const std::string& packed) {
    if (std::filesystem::exists(path(plain)) && !std::filesystem::exists(path(packed))) FollowedFolder::compress(plain);
  }

  void pass_time() {
    end_line();
    wait(std::chrono::milliseconds(below(7000)));
  }

  void take_batches(unsigned count) {
    if (!tailer) return;
    for (; count > 0; --count) {
      const auto batch = next();
      if (!batch) break;
      Lines lines;
      append_lines(*batch, lines);
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
  int late_ = 0;                          // the generation of error.log.1 when it was renamed; 0: it is a copy
  std::string rest_;                      // of the unterminated line at the end of error.log
  std::map<int, std::size_t> committed_;  // lines by generation
};

TEST_P(FileTailerModel, GivesOutEveryLineOnceAndInOrder) {
  for (int i = 0; i < 300; ++i) act();
  finish();
  std::erase_if(written_, [](const auto& entry) { return entry.second.empty(); });
  for (const auto& [generation, lines] : written_) EXPECT_EQ(taken_[generation], lines) << "generation " << generation;
}

std::vector<Run> runs() {
  std::vector<Run> runs;
  for (unsigned seed = 1; seed <= 40; ++seed) runs.push_back({seed, seed % 2 == 0 ? "error.log" : "error.log*"});
  return runs;
}

INSTANTIATE_TEST_SUITE_P(RandomRuns, FileTailerModel, testing::ValuesIn(runs()));

}  // namespace
}  // namespace triaged

// A daemon that is stopped and started again after every single line must come to the same incidents as one that ran
// through: what a reader knows of the lines above (an open traceback, a syslog host, a record's time) and what the
// diagnosis knows of its open incidents goes through the ledger's form and back between any two lines.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diagnosis/diagnoser.hpp"
#include "formats/line_reader.hpp"
#include "matcher/matcher.hpp"
#include "tests/support/public_data.hpp"
#include "tests/support/shipped_rules.hpp"
#include "tests/support/state_rows.hpp"
#include "values/incident.hpp"

namespace triaged::scan {
namespace {

namespace fs = std::filesystem;

const fs::path source = TRIAGED_SOURCE_DIR;
constexpr auto reference = TimePoint(std::chrono::seconds(1795221366));
constexpr auto long_after = std::chrono::hours(24);

/// One daemon's life, or the many short ones of a daemon that is stopped after every `lines_a_life` lines.
class Daemon {
 public:
  explicit Daemon(std::string log) : log_(std::move(log)), matcher_(shipped().signatures) { begin_life(); }

  void read(const std::vector<std::string>& lines) {
    LineBatch batch;
    batch.source_name = log_;
    batch.observed_at = reference;
    for (const auto& line : lines) {
      batch.lines.push_back({.begin = static_cast<std::uint32_t>(batch.bytes.size()),
                             .length = static_cast<std::uint32_t>(line.size()),
                             .offset = offset_});
      batch.bytes += line;
      offset_ += line.size() + 1;
    }
    batch.bytes.reserve(batch.bytes.size() + 64);
    for (const auto& finding : matcher_.match(batch, *reader_)) {
      latest_ = std::max(latest_, matched_line(finding).at);
      diagnoser_->on_findings({&finding, 1});
      diagnoser_->advance_to(latest_);
    }
    commit();
  }

  /// kill -9 and a new start: only what was committed is left.
  void restart() { begin_life(); }

  /// Everything that was told, until all is quiet.
  std::vector<std::string> end() {
    diagnoser_->advance_to(latest_ + long_after);
    commit();
    return told_;
  }

 private:
  void begin_life() {
    reader_.emplace(formats::LineReaderOptions{.source_name = log_, .format = {}, .zone = {}, .reference = reference});
    reader_->restore(reader_state_);
    diagnoser_.emplace(shipped().rules, diagnosis::DiagnosisOptions{.host = "web1"});
    EXPECT_TRUE(diagnoser_->restore(ledger_.rows(), latest_).empty());
  }

  void commit() {
    reader_state_ = reader_->state();
    for (auto& incident : diagnoser_->take_changes()) {
      incident.impact.reset();  // of an incident that began in an earlier run nobody knows how many were answered
      told_.push_back(to_json(incident));
    }
    ledger_.take(diagnoser_->take_state_changes());
  }

  const std::string log_;
  matcher::Matcher matcher_;
  std::optional<formats::LineReader> reader_;
  std::optional<diagnosis::Diagnoser> diagnoser_;
  std::string reader_state_;
  StateRows ledger_;
  std::vector<std::string> told_;
  std::uint64_t offset_ = 0;
  TimePoint latest_{};
};

std::vector<std::string> told_in_one_run(const std::string& log, const std::vector<std::string>& lines) {
  Daemon daemon(log);
  for (const auto& line : lines) daemon.read({line});
  return daemon.end();
}

std::vector<std::string> told_with_a_restart_after_each_line(const std::string& log,
                                                             const std::vector<std::string>& lines) {
  Daemon daemon(log);
  for (const auto& line : lines) {
    daemon.read({line});
    daemon.restart();
  }
  return daemon.end();
}

void expect_the_same_either_way(const fs::path& path) {
  const auto lines = lines_of(path);
  const auto log = path.filename().string();
  EXPECT_THAT(told_with_a_restart_after_each_line(log, lines), testing::ElementsAreArray(told_in_one_run(log, lines)))
      << path;
}

TEST(CutAndResume, OfTheSamplesTellsTheSame) {
  std::size_t told = 0;
  for (const auto& story : fs::directory_iterator(source / "samples")) {
    if (!story.is_directory()) continue;
    for (const auto& log : fs::directory_iterator(story)) {
      expect_the_same_either_way(log.path());
      told += told_in_one_run(log.path().filename().string(), lines_of(log.path())).size();
    }
  }
  EXPECT_GE(told, 10u) << "the samples must tell something for this to mean anything";
}

// Access logs have no memory from line to line; of those of the corpus the samples are enough.
TEST(CutAndResume, OfEveryRecordedErrorLogTellsTheSame) {
  if (!fs::exists(corpus_folder())) {
    GTEST_SKIP() << "NO RECORDED LOGS AT " << corpus_folder() << ": only the samples were cut and resumed";
  }
  // Up to which size in bytes: what stays out tells nothing that shorter ones do not.
  const std::map<std::string, std::size_t> with_memory = {{"gunicorn-error.log", 16'000}, {"kernel.dmesg.log", 16'000},
                                                          {"nginx-error.log", 4'000},     {"php-fpm.log", 16'000},
                                                          {"uwsgi.log", 16'000},          {"app.log", 16'000}};
  std::size_t logs = 0;
  for (const auto& story : fs::directory_iterator(corpus_folder())) {
    if (!story.is_directory()) continue;
    for (const auto& log : fs::directory_iterator(story)) {
      const auto kind = with_memory.find(log.path().filename());
      if (kind == with_memory.end() || log.file_size() > kind->second) continue;
      expect_the_same_either_way(log.path());
      ++logs;
    }
  }
  EXPECT_GE(logs, 100u);
}

}  // namespace
}  // namespace triaged::scan

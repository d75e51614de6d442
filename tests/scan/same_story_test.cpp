// One story is told the same way however it is read: files in any order, a log cut in two by rotation, followed live
// line by line, or replayed to a daemon a thousand times as fast.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diagnosis/diagnoser.hpp"
#include "formats/line_reader.hpp"
#include "matcher/matcher.hpp"
#include "scan/story_scan.hpp"
#include "tests/support/public_data.hpp"
#include "tests/support/shipped_rules.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::scan {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

/// What happened, to what, how badly; in any order.
std::vector<std::string> told(const std::vector<Incident>& incidents) {
  std::vector<std::string> all;
  for (const auto& incident : incidents) {
    all.push_back(fmt::format("{} {} {} {}: {} times", name_of(incident.severity), incident.causes.front().cause,
                              incident.entity.kind, incident.entity.value, incident.count));
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> scanned(std::vector<std::string> paths) {
  ScanProgress progress;
  const auto scan = scan_story({.paths = std::move(paths)}, shipped().rules, shipped().signatures, progress);
  EXPECT_TRUE(scan);
  return scan ? told(scan->incidents) : std::vector<std::string>();
}

std::vector<std::string> logs_in(const fs::path& folder) {
  std::vector<std::string> logs;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    // Of the same lines in several encodings one is enough.
    if (!name.ends_with(".log") || name == "haproxy.trad.log" || name == "kernel.dmesg.log") continue;
    if (name == "nginx-access.log" && fs::exists(folder / "nginx-access.json.log")) continue;
    logs.push_back(entry.path().string());
  }
  std::sort(logs.begin(), logs.end());
  return logs;
}

struct Line {
  std::string text;
  std::size_t log = 0;
  TimePoint at;
};

/// Every line of the story in the order in which they were written, as far as their times tell.
std::vector<Line> story_of(const std::vector<std::string>& logs) {
  std::vector<Line> story;
  for (std::size_t log = 0; log < logs.size(); ++log) {
    formats::LineReader reader({.source_name = logs[log]});
    formats::ReadLine read;
    TimePoint at{};
    const auto begin = story.size();
    for (auto& text : lines_of(logs[log])) {
      reader.read(text, read);
      at = std::max(at, read.time.value_or(at));
      story.push_back({std::move(text), log, at});
    }
    // What stands above the first time was written then; output without any time, at the end.
    const auto first = std::find_if(story.begin() + static_cast<std::ptrdiff_t>(begin), story.end(),
                                    [](const Line& line) { return line.at != TimePoint{}; });
    for (auto line = story.begin() + static_cast<std::ptrdiff_t>(begin); line != first; ++line) {
      line->at = first == story.end() ? TimePoint::max() : first->at;
    }
  }
  std::stable_sort(story.begin(), story.end(), [](const Line& a, const Line& b) { return a.at < b.at; });
  TimePoint latest{};
  for (auto& line : story) {
    if (line.at == TimePoint::max()) line.at = latest;
    latest = line.at;
  }
  return story;
}

/// A daemon that reads each line when its clock says `now_of(line)`.
template <typename NowOf>
std::vector<std::string> followed(const std::vector<std::string>& logs, NowOf now_of) {
  std::vector<formats::LineReader> readers;
  for (const auto& log : logs) readers.emplace_back(formats::LineReaderOptions{.source_name = log});
  matcher::Matcher matcher(shipped().signatures);
  diagnosis::Diagnoser diagnoser(shipped().rules, {});
  std::map<std::string, Incident> latest;
  std::vector<std::uint64_t> offsets(logs.size());
  const auto take = [&] {
    for (auto& incident : diagnoser.take_changes()) {
      if (incident.merged_into.empty()) {
        latest.insert_or_assign(incident.id, incident);
      } else {
        latest.erase(incident.id);
      }
    }
  };
  TimePoint now{};
  for (const auto& line : story_of(logs)) {
    now = now_of(line.at);
    LineBatch batch;
    batch.source_name = logs[line.log];
    batch.observed_at = now;
    batch.bytes.reserve(line.text.size() + 64);
    batch.bytes = line.text;
    batch.lines.push_back({0, static_cast<std::uint32_t>(line.text.size()), offsets[line.log]});
    offsets[line.log] += line.text.size() + 1;
    diagnoser.on_findings(matcher.match(batch, readers[line.log]));
    diagnoser.advance_to(now);
    take();
  }
  diagnoser.advance_to(now + hours(24));
  take();
  std::vector<Incident> incidents;
  for (auto& [id, incident] : latest) incidents.push_back(std::move(incident));
  return told(incidents);
}

// Of the recorded stories those of several programs; one test for all of them, because each process compiles all rules.
class SameStory : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(corpus_folder())) GTEST_SKIP() << "NO RECORDED LOGS AT " << corpus_folder();
  }

  static std::vector<std::vector<std::string>> stories() {
    std::vector<std::vector<std::string>> all;
    for (const auto& entry : fs::directory_iterator(corpus_folder())) {
      const auto name = entry.path().filename().string();
      // Who follows logs live knows this machine's zone; scan guesses it from the neighbours.
      if (name.starts_with("chain-") && name.find("timezone") == std::string::npos)
        all.push_back(logs_in(entry.path()));
    }
    EXPECT_GE(all.size(), 15u);
    return all;
  }
};

TEST_F(SameStory, IsToldWhateverOrderItsFilesAreNamedIn) {
  for (auto paths : stories()) {
    const auto expected = scanned(paths);
    EXPECT_FALSE(expected.empty()) << paths.front();
    std::reverse(paths.begin(), paths.end());
    EXPECT_EQ(scanned(paths), expected) << paths.front();
  }
}

TEST_F(SameStory, IsToldWhenRotationHasCutItsLogsInTwo) {
  for (const auto& paths : stories()) {
    const TemporaryFolder whole, cut;
    std::vector<std::string> whole_paths, cut_paths;
    for (const auto& log : paths) {
      const auto name = fs::path(log).filename().string();
      const auto lines = lines_of(log);
      fs::copy_file(log, whole.path() / name);
      whole_paths.push_back((whole.path() / name).string());
      std::ofstream older(cut.path() / (name + ".1"), std::ios::binary), younger(cut.path() / name, std::ios::binary);
      for (std::size_t i = 0; i < lines.size(); ++i) (i < lines.size() / 2 ? older : younger) << lines[i] << '\n';
      cut_paths.push_back((cut.path() / name).string());
      cut_paths.push_back((cut.path() / (name + ".1")).string());
    }
    auto expected = scanned(whole_paths);
    for (auto& line : expected) {  // an entity may be the log itself
      const auto at = line.find(whole.path().string());
      if (at != std::string::npos) line.replace(at, whole.path().string().size(), cut.path().string());
    }
    EXPECT_EQ(scanned(cut_paths), expected) << paths.front();
  }
}

TEST_F(SameStory, IsToldToWhoFollowsItLive) {
  for (const auto& paths : stories()) {
    EXPECT_EQ(followed(paths, [](TimePoint at) { return at; }), scanned(paths)) << paths.front();
  }
}

TEST_F(SameStory, IsToldToWhoReadsItAThousandTimesAsFast) {
  for (const auto& paths : stories()) {
    std::optional<TimePoint> first;
    const auto faster = [&](TimePoint at) {
      first = first.value_or(at);
      return *first + (at - *first) / 1000;
    };
    EXPECT_EQ(followed(paths, faster), scanned(paths)) << paths.front();
  }
}

}  // namespace
}  // namespace triaged::scan

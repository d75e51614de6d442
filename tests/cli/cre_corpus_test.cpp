// The public CRE rules against their own logs: every test.log fires, every test-fp.log does not. The rules are data of
// another project and stand beside this repository: TRIAGED_CORPUS_KIT names their folder (../shared when it does not).
#include <cstdlib>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cre/cre_run.hpp"
#include "diagnosis/timed_matches.hpp"
#include "knowledge/dialects/jq_program.hpp"
#include "knowledge/dialects/load_rules.hpp"
#include "scan/story.hpp"

namespace triaged::cli {
namespace {

namespace fs = std::filesystem;

fs::path cre_folder() {
  const char* kit = std::getenv("TRIAGED_CORPUS_KIT");
  return (kit != nullptr ? fs::path(kit) : fs::path(TRIAGED_SOURCE_DIR) / ".." / "shared") / "data/cre/rules";
}

struct CreLog {
  fs::path rules, log;
  bool must_fire = true;
};

bool needs_jq(const fs::path& folder) { return folder.filename() == "cre-2025-0069"; }

class CreCorpus : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::is_directory(cre_folder())) {
      GTEST_SKIP() << "NOT RUN: there is no " << cre_folder() << "; TRIAGED_CORPUS_KIT names the folder above data/";
    }
    for (const auto& folder : fs::directory_iterator(cre_folder())) {
      if (!folder.is_directory()) continue;
      if (needs_jq(folder.path()) && !knowledge::JqProgram::is_available()) {
        std::cout << "NOT RUN: " << folder.path().filename() << ", this build has no jq\n";
        continue;
      }
      add(folder.path(), "test.log", true);
      add(folder.path(), "test-fp.log", false);
    }
  }

  void add(const fs::path& folder, const char* log, bool must_fire) {
    std::error_code failure;
    if (fs::file_size(folder / log, failure) == 0 || failure) return;
    logs.push_back({folder, folder / log, must_fire});
  }

  std::vector<CreLog> logs;
};

TEST_F(CreCorpus, HasTheVerdictsOfItsOwnEngineInParityMode) {
  std::vector<std::string> wrong;
  for (const auto& [rules, log, must_fire] : logs) {
    const auto loaded = knowledge::load_cre_rules({rules});
    EXPECT_FALSE(has_errors(loaded.problems)) << to_text(loaded.problems.front());
    const auto outcome = cre::run_cre(loaded.rules, {log.string()});
    if (outcome.incidents.size() != (must_fire ? 1 : 0)) wrong.push_back(log.string());
  }
  EXPECT_THAT(wrong, testing::IsEmpty());
  EXPECT_GE(logs.size(), knowledge::JqProgram::is_available() ? 363u : 362u);
}

bool fires(const CreLog& log) {
  const auto loaded = knowledge::load_rules({log.rules});
  const auto signatures = matcher::SignatureSet::compile_when_needed(loaded.rules, [](const Problem&) {});
  scan::ScanProgress progress;
  auto file = sources::FileScan::open(log.log);
  if (!file) return false;
  const formats::LineReaderOptions reading{.source_name = log.log.string()};
  std::vector<scan::LogFile> files;
  files.push_back({std::move(*file), {}});
  std::vector<std::unique_ptr<scan::FindingStream>> streams;
  streams.push_back(std::make_unique<scan::FindingStream>(std::move(files), signatures, reading, progress));
  scan::Story story(std::move(streams), 1);
  diagnosis::TimedMatches timed(*loaded.rules);
  std::vector<Symptom> fired;
  TimePoint latest{};
  while (auto finding = story.next()) {
    if (std::holds_alternative<Symptom>(*finding)) return true;
    auto& line = matched_line(*finding);
    if (line.at == TimePoint::max()) line.at = latest;  // plain output without any time
    latest = line.at;
    if (const auto* term_line = std::get_if<TermLine>(&*finding)) timed.on_line(*term_line, fired);
    if (const auto* count = std::get_if<TermCount>(&*finding)) timed.on_count(*count, fired);
  }
  timed.advance_to(TimePoint::max(), fired);
  return !fired.empty();
}

TEST_F(CreCorpus, FiresInTriagedsOwnMatchingToo) {
  const std::vector<std::string> silent = {
      // The engine joins lines without a time to the entry before them; triaged never looks across a line end.
      "cre-2025-0029", "cre-2025-0031", "cre-2025-0043", "cre-2025-0061", "cre-2025-0120", "cre-2025-0918",
      // JSON of no known format: nobody knows which of it a client wrote.
      "cre-2025-0044", "cre-2025-0118",
      // Every access line stands within reach of an error record that holds a name of the client's choice, and the log
      // shows none elsewhere: a client could have written them.
      "cre-2025-0075"};
  std::vector<std::string> wrong;
  for (const auto& log : logs) {
    if (fires(log) != log.must_fire) wrong.push_back(log.rules.filename().string());
  }
  EXPECT_THAT(wrong, testing::UnorderedElementsAreArray(silent));
}

}  // namespace
}  // namespace triaged::cli

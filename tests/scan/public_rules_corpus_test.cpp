// Public rules are general knowledge of others: with the scope that they have unless somebody asks for more, thousands
// of them must say nothing about recorded logs of healthy servers.
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knowledge/dialects/load_rules.hpp"
#include "scan/story_scan.hpp"
#include "tests/support/public_data.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::scan {
namespace {

namespace fs = std::filesystem;

bool is_healthy(const fs::path& recorded) {
  std::ifstream label(recorded / "label.yaml");
  for (std::string line; std::getline(label, line);) {
    if (line.starts_with("root_cause: none")) return true;
  }
  return false;
}

/// The logs of one recording; where the same lines stand there in two encodings, the first or the second of them.
std::vector<std::string> logs_of(const fs::path& recorded, bool second_encoding) {
  const std::pair<const char*, const char*> encodings[] = {{"nginx-access.log", "nginx-access.json.log"},
                                                           {"haproxy.log", "haproxy.trad.log"},
                                                           {"kernel.log", "kernel.dmesg.log"}};
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(recorded)) {
    const auto name = entry.path().filename().string();
    if (name != "label.yaml" && !name.ends_with(".raw") && entry.file_size() > 0) names.insert(name);
  }
  for (const auto& [first, second] : encodings) {
    if (names.contains(first) && names.contains(second)) names.erase(second_encoding ? first : second);
  }
  std::vector<std::string> logs;
  for (const auto& name : names) logs.push_back(recorded / name);
  return logs;
}

class PublicRulesCorpus : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT(canons_folder());
    SKIP_WITHOUT(cre_folder);
    SKIP_WITHOUT(corpus_folder());
  }

  /// "neg-nginx-healthy: warning …" for every incident in every recording of a healthy server.
  std::vector<std::string> alarms_of(const std::vector<fs::path>& packs) {
    auto loaded = knowledge::load_rules(packs);
    const auto signatures =
        matcher::SignatureSet::compile_when_needed(loaded.rules, [](const Problem&) {}, {.cache = cache.path()});
    std::vector<std::string> alarms;
    for (const auto& entry : fs::directory_iterator(corpus_folder())) {
      if (!entry.is_directory() || !is_healthy(entry.path())) continue;
      ++recordings;
      for (const bool second_encoding : {false, true}) {
        ScanProgress progress;
        const auto scan =
            scan_story({.paths = logs_of(entry.path(), second_encoding)}, loaded.rules, signatures, progress);
        if (!scan) ADD_FAILURE() << entry.path();
        for (const auto& incident : scan ? scan->incidents : std::vector<Incident>()) {
          if (incident.severity == Severity::info) continue;
          alarms.push_back(entry.path().filename().string() + ": " + incident.rules.front() + " " + incident.title);
        }
      }
    }
    return alarms;
  }

  const fs::path cre_folder = shared_folder() / "data" / "cre" / "rules";
  TemporaryFolder cache;
  std::size_t recordings = 0;
};

TEST_F(PublicRulesCorpus, SayNothingAboutHealthyServers) {
  EXPECT_THAT(alarms_of({canons_folder(), cre_folder}), testing::IsEmpty());
  EXPECT_GE(recordings, 10u);
}

TEST_F(PublicRulesCorpus, SayNothingBesideTheProductsOwnRules) {
  EXPECT_THAT(alarms_of({fs::path(TRIAGED_SOURCE_DIR) / "rules", canons_folder(), cre_folder}), testing::IsEmpty());
}

}  // namespace
}  // namespace triaged::scan

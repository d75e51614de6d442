#include "knowledge/dialects/rule_cache.hpp"

#include <chrono>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "knowledge/faces/render_rule.hpp"
#include "knowledge/model/rule_bytes.hpp"
#include "tests/support/public_data.hpp"
#include "tests/support/rule_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::knowledge {
namespace {

constexpr const char* record =
    R"({"id": "go/x/go1", "error": {"signature": "deadlock", "regex": "goroutines asleep", "domain": "go"},
        "environment": {"runtime": {"name": "go", "version_range": ">=1.21"}, "os": "linux"},
        "verdict": {"summary": "s", "confidence": 0.7, "fix_success_rate": 0.5}, "metadata": {"page_views": 3},
        "dead_ends": [{"action": "a", "why_fails": "b", "fail_rate": 0.25, "sources": ["https://go.dev"]}],
        "transition_graph": {"leads_to": [{"error_id": "go/y/go1", "probability": 0.5, "condition": "c"}]}})";

class RuleCacheTest : public RuleFileTest {
 protected:
  /// A file that was written a while ago.
  void write(const std::string& name, std::string_view text) {
    std::ofstream(folder.path() / name) << text;
    const auto now = std::filesystem::file_time_type::clock::now();
    std::filesystem::last_write_time(folder.path() / name, now - std::chrono::seconds(10));
  }
  LoadedRules load() { return load_rules({folder.path() / "rules"}, {.scope = {}, .cache = folder.path() / "cache"}); }
  std::string title() { return load().rules->rules().at(0).title.english; }

  TemporaryFolder folder;
};

TEST_F(RuleCacheTest, GivesBackTheWholeRule) {
  const auto rule = read_one(record, "a.json");
  RulesOfFile file;
  ASSERT_TRUE(from_bytes(to_bytes({{rule}, {}}), file));
  EXPECT_EQ(to_bytes(file), to_bytes({{rule}, {}}));
  const auto& again = file.rules.at(0);
  EXPECT_EQ(again.matches[0].regex, "goroutines asleep");
  EXPECT_EQ(again.matches[0].formats, rule.matches[0].formats);
  EXPECT_EQ(again.dead_ends[0].sources, rule.dead_ends[0].sources);
  EXPECT_EQ(again.leads_to[0].probability, 0.5);
  EXPECT_EQ(again.record->page_views, 3u);
  EXPECT_EQ(again.place.line, 1u);
}

TEST_F(RuleCacheTest, TakesNoBytesThatAreCutShort) {
  const auto bytes = to_bytes({{read_one(record, "a.json")}, {}});
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    RulesOfFile file;
    EXPECT_FALSE(from_bytes(std::string_view(bytes).substr(0, length), file)) << length;
  }
}

TEST_F(RuleCacheTest, IsReadInsteadOfFilesThatHaveNotChanged) {
  std::filesystem::create_directory(folder.path() / "rules");
  write("rules/a.json", record);
  EXPECT_EQ(title(), "deadlock");
  const RuleCache cache(folder.path() / "cache" / "rules");
  const auto path = folder.path() / "rules" / "a.json";
  ASSERT_TRUE(cache.find(path, *stamp_of(path)).has_value());
  EXPECT_EQ(title(), "deadlock");
}

TEST_F(RuleCacheTest, IsNotReadForAFileThatHasChanged) {
  std::filesystem::create_directory(folder.path() / "rules");
  write("rules/a.json", record);
  EXPECT_EQ(title(), "deadlock");
  auto changed = std::string(record);
  changed.replace(changed.find("deadlock"), 8, "livelock");
  write("rules/a.json", changed);
  EXPECT_EQ(title(), "livelock");
}

TEST_F(RuleCacheTest, KeepsNoFileThatIsBeingWritten) {
  std::filesystem::create_directory(folder.path() / "rules");
  const auto path = folder.path() / "rules" / "a.json";
  write("rules/a.json", record);
  const auto soon = std::filesystem::file_time_type::clock::now() + std::chrono::hours(1);
  std::filesystem::last_write_time(path, soon);
  EXPECT_EQ(title(), "deadlock");
  EXPECT_FALSE(RuleCache(folder.path() / "cache" / "rules").find(path, *stamp_of(path)).has_value());
}

TEST_F(RuleCacheTest, TellsProblemsEveryTime) {
  std::filesystem::create_directory(folder.path() / "rules");
  write("rules/a.json", R"({"id": "go/x/go1", "odd": 1, "error": {"signature": "deadlock found"}, "verdict": {}})");
  EXPECT_EQ(load().problems.size(), 1u);
  EXPECT_EQ(load().problems.size(), 1u);
}

TEST_F(RuleCacheTest, IsMadeAnewWhenItIsBroken) {
  std::filesystem::create_directory(folder.path() / "rules");
  write("rules/a.json", record);
  EXPECT_EQ(title(), "deadlock");
  const auto file = folder.path() / "cache" / "rules";
  const auto size = std::filesystem::file_size(file);
  for (const auto at : {std::uintmax_t{0}, size / 2, size - 1}) {
    std::fstream(file, std::ios::binary | std::ios::in | std::ios::out).seekp(static_cast<std::streamoff>(at))
        << '\x7f';
    EXPECT_EQ(title(), "deadlock") << at;
  }
  std::filesystem::resize_file(file, size / 3);
  EXPECT_EQ(title(), "deadlock");
}

/// What a rule says, in the one face that shows nearly all of it, and where.
std::string described(const Rule& rule) {
  return fmt::format("{}:{}:{}\n{}", rule.place.file, rule.place.line, rule.place.column, to_json(rule));
}

TEST_F(RuleCacheTest, HoldsEveryShippedRule) {
  const auto rules = std::filesystem::path(TRIAGED_SOURCE_DIR) / "rules";
  const auto read = load_rules({rules}, {.scope = {}, .cache = folder.path()});
  const auto cached = load_rules({rules}, {.scope = {}, .cache = folder.path()});
  ASSERT_GT(read.rules->rules().size(), 100u);
  ASSERT_EQ(cached.rules->rules().size(), read.rules->rules().size());
  EXPECT_EQ(cached.files, read.files);
  for (std::size_t i = 0; i < read.rules->rules().size(); ++i) {
    EXPECT_EQ(described(cached.rules->rules()[i]), described(read.rules->rules()[i]));
  }
  EXPECT_EQ(to_bytes({cached.rules->rules(), {}}), to_bytes({read.rules->rules(), {}}));
}

TEST_F(RuleCacheTest, HoldsEveryPublicRule) {
  SKIP_WITHOUT(canons_folder());
  const auto loaded = load_rules({canons_folder(), shared_folder() / "data" / "cre"});
  const auto bytes = to_bytes({loaded.rules->rules(), loaded.problems});
  RulesOfFile again;
  ASSERT_TRUE(from_bytes(bytes, again));
  ASSERT_EQ(again.rules.size(), loaded.rules->rules().size());
  for (std::size_t i = 0; i < again.rules.size(); ++i) {
    EXPECT_EQ(described(again.rules[i]), described(loaded.rules->rules()[i]));
  }
  EXPECT_EQ(again.problems, loaded.problems);
  EXPECT_EQ(to_bytes(again), bytes);
}

}  // namespace
}  // namespace triaged::knowledge

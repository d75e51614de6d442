#include "matcher/database_cache.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace triaged::matcher {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DatabaseCacheTest : public testing::Test {
 protected:
  static HyperscanPattern pattern(std::string text, unsigned id) {
    return {std::move(text), HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY, id};
  }
  std::vector<unsigned> hits(const CompiledPatterns& compiled, std::string_view text) {
    HyperscanScratch scratch;
    grow_scratch(scratch, compiled.database.get());
    std::vector<unsigned> ids;
    scan(compiled.database.get(), text, scratch.get(), ids);
    return ids;
  }
  [[nodiscard]] std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder.path())) found.push_back(entry.path());
    return found;
  }
  void overwrite(const fs::path& file, std::string_view bytes, std::size_t at) {
    std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
    stream.seekp(static_cast<std::streamoff>(at));
    stream << bytes;
  }

  TemporaryFolder folder;
  std::vector<std::string> reports;
  DatabaseCache cache{folder.path(), [&](const Problem& problem) { reports.push_back(problem.message); }};
  std::vector<HyperscanPattern> patterns = {pattern("refused", 0), pattern("timed out", 1), pattern("(?!x)", 2)};
};

TEST_F(DatabaseCacheTest, GivesBackWhatWasKept) {
  EXPECT_FALSE(cache.find(patterns).has_value());
  const auto compiled = compile_patterns(patterns);
  cache.keep(patterns, compiled);
  EXPECT_TRUE(cache.has(patterns));
  const auto found = cache.find(patterns);
  ASSERT_TRUE(found.has_value());
  EXPECT_THAT(hits(*found, "connection refused, upstream timed out"), ElementsAre(0u, 1u));
  EXPECT_EQ(found->shortest, compiled.shortest);
  ASSERT_EQ(found->refused.size(), 1u);
  EXPECT_EQ(found->refused[0].index, 2u);
  EXPECT_EQ(found->refused[0].reason, compiled.refused[0].reason);
  EXPECT_THAT(reports, IsEmpty());
}

TEST_F(DatabaseCacheTest, KeepsNothingForOtherPatternsOrFlags) {
  cache.keep(patterns, compile_patterns(patterns));
  auto others = patterns;
  others[0].text = "Refused";
  EXPECT_FALSE(cache.has(others));
  others = patterns;
  others[0].flags |= HS_FLAG_CASELESS;
  EXPECT_FALSE(cache.has(others));
}

TEST_F(DatabaseCacheTest, ReportsABrokenFileAndCompilesAnew) {
  cache.keep(patterns, compile_patterns(patterns));
  const auto file = files().front();
  const auto size = fs::file_size(file);
  for (const std::size_t at : {std::size_t{0}, std::size_t{10}, std::size_t{30}, size / 2, size - 1}) {
    cache.keep(patterns, compile_patterns(patterns));
    overwrite(file, "\x7f", at);
    reports.clear();
    EXPECT_FALSE(cache.find(patterns).has_value()) << at;
    EXPECT_THAT(reports, ElementsAre(HasSubstr("broken; its patterns are compiled anew"))) << at;
    EXPECT_FALSE(cache.has(patterns)) << at;
  }
}

TEST_F(DatabaseCacheTest, ReportsAFileThatIsCutShort) {
  for (const std::size_t length : {0u, 5u, 20u, 100u}) {
    cache.keep(patterns, compile_patterns(patterns));
    fs::resize_file(files().front(), length);
    EXPECT_FALSE(cache.find(patterns).has_value()) << length;
  }
  EXPECT_EQ(reports.size(), 4u);
}

TEST_F(DatabaseCacheTest, SaysWhenNothingCanBeKept) {
  std::ofstream(folder.path() / "file") << "x";
  const DatabaseCache blocked(folder.path() / "file" / "cache",
                              [&](const Problem& problem) { reports.push_back(problem.message); });
  blocked.keep(patterns, compile_patterns(patterns));
  EXPECT_THAT(reports, ElementsAre("the pattern database cannot be cached (Not a directory); the next start compiles "
                                   "its patterns again"));
}

TEST_F(DatabaseCacheTest, LeavesNoTemporaryFileBehind) {
  cache.keep(patterns, compile_patterns(patterns));
  cache.keep(patterns, compile_patterns(patterns));
  ASSERT_EQ(files().size(), 1u);
  EXPECT_EQ(files().front().extension(), ".hsdb");
}

TEST_F(DatabaseCacheTest, RemovesWhatProcessesThatWereKilledHaveLeft) {
  for (const auto* name : {"a.hsdb.1.new", "b.hsdb.2.new"}) std::ofstream(folder.path() / name) << "half";
  const auto two_hours_ago = fs::file_time_type::clock::now() - std::chrono::hours(2);
  fs::last_write_time(folder.path() / "a.hsdb.1.new", two_hours_ago);
  cache.keep(patterns, compile_patterns(patterns));
  EXPECT_FALSE(fs::exists(folder.path() / "a.hsdb.1.new"));
  EXPECT_TRUE(fs::exists(folder.path() / "b.hsdb.2.new")) << "somebody may be writing it";
}

TEST_F(DatabaseCacheTest, IsBounded) {
  for (int i = 0; i < 70; ++i) {
    const std::vector<HyperscanPattern> one = {pattern("pattern" + std::to_string(i), 0)};
    cache.keep(one, compile_patterns(one));
  }
  EXPECT_EQ(files().size(), 64u);
}

TEST_F(DatabaseCacheTest, IsNoCacheWithoutAFolder) {
  const DatabaseCache none({}, [&](const Problem& problem) { reports.push_back(problem.message); });
  none.keep(patterns, compile_patterns(patterns));
  EXPECT_FALSE(none.has(patterns));
  EXPECT_FALSE(none.find(patterns).has_value());
  EXPECT_THAT(reports, IsEmpty());
}

}  // namespace
}  // namespace triaged::matcher

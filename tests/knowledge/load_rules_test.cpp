#include "knowledge/dialects/load_rules.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/rule_file.hpp"

namespace triaged::knowledge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

class LoadRules : public testing::Test {
 protected:
  LoadRules() : folder_(fs::path(testing::TempDir()) / ("rules_" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~LoadRules() override { fs::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  void write_rule(const std::string& name, const std::string& id, std::string_view more = "") {
    write(name, "id: " + id + "\ntitle: X\nroot_cause: Y\nmatch: {regex: no live upstreams}\n" + std::string(more));
  }
  void load() { loaded_ = load_rules({folder_}); }

  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const auto& rule : loaded_.rules->rules()) ids.push_back(rule.id);
    return ids;
  }
  /// The complaints, with the name of the test's folder left out.
  std::vector<std::string> complaints() const {
    auto texts = texts_of(loaded_.problems);
    for (auto& text : texts) {
      for (auto at = text.find(folder_.string()); at != std::string::npos; at = text.find(folder_.string())) {
        text.replace(at, folder_.string().size(), "");
      }
    }
    return texts;
  }

  fs::path folder_;
  LoadedRules loaded_;
};

TEST_F(LoadRules, ReadsAFolderAndItsFoldersInNameOrder) {
  write_rule("b.yaml", "nginx/b");
  write_rule("a/z.yml", "nginx/z");
  write("c.json", R"({"id": "api/c", "signature": "502 Bad Gateway", "root_cause": "Y"})");
  write("notes.txt", "not a rule");
  load();
  EXPECT_THAT(ids(), ElementsAre("nginx/z", "nginx/b", "api/c"));
  EXPECT_THAT(complaints(), IsEmpty());
  EXPECT_EQ(loaded_.files, 3u);
}

TEST_F(LoadRules, ReadsAFileThatIsNamedItselfWhateverItsName) {
  write_rule("rules.conf", "nginx/a");
  loaded_ = load_rules({folder_ / "rules.conf"});
  EXPECT_THAT(ids(), ElementsAre("nginx/a"));
}

TEST_F(LoadRules, ReadsAFileOnceHoweverItIsReached) {
  write_rule("a.yaml", "nginx/a");
  loaded_ = load_rules({folder_, folder_ / "a.yaml", folder_ / "." / "a.yaml"});
  EXPECT_THAT(ids(), ElementsAre("nginx/a"));
  EXPECT_THAT(complaints(), IsEmpty());
}

TEST_F(LoadRules, FollowsLinksToFilesAndLeavesHiddenFoldersAlone) {
  // As Kubernetes mounts a ConfigMap: a.yaml -> ..data/a.yaml, ..data -> ..2026_11_21.
  write_rule("..2026_11_21/a.yaml", "nginx/a");
  fs::create_directory_symlink("..2026_11_21", folder_ / "..data");
  fs::create_symlink("..data/a.yaml", folder_ / "a.yaml");
  load();
  EXPECT_THAT(ids(), ElementsAre("nginx/a"));
  EXPECT_THAT(complaints(), IsEmpty());
}

TEST_F(LoadRules, DoesNotGoRoundInCircles) {
  write_rule("a/a.yaml", "nginx/a");
  fs::create_directory_symlink("..", folder_ / "a" / "up");
  load();
  EXPECT_THAT(ids(), ElementsAre("nginx/a"));
}

TEST_F(LoadRules, ComplainsOfAPathThatDoesNotExist) {
  loaded_ = load_rules({folder_ / "absent"});
  EXPECT_THAT(complaints(), ElementsAre("/absent: error: /absent does not exist"));
  EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(LoadRules, ComplainsOfALinkThatLeadsNowhere) {
  fs::create_symlink("gone.yaml", folder_ / "a.yaml");
  load();
  EXPECT_THAT(complaints(), ElementsAre("/a.yaml: error: /a.yaml does not exist"));
}

TEST_F(LoadRules, DoesNotWaitForAPipe) {
  ASSERT_EQ(::mkfifo((folder_ / "a.yaml").c_str(), 0600), 0);
  load();
  EXPECT_THAT(complaints(), ElementsAre("/a.yaml: error: /a.yaml is neither a file nor a folder"));
}

TEST_F(LoadRules, TakesNothingFromAFileWithAnErrorAndEverythingFromTheOthers) {
  write("a.yaml", "- {id: nginx/a, title: A, root_cause: Y, match: {regex: no live upstreams}}\n- {id: nginx/b}\n");
  write_rule("b.yaml", "nginx/c");
  load();
  EXPECT_THAT(ids(), ElementsAre("nginx/c"));
  EXPECT_TRUE(has_errors(loaded_.problems));
}

TEST_F(LoadRules, KeepsTheFirstOfTwoRulesWithOneId) {
  write_rule("a.yaml", "nginx/a");
  write("b.yaml", "\n- {id: nginx/a, title: B, root_cause: Y, match: {regex: no live upstreams}}\n");
  load();
  EXPECT_THAT(ids(), ElementsAre("nginx/a"));
  EXPECT_EQ(loaded_.rules->find("nginx/a")->title.english, "X");
  EXPECT_THAT(complaints(), ElementsAre("/b.yaml:2:3: error: rule id 'nginx/a' is already taken by /a.yaml:1:1"));
}

TEST_F(LoadRules, WarnsOfReferencesThatLeadNowhere) {
  write_rule(
      "a.yaml", "nginx/a",
      "transitions:\n  leads_to: [{rule: nginx/bb}]\n  confused_with: [{rule: nginx/b, distinction: x}]\n"
      "causes: [{id: upstream-down, text: x, supported_by: [{symptom: kernel/oom-kill}, {probe: listening}]}]\n");
  write_rule("b.yaml", "nginx/b");
  load();
  EXPECT_THAT(complaints(),
              ElementsAre("/a.yaml:6:14: warning: transition names rule 'nginx/bb', which is not loaded; did you mean "
                          "'nginx/b'?",
                          "/a.yaml:8:54: warning: evidence names rule 'kernel/oom-kill', which is not loaded"));
  EXPECT_FALSE(has_errors(loaded_.problems));
}

TEST_F(LoadRules, RecognisesDialectsByTheirShape) {
  write("a.json",
        "{\"id\": \"nginx/a\", \"title\": \"A\", \"root_cause\": \"Y\", \"match\": {\"regex\": \"upstreams\"}}");
  write("b.yaml", "id: api/b\nsignature: '502 Bad Gateway'\nroot_cause: Y\n");
  write("c.json", R"({"id": "x/y/z", "error": {"signature": "x"}, "environment": {}, "verdict": {}})");
  load();
  EXPECT_THAT(complaints(), IsEmpty());
  ASSERT_THAT(ids(), ElementsAre("nginx/a", "api/b", "x/y/z"));
  EXPECT_EQ(loaded_.rules->rules()[2].dialect, Dialect::deadends_json);
  EXPECT_EQ(loaded_.rules->rules()[0].dialect, Dialect::triaged_yaml);
  EXPECT_EQ(loaded_.rules->rules()[1].dialect, Dialect::errorcanon_json);
}

TEST_F(LoadRules, WarnsOfAFileWithoutARule) {
  write("a.yaml", "# nothing here\n");
  write("b.json", "\n");
  load();
  EXPECT_THAT(complaints(),
              ElementsAre("/a.yaml: warning: the file holds no rule", "/b.json: warning: the file holds no rule"));
}

TEST_F(LoadRules, ComplainsOfFilesThatAreNotRulesAtAll) {
  write("a.yaml", "just text\n");
  write("b.json", "{\"id\": \n");
  load();
  EXPECT_THAT(complaints(),
              ElementsAre("/a.yaml:1:1: error: a rule must be a map",
                          HasSubstr("/b.json:2:1: error: not valid JSON: the file ends before its last '}' or ']'")));
}

TEST_F(LoadRules, OnlyWarnsOfListsThatStandBesideRules) {
  write("tags.yaml", "metadata: {kind: tags, gen: 1}\ntags: [{name: aws, displayName: AWS}]\n");
  write_rule("a.yaml", "nginx/a");
  load();
  EXPECT_THAT(complaints(),
              ElementsAre("/tags.yaml:1:1: warning: this is no rule: it has neither 'id' nor 'title' nor 'match'"));
  EXPECT_THAT(ids(), ElementsAre("nginx/a"));
}

TEST_F(LoadRules, SortsComplaintsByTheirPlace) {
  write_rule("a.yaml", "nginx/a", "zeal: 1\nseverity: bad\n");
  load();
  ASSERT_EQ(loaded_.problems.size(), 2u);
  EXPECT_EQ(loaded_.problems[0].line, 5u);
  EXPECT_EQ(loaded_.problems[1].line, 6u);
}

TEST(ShippedRules, AreFoundWithoutAnError) {
  const auto loaded = load_rules({fs::path(TRIAGED_SOURCE_DIR) / "rules"});
  for (const auto& problem : loaded.problems) EXPECT_EQ(problem.level, ProblemLevel::warning) << to_text(problem);
  EXPECT_NE(loaded.rules->find("api/http-502-bad-gateway-upstream-unreachable"), nullptr);
}

}  // namespace
}  // namespace triaged::knowledge

#include "config/loaded.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace triaged::config {
namespace {

namespace fs = std::filesystem;

class LoadingAConfiguration : public testing::Test {
 protected:
  [[nodiscard]] fs::path file() const { return folder_.path() / "triaged.yaml"; }

  [[nodiscard]] std::string problems() const {
    const auto answer = load(file(), Strictness::strict);
    EXPECT_FALSE(answer.loaded.has_value());
    std::string all;
    for (const auto& problem : answer.problems) {
      if (problem.level == ProblemLevel::error) all += to_text(problem) + "\n";
    }
    return all;
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(LoadingAConfiguration, SaysThatItsNameLeadsInACircle) {
  fs::create_symlink(file(), file());
  EXPECT_EQ(problems(),
            file().string() + ": error: cannot read the configuration: Too many levels of symbolic links\n");
}

TEST_F(LoadingAConfiguration, SaysThatItIsEmpty) {
  std::ofstream(file()).flush();
  EXPECT_EQ(problems(), file().string() + ": error: the configuration is empty\n");
}

TEST_F(LoadingAConfiguration, SaysThatItIsAFolder) {
  fs::create_directory(file());
  EXPECT_EQ(problems(), file().string() + ": error: cannot read the configuration: it is a folder\n");
}

TEST_F(LoadingAConfiguration, SaysWhichLineNamesRulesThatAreNotThereAndNotTheirPath) {
  std::ofstream(file()) << "rules:\n  - /nowhere/hunter2\n";
  EXPECT_EQ(problems(), file().string() + ":2:5: error: no file or folder of rules can be found at this path\n");
}

TEST_F(LoadingAConfiguration, HasALimit) {
  std::ofstream(file()) << std::string(largest_configuration + 10, '#');
  EXPECT_EQ(problems(), file().string() +
                            ": error: cannot read the configuration: it has 1048586 bytes, and the limit is 1048576\n");
}

TEST_F(LoadingAConfiguration, IsNotTakenForAMistakeWhenItIsStopped) {
  std::ofstream(file()) << "rules: [" TRIAGED_SOURCE_DIR "/rules/gunicorn]\n";
  std::stop_source stop;
  stop.request_stop();
  const auto answer = load(file(), Strictness::strict, {.stop = stop.get_token()});
  EXPECT_TRUE(answer.was_stopped);
  EXPECT_FALSE(answer.loaded);
}

}  // namespace
}  // namespace triaged::config

#include "base/replace_file.hpp"

#include <fstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/read_file.hpp"
#include "tests/support/few_descriptors.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::inline base {
namespace {

namespace fs = std::filesystem;

class ReplaceFile : public testing::Test {
 protected:
  [[nodiscard]] std::string text() const { return must(read_plain_file(path_, 10'000'000)).text; }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_.parent_path()), {}));
  }

  TemporaryFolder folder_;
  const fs::path path_ = folder_.path() / "made" / "when needed" / "file";
};

TEST_F(ReplaceFile, MakesTheFolderAndTheFileAndReplacesIt) {
  must(replace_file(path_, std::string("a\0\n", 3)));
  EXPECT_EQ(text(), std::string("a\0\n", 3));
  must(replace_file(path_, ""));
  EXPECT_EQ(text(), "");
  EXPECT_EQ(files(), 1U);
}

TEST_F(ReplaceFile, LeavesOneWholeFileWhenSeveralWriteAtOnce) {
  {
    std::vector<std::jthread> writers;
    for (const char letter : {'a', 'b', 'c', 'd'}) {
      writers.emplace_back([&, letter] {
        for (int i = 0; i < 50; ++i) must(replace_file(path_, std::string(100'000, letter)));
      });
    }
  }
  EXPECT_EQ(text(), std::string(100'000, text()[0]));
  EXPECT_EQ(files(), 1U);
}

TEST_F(ReplaceFile, SaysWhyItCannotAndLeavesNothing) {
  must(replace_file(path_, "old"));
  {
    const FewDescriptors none(0);
    EXPECT_EQ(replace_file(path_, "new").error().message, "Too many open files");
  }
  EXPECT_EQ(replace_file(path_ / "below", "new").error().message, "Not a directory");
  EXPECT_EQ(replace_file(path_.parent_path(), "new").error().message, "Is a directory");
  EXPECT_EQ(text(), "old");
  EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace triaged::inline base

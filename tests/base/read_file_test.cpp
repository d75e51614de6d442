#include "base/read_file.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/descriptor.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::inline base {
namespace {

class ReadPlainFile : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& text) const {
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }

  static std::string refusal_of(const std::filesystem::path& path) {
    return read_plain_file(path, 100).error().message;
  }

  TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "file";
};

TEST_F(ReadPlainFile, GivesAllBytesWhateverTheyAre) {
  const std::string text("a\0\xff\r\n", 5);
  EXPECT_EQ(must(read_plain_file(write(text), 5)).text, text);
  EXPECT_FALSE(must(read_plain_file(path_, 5)).is_cut);
  EXPECT_EQ(must(read_plain_file(write(""), 5)).text, "");
  EXPECT_FALSE(must(read_plain_file(path_, 0)).is_cut);
}

TEST_F(ReadPlainFile, CutsWhatIsLongerThanAskedFor) {
  for (const std::size_t most : {0U, 1U, 16'383U, 16'384U, 50'000U}) {
    const auto read = must(read_plain_file(write(std::string(50'001, 'x')), most));
    EXPECT_EQ(read.text, std::string(most, 'x'));
    EXPECT_TRUE(read.is_cut);
  }
}

TEST_F(ReadPlainFile, ReadsFilesThatDoNotKnowTheirLength) {
  EXPECT_NE(must(read_plain_file("/proc/self/status", 1'000'000)).text.find("Name:"), std::string::npos);
}

TEST_F(ReadPlainFile, SaysWhyItCannot) {
  EXPECT_EQ(refusal_of(path_), "No such file or directory");
  EXPECT_EQ(refusal_of(write("") / "below"), "Not a directory");
  EXPECT_EQ(refusal_of(folder_.path()), "it is no plain file");
}

TEST_F(ReadPlainFile, NeverWaitsForAPipeNorTakesASocketForAFile) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(refusal_of(path_), "it is no plain file");
  std::filesystem::remove(path_);
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(refusal_of(path_), "it is no plain file");
}

}  // namespace
}  // namespace triaged::inline base

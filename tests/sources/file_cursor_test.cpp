#include "sources/file/file_cursor.hpp"

#include <gtest/gtest.h>

namespace triaged::sources {
namespace {

/// As triaged committed it on 30 November 2026 for a file of two lines, the second one unterminated and emitted.
constexpr std::string_view committed =
    R"({"files":[{"path":"/tmp/wt/error.log","device":65024,"inode":9979513,"born":1796029397241501622,)"
    R"("head":"a04e18f1c077a06d","head_length":103,"offset":46,"before":"995217359ac6af98","before_length":46,)"
    R"("head_hashes":"de22a9a8","told":57,"modified":1796029397241501622}],"base":"/tmp/wt/error.log",)"
    R"("folder_changed":1796029408688215038})";

TEST(FileCursor, KnowsHowMuchOfAnUnterminatedLineAnEarlierRunEmitted) {
  const auto cursor = read_state(committed);
  ASSERT_TRUE(cursor.has_value());
  ASSERT_EQ(cursor->files.size(), 1U);
  EXPECT_EQ(cursor->files[0].offset, 46U);
  EXPECT_EQ(cursor->files[0].already_emitted, 57U);
  EXPECT_EQ(cursor->files[0].reach(), 103U);
}

TEST(FileCursor, IsWrittenAsEarlierVersionsReadIt) {
  const auto cursor = read_state(committed);
  ASSERT_TRUE(cursor.has_value());
  EXPECT_EQ(to_state(*cursor), committed);
}

}  // namespace
}  // namespace triaged::sources

// What follows a batch goes with it, however its file is read.
#include <gmock/gmock.h>

#include "sources/file_scan.hpp"
#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;

class WhatFollowsABatch : public FollowedFolder {
 protected:
  /// So many lines that they make several batches.
  WhatFollowsABatch() {
    for (int i = 0; i < 2000; ++i) text += "line " + std::to_string(i) + " of a log that is longer than a batch\n";
    options.batch_bytes = options.longest_line = 5000;
  }

  void expect_ahead(const LineBatch& batch) {
    end += batch.bytes.size();
    EXPECT_EQ(batch.ahead, text.substr(end, batch.ahead.size()));
    EXPECT_EQ(batch.ahead.size(), std::min(text.size() - end, look_ahead_bytes)) << "behind byte " << end;
    ++batches;
  }

  std::string text;
  std::size_t end = 0, batches = 0;
};

TEST_F(WhatFollowsABatch, GoesWithItWhenAFileIsFollowed) {
  append("error.log", text);
  start();
  while (const auto batch = next()) expect_ahead(*batch);
  EXPECT_EQ(end, text.size());
  EXPECT_GT(batches, 10U);
}

TEST_F(WhatFollowsABatch, GoesWithItAsFarAsItIsThere) {
  append("error.log", "one\nhal");
  start();
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->ahead, "hal");
  append("error.log", "f\n");
  wait(1s);
  const auto rest = next();
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->ahead, "");
}

TEST_F(WhatFollowsABatch, GoesWithItWhenARotatedFileWasCompressed) {
  append("error.log", text.substr(0, 100));
  start();
  while (const auto batch = next()) end += batch->bytes.size();
  stop();
  append("error.log", text.substr(100));
  rename("error.log", "error.log.1");
  compress("error.log.1");
  append("error.log", "");
  start();
  while (const auto batch = next()) expect_ahead(*batch);
  EXPECT_EQ(end, text.size());
  EXPECT_GT(batches, 10U);
}

TEST_F(WhatFollowsABatch, GoesWithItInAScan) {
  append("error.log", text);
  const auto scan = must(FileScan::open(path("error.log"), {.batch_bytes = 5000, .longest_line = 5000}));
  while (const auto batch = must(scan->next())) expect_ahead(*batch);
  EXPECT_EQ(end, text.size());
  EXPECT_GT(batches, 10U);
}

}  // namespace
}  // namespace triaged::sources

#include "cli/progress_bar.hpp"

#include <gtest/gtest.h>

namespace triaged::cli {
namespace {

TEST(ProgressRow, ShowsShareRateAndRemainingTime) {
  EXPECT_EQ(progress_row(500'000'000, 1'000'000'000, 1.0, 78),
            "[===============>              ]  50%  500 MB/s  0:01 left");
}

TEST(ProgressRow, EstimatesMinutesAndHours) {
  EXPECT_EQ(progress_row(10'000'000'000, 100'000'000'000, 100.0, 78),
            "[===>                          ]  10%  100 MB/s  15:00 left");
  EXPECT_EQ(progress_row(1'000'000'000, 100'000'000'000, 100.0, 78),
            "[>                             ]   1%  10 MB/s  2:45:00 left");
}

TEST(ProgressRow, ShowsAFullBarAtTheEnd) {
  EXPECT_EQ(progress_row(1'000'000, 1'000'000, 2.0, 78), "[==============================] 100%  0 MB/s");
}

TEST(ProgressRow, ShowsAmountAndRateWhenTheTotalIsUnknown) {
  EXPECT_EQ(progress_row(3'000'000'000, 0, 2.0, 78), "3.0 GB  1.5 GB/s");
}

TEST(ProgressRow, FitsTheTerminal) { EXPECT_LE(progress_row(1, 2, 0.5, 20).size(), 20u); }

}  // namespace
}  // namespace triaged::cli

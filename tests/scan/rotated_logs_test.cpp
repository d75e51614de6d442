#include "scan/rotated_logs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triaged::scan {
namespace {

using testing::ElementsAre;

TEST(RotatedLogs, AreReadFromTheOldestPartToTheYoungest) {
  EXPECT_THAT(rotated_logs({"/l/error.log", "/l/error.log.1", "/l/error.log.10.gz", "/l/error.log.2.gz"}),
              ElementsAre(RotatedLog{"/l/error.log",
                                     {"/l/error.log.10.gz", "/l/error.log.2.gz", "/l/error.log.1", "/l/error.log"}}));
  EXPECT_THAT(
      rotated_logs({"/l/error.log-20261121", "/l/error.log", "/l/error.log-20261120.zst"}),
      ElementsAre(RotatedLog{"/l/error.log", {"/l/error.log-20261120.zst", "/l/error.log-20261121", "/l/error.log"}}));
}

TEST(RotatedLogs, BelongTogetherAlsoWhenTheYoungestIsNotThere) {
  EXPECT_THAT(rotated_logs({"/l/error.log.1", "/l/error.log.2.gz"}),
              ElementsAre(RotatedLog{"/l/error.log", {"/l/error.log.2.gz", "/l/error.log.1"}}));
}

TEST(RotatedLogs, StandAloneWhenTheirNamesSayNothing) {
  EXPECT_THAT(
      rotated_logs({"/l/error.log", "/l/access.log", "/m/error.log.1", "-", "/l/access.log"}),
      ElementsAre(RotatedLog{"-", {"-"}}, RotatedLog{"/l/access.log", {"/l/access.log"}},
                  RotatedLog{"/l/error.log", {"/l/error.log"}}, RotatedLog{"/m/error.log.1", {"/m/error.log.1"}}));
  EXPECT_THAT(rotated_logs({"/l/nginx-access.log", "/l/nginx-access.json.log"}), testing::SizeIs(2));
}

}  // namespace
}  // namespace triaged::scan

#include "scan/not_understood.hpp"

#include <ctime>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace triaged::scan {
namespace {

/// Some log of an application, as no format reads it.
LogReading reading(const std::string& name) {
  LogReading made{.name = name, .lines = 20, .plain_lines = 20};
  for (int i = 0; i < 20; ++i) {
    made.beginning += fmt::format(
        "2026-11-21 01:10:{:02},605 INFO shop.orders: order {} of customer {} was placed: 3 items, 2 parcels, paid\n",
        i, i, i * 7);
  }
  return made;
}

TEST(NotUnderstood, AreLogsOfWhichHardlyALineWasRecognised) {
  auto understood = reading("access.log"), found = reading("error.log"), blank = reading("blank.log");
  understood.plain_lines = 18;
  found.has_findings = true;
  blank.beginning = "\n \n";
  const auto logs = logs_not_understood({understood, reading("shop.log"), found, blank});
  ASSERT_EQ(logs.size(), 1U);
  EXPECT_EQ(to_text(logs[0], *formats::usual_redactor()),
            "0 of 20 lines of shop.log recognised: they look like no known format: \"2026-11-21 01:10:19,605 INFO "
            "shop.orders: order 19 of custom…\"");
}

TEST(NotUnderstood, CostHardlyAnythingUntilSomebodyAsksWhatTheyLookLike) {
  const std::vector<LogReading> readings(300, reading("shop.log"));
  const auto before = std::clock();
  EXPECT_EQ(logs_not_understood(readings).size(), 300U);
  const auto seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  EXPECT_LT(seconds, 15) << "comparing their lines with the formats took 0.1 to 0.6 s a log";
}

}  // namespace
}  // namespace triaged::scan

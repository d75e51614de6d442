#include "values/workaround_report.hpp"

#include <gtest/gtest.h>

#include "tests/support/must.hpp"
#include "tests/support/sample_incidents.hpp"

namespace triaged::inline values {
namespace {

WorkaroundReport worked() {
  return {.id = "9f2c61d07be4a8359f2c61d07be4a835",
          .at = samples::at("2026-11-21T01:20:00.5Z"),
          .incident = "01KAJ0Z5V0W5X9GQ3T7C2M4N6P",
          .rule = "kernel/oom-kill",
          .cause = "oom-kill",
          .workaround = "raise-limit",
          .has_worked = true};
}

std::string refusal(std::string_view json) {
  const auto reports = reports_from_json(json);
  return reports ? "" : reports.error().message;
}

/// The file of one report in which `from` is replaced.
std::string changed(std::string_view from, std::string_view to) {
  auto json = to_json(std::vector{worked()});
  return json.replace(json.find(from), from.size(), to);
}

TEST(WorkaroundReports, StandOneALine) {
  auto failed = worked();
  failed.id = "x";
  failed.has_worked = false;
  failed.is_withdrawn = true;
  EXPECT_EQ(
      to_json(std::vector{worked(), failed}),
      R"({"triaged_learnt":1,"reports":[
{"id":"9f2c61d07be4a8359f2c61d07be4a835","at":"2026-11-21T01:20:00.500000Z","incident":"01KAJ0Z5V0W5X9GQ3T7C2M4N6P",)"
      R"("rule":"kernel/oom-kill","cause":"oom-kill","workaround":"raise-limit","outcome":"worked"},
{"id":"x","at":"2026-11-21T01:20:00.500000Z","incident":"01KAJ0Z5V0W5X9GQ3T7C2M4N6P",)"
      R"("rule":"kernel/oom-kill","cause":"oom-kill","workaround":"raise-limit","outcome":"failed","withdrawn":true}
]}
)");
  EXPECT_EQ(must(reports_from_json(to_json(std::vector{worked(), failed}))), (std::vector{worked(), failed}));
  EXPECT_TRUE(must(reports_from_json(to_json(std::vector<WorkaroundReport>{}))).empty());
}

TEST(WorkaroundReports, PassOverFieldsOfLaterVersions) {
  EXPECT_EQ(must(reports_from_json(changed(R"("outcome")", R"("by":"x","outcome")"))), (std::vector{worked()}));
}

TEST(WorkaroundReports, SayWhichOneIsWrongAndHow) {
  EXPECT_EQ(refusal(changed(R"("id":)", R"("ID":)")), "report 1: 'id' is missing or no text");
  EXPECT_EQ(refusal(changed("\"raise-limit\"", "\"\"")), "report 1: 'workaround' is missing or no text");
  EXPECT_EQ(refusal(changed("\"raise-limit\"", "7")), "report 1: 'workaround' is missing or no text");
  EXPECT_EQ(refusal(changed("raise-limit", std::string(513, 'x'))), "report 1: 'workaround' is longer than 512 bytes");
  EXPECT_EQ(refusal(changed("2026-11-21T01", "yesterday")), "report 1: 'at' is not a time");
  EXPECT_EQ(refusal(changed("\"worked\"", "\"perhaps\"")), "report 1: 'outcome' is neither 'worked' nor 'failed'");
  EXPECT_EQ(refusal(changed("\"worked\"", R"("worked","withdrawn":"no")")),
            "report 1: 'withdrawn' is neither true nor false");
  EXPECT_EQ(refusal(changed(R"("reports":[)", R"("reports":[7,)")), "report 1: 'id' is missing or no text");
}

TEST(WorkaroundReports, AreNotReadFromOtherFiles) {
  EXPECT_EQ(refusal("{}"), "it is not what `triaged incidents learnt export` writes");
  EXPECT_EQ(refusal("[]"), "it is not what `triaged incidents learnt export` writes");
  EXPECT_EQ(refusal(changed(R"("triaged_learnt":1)", R"("triaged_learnt":2)")),
            "it has version 2; this version of triaged reads 1");
  EXPECT_TRUE(refusal("").starts_with("it is no JSON: "));
}

}  // namespace
}  // namespace triaged::inline values

// Exceptions by their place in the program's own code: what is one incident, and what it says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diagnosis/diagnoser.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

/// A shop whose code raises.
struct Shop {
  Shop() {
    auto key_error = rule("python/missing-key", {cause("app-exception", 0.8)}, Severity::warning);
    key_error.is_apart_by_place = key_error.is_generic = true;
    key_error.leads_to = {{.rule = "gunicorn/request-error", .within = 5s}};
    auto database = rule("python/database-refused", {cause("dependency-database-down", 0.9)});
    database.leads_to = {{.rule = "gunicorn/request-error", .within = 5s}};
    auto request = rule("gunicorn/request-error", {cause("app-exception", 0.5)}, Severity::warning);
    request.is_generic = true;
    request.leads_to = {{.rule = "nginx/access-500", .within = 5s}};
    auto answered = rule("nginx/access-500", {cause("upstream-app-returned-5xx", 0.5)}, Severity::warning);
    answered.alone_from = 5;
    auto own = rule("shop/no-sku", {cause("sku-missing", 0.9)}, Severity::error);
    diagnoser = Diagnoser(rule_set({key_error, database, request, answered, own}), options);
  }

  static Symptom about(const char* rule_id, TimePoint at, std::string path) {
    auto made = symptom(rule_id, at, "127.0.0.1:8000");
    made.fields.push_back({"path", std::move(path)});
    return made;
  }
  static Symptom exception(const char* rule_id, TimePoint at, const char* line, std::string path,
                           const char* text = "'sku'") {
    auto made = about(rule_id, at, std::move(path));
    const std::vector<std::pair<const char*, const char*>> said = {{"exception", "KeyError"},
                                                                   {"exception_text", text},
                                                                   {"code_file", "/srv/shop/shop/views.py"},
                                                                   {"code_line", line},
                                                                   {"code_function", "cart"}};
    for (const auto& [name, value] : said) made.fields.push_back({name, value});
    return made;
  }
  static UrlRequests requests(TimePoint at, const char* path, std::uint64_t lines, bool failed,
                              const char* source = "access.log") {
    return {{.format = "nginx.access", .source = source, .at = at, .fields = {{"method", "GET"}, {"path", path}}},
            lines,
            failed};
  }
  void see(const Finding& finding) { diagnoser.on_findings(std::vector<Finding>{finding}); }
  /// A failed request, in the order in which Gunicorn and nginx write of it.
  void fail(TimePoint at, const char* line, const std::string& path) {
    see(exception("gunicorn/request-error", at, line, path));
    see(exception("python/missing-key", at, line, path));
    see(about("nginx/access-500", at, path));
  }
  std::vector<Incident> reported() {
    diagnoser.advance_to(start + 1h);
    auto changes = diagnoser.take_changes();
    std::erase_if(changes, [](const Incident& incident) { return incident.change != Change::opened; });
    return changes;
  }
  std::vector<std::pair<std::string, std::uint64_t>> titles() {
    std::vector<std::pair<std::string, std::uint64_t>> all;
    for (const auto& incident : diagnoser.open_incidents()) all.emplace_back(incident.title, incident.count);
    return all;
  }

  DiagnosisOptions options{.settle = 2s, .resolve_after = 10min, .language = Language::english, .host = "web-1"};
  Diagnoser diagnoser{rule_set({}), options};
};

class FailingCodeTest : public testing::Test, protected Shop {};

TEST_F(FailingCodeTest, AnExceptionIsReportedOnceWithItsPlaceAndHowManyRequestsFail) {
  for (int second = 0; second < 30; ++second) fail(start + std::chrono::seconds(second), "41", "/cart");
  see(requests(start, "/cart", 20, true));
  see(requests(start + 20s, "/cart", 11, true));
  see(requests(start + 20s, "/", 400, false));
  diagnoser.advance_to(start + 31s);
  const auto changes = diagnoser.take_changes();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].title, "KeyError: 'sku' in cart() at shop/views.py:41");
  EXPECT_EQ(changes[0].causes[0].text,
            "because of 127.0.0.1:8000 It failed in cart() at /srv/shop/shop/views.py:41. "
            "31 of 31 requests GET /cart failed.");
  EXPECT_EQ(changes[0].code, (FailingCode{.file = "/srv/shop/shop/views.py", .function = "cart", .line = 41}));
  EXPECT_EQ(changes[0].requests, (FailingRequests{.method = "GET", .path = "/cart", .failed = 31, .of = 31}));
  EXPECT_THAT(changes[0].rules, ElementsAre("python/missing-key", "gunicorn/request-error", "nginx/access-500"));
}

TEST_F(FailingCodeTest, TwoPlacesOfOneApplicationAreTwoIncidents) {
  for (int second = 0; second < 5; ++second) {
    fail(start + std::chrono::seconds(second), "41", "/cart");
    fail(start + std::chrono::seconds(second), "87", "/pay");
  }
  EXPECT_THAT(titles(), UnorderedElementsAre(std::pair("KeyError: 'sku' in cart() at shop/views.py:41", 15u),
                                             std::pair("KeyError: 'sku' in cart() at shop/views.py:87", 15u)));
}

TEST_F(FailingCodeTest, TwoPlacesHaveTwoKeysAndOnePlaceKeepsItsOwn) {
  fail(start, "41", "/cart");
  fail(start, "87", "/pay");
  const auto both = reported();
  ASSERT_EQ(both.size(), 2u);
  EXPECT_NE(both[0].key, both[1].key);
  Shop again;
  again.fail(start + 5min, "41", "/cart");
  const auto& first = both[0].code->line == 41 ? both[0] : both[1];
  EXPECT_EQ(again.reported().at(0).key, first.key);
}

TEST_F(FailingCodeTest, OnePlaceIsOneIncidentWhateverItsTextAndItsPath) {
  see(exception("python/missing-key", start, "41", "/cart", "'sku'"));
  see(exception("python/missing-key", start + 1s, "41", "/cart/17", "'price'"));
  EXPECT_THAT(titles(), ElementsAre(std::pair("KeyError: 'sku' in cart() at shop/views.py:41", 2u)));
}

TEST_F(FailingCodeTest, WhatFailsInManyPlacesForOneReasonIsOneIncident) {
  for (const char* line : {"10", "20", "30", "40"}) {
    see(exception("gunicorn/request-error", start, line, "/cart"));
    see(exception("python/database-refused", start, line, "/cart"));
    see(exception("gunicorn/request-error", start + 2min, line, "/cart"));
    see(exception("python/database-refused", start + 2min, line, "/cart"));
  }
  EXPECT_THAT(titles(), ElementsAre(std::pair("python/database-refused at 127.0.0.1:8000", 16u)));
}

TEST_F(FailingCodeTest, AnAnswerOf500BelongsToTheExceptionOfItsPath) {
  see(exception("python/missing-key", start, "41", "/cart"));
  see(exception("python/missing-key", start, "87", "/pay"));
  for (int second = 0; second < 6; ++second) {
    see(about("nginx/access-500", start + std::chrono::seconds(second), "/cart"));
  }
  EXPECT_THAT(titles(), UnorderedElementsAre(std::pair("KeyError: 'sku' in cart() at shop/views.py:41", 7u),
                                             std::pair("KeyError: 'sku' in cart() at shop/views.py:87", 1u)));
}

TEST_F(FailingCodeTest, SoManyPlacesAtOnceAreOneFailure) {
  for (int line = 1; line <= 40; ++line) {
    see(exception("python/missing-key", start, std::to_string(line).c_str(), "/" + std::to_string(line)));
  }
  EXPECT_EQ(titles().size(), 8u);
}

TEST_F(FailingCodeTest, TheRuleOfASiteSpeaksAndGenericOnesFollow) {
  see(exception("gunicorn/request-error", start, "41", "/cart"));
  see(exception("shop/no-sku", start, "41", "/cart"));
  const auto incidents = reported();
  ASSERT_EQ(incidents.size(), 1u);
  EXPECT_EQ(incidents[0].causes[0].cause, "sku-missing");
  EXPECT_THAT(incidents[0].rules, ElementsAre("shop/no-sku", "gunicorn/request-error"));
}

TEST_F(FailingCodeTest, ItsPlaceIsKnownAfterARestart) {
  fail(start, "41", "/cart");
  Shop again;
  EXPECT_THAT(again.diagnoser.restore(diagnoser.saved_state(), start + 1s), testing::IsEmpty());
  again.fail(start + 2s, "87", "/pay");
  again.fail(start + 2s, "41", "/cart");
  EXPECT_THAT(again.titles(), UnorderedElementsAre(std::pair("KeyError: 'sku' in cart() at shop/views.py:41", 6u),
                                                   std::pair("KeyError: 'sku' in cart() at shop/views.py:87", 3u)));
}

TEST_F(FailingCodeTest, OfSeveralLogsTheOneThatSawMostFailuresCounts) {
  fail(start, "41", "/cart");
  see(requests(start, "/cart", 3, true, "nginx.log"));
  see(requests(start + 10s, "/cart", 1, false, "nginx.log"));
  see(requests(start, "/cart", 2, true, "gunicorn.log"));
  fail(start + 15s, "41", "/cart");
  const auto incidents = reported();
  ASSERT_EQ(incidents.size(), 1u);
  EXPECT_EQ(incidents[0].requests, (FailingRequests{.method = "GET", .path = "/cart", .failed = 3, .of = 4}));
}

}  // namespace
}  // namespace triaged::diagnosis

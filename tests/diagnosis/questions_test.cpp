#include "diagnosis/questions.hpp"

#include <gtest/gtest.h>

#include "diagnosis/diagnoser.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

const std::string address = "127.0.0.1:8003";

/// Down when nobody listens, restarted when somebody does.
std::vector<knowledge::Cause> causes_by_probe() {
  auto down = cause("upstream-down", 0.5), restarted = cause("deploy-restart", 0.3);
  down.supported_by.push_back({.probe = "not-listening", .weight = knowledge::Weight::strong});
  restarted.supported_by.push_back({.probe = "listening", .weight = knowledge::Weight::strong});
  down.refuted_by.push_back({.probe = "not-listening", .absent = true, .weight = knowledge::Weight::medium});
  return {down, restarted};
}

class QuestionsTest : public testing::Test {
 protected:
  QuestionsTest() { use(rule("nginx/refused", causes_by_probe())); }

  void use(knowledge::Rule made) { diagnoser_ = Diagnoser(rule_set({std::move(made)}), options_); }

  void see(const Symptom& seen) { diagnoser_.on_findings(std::vector<Finding>{seen}); }

  std::vector<ProbeQuestion> asked_about(const Symptom& seen) {
    see(seen);
    return diagnoser_.take_questions(seen.at + 1s);
  }

  void answer(const std::string& finding, std::string text = "it was looked", TimePoint at = start + 1s) {
    for (const auto& incident : diagnoser_.open_incidents()) {
      const ProbeAnswer known{.incident = incident.id,
                              .kind = ProbeKind::listener,
                              .subject = address,
                              .finding = finding,
                              .text = std::move(text),
                              .at = at};
      diagnoser_.take_answers({&known, 1});
    }
  }

  std::vector<Incident> changes_until(TimePoint now) {
    diagnoser_.advance_to(now);
    return diagnoser_.take_changes();
  }

  DiagnosisOptions options_{.settle = 2s, .host = "web1", .probe_kinds = {ProbeKind::listener, ProbeKind::process}};
  Diagnoser diagnoser_{rule_set({}), options_};
};

TEST_F(QuestionsTest, AskWhetherAnybodyListensAtTheAddressOfTheLine) {
  auto seen = symptom("nginx/refused", start, address);
  seen.fields.push_back({"pid", "1851"});
  const auto questions = asked_about(seen);
  ASSERT_EQ(questions.size(), 1u) << "two findings of one kind of probe are one question";
  EXPECT_EQ(questions[0].kind, ProbeKind::listener);
  EXPECT_EQ(questions[0].subject, address);
  EXPECT_EQ(questions[0].program, "nginx");
  EXPECT_EQ(questions[0].writer, "1851");
  EXPECT_EQ(questions[0].since, start);
}

TEST_F(QuestionsTest, AreNotAskedTwiceButOnceMoreJustBeforeTheIncidentIsTold) {
  EXPECT_EQ(asked_about(symptom("nginx/refused", start, address)).size(), 1u);
  see(symptom("nginx/refused", start, address));
  EXPECT_TRUE(diagnoser_.take_questions(start + 1200ms).empty());
  EXPECT_EQ(diagnoser_.take_questions(start + 2s).size(), 1u);
  EXPECT_TRUE(diagnoser_.take_questions(start + 2100ms).empty());
}

TEST_F(QuestionsTest, AreAskedAgainWhenTheDiagnosisMayChange) {
  EXPECT_EQ(asked_about(symptom("nginx/refused", start, address)).size(), 1u);
  (void)changes_until(start + 5s);
  EXPECT_TRUE(diagnoser_.take_questions(start + 20s).empty()) << "nothing is to be told";
  see(symptom("nginx/refused", start + 21s, address));  // twice as many
  EXPECT_EQ(diagnoser_.take_questions(start + 21s).size(), 1u);
}

TEST_F(QuestionsTest, AreNotAskedWhenNothingMayBeLookedAt) {
  options_.probe_kinds = {ProbeKind::process};
  use(rule("nginx/refused", causes_by_probe()));
  EXPECT_TRUE(asked_about(symptom("nginx/refused", start, address)).empty());
  options_.probe_kinds = {};
  use(rule("nginx/refused", causes_by_probe()));
  EXPECT_TRUE(asked_about(symptom("nginx/refused", start, address)).empty());
}

TEST_F(QuestionsTest, AreNotAskedAboutOldLinesNorAboutThoseOfAClockThatIsAhead) {
  see(symptom("nginx/refused", start, address));
  EXPECT_TRUE(diagnoser_.take_questions(start + 61s).empty());
  EXPECT_TRUE(diagnoser_.take_questions(start - 61s).empty());
  EXPECT_EQ(diagnoser_.take_questions(start + 59s).size(), 1u);
}

TEST_F(QuestionsTest, AreNotAskedAboutAnotherHost) {
  auto seen = symptom("nginx/refused", start, address);
  seen.host = "web2";
  EXPECT_TRUE(asked_about(seen).empty());
  seen.host = "web1.example.com";
  seen.fields[0].value = "127.0.0.1:8004";
  EXPECT_EQ(asked_about(seen).size(), 1u) << "this host, with its domain";
}

TEST_F(QuestionsTest, AreNeverMadeOfWhatClientsWrite) {
  auto seen = symptom("nginx/refused", start, "shop_app");
  for (const auto* field : {"client", "path", "request", "host_header", "vhost", "upstream_url", "file", "subrequest",
                            "exception_text", "referrer"}) {
    seen.fields.push_back({field, address});
  }
  EXPECT_TRUE(asked_about(seen).empty());
}

/// A rule whose only cause is supported by `probe`.
knowledge::Rule rule_that_asks(const std::string& probe) {
  auto made = cause("x", 0.5);
  made.supported_by.push_back({.probe = probe});
  return rule("a/b", {made});
}

Symptom line_of(std::string format, std::vector<Field> fields) {
  auto seen = symptom("a/b", start, "");
  seen.format = std::move(format);
  seen.fields = std::move(fields);
  return seen;
}

class SubjectsTest : public QuestionsTest {
 protected:
  /// What is asked for `probe` about one line; empty: nothing.
  std::string subject(const std::string& probe, Symptom seen) {
    options_.probe_kinds = {probe_named(probe)->kind};
    use(rule_that_asks(probe));
    const auto questions = asked_about(seen);
    EXPECT_LE(questions.size(), 1u);
    return questions.empty() ? "" : questions[0].subject;
  }
};

TEST_F(SubjectsTest, AreTheFieldsInWhichTheProgramItselfSpeaks) {
  EXPECT_EQ(subject("listening", line_of("haproxy.http", {{"server", "app/app1"}})), "app/app1");
  EXPECT_EQ(subject("listening", line_of("haproxy.http", {{"server", "app/<NOSRV>"}})), "");
  EXPECT_EQ(subject("listening", line_of("text", {{"server", "app/app1"}})), "");
  EXPECT_EQ(subject("process-alive", line_of("gunicorn.error", {{"worker_pid", "1590"}})), "1590");
  EXPECT_EQ(subject("process-alive", line_of("gunicorn.error", {{"worker_pid", "1590; reboot"}})), "");
  EXPECT_EQ(subject("process-gone", line_of("kernel", {{"pid", "1590"}})), "1590");
  EXPECT_EQ(subject("process-gone", line_of("text", {{"pid", "1590"}})), "");
  EXPECT_EQ(subject("address-configured", line_of("nginx.error", {{"upstream", address}})), address);
  EXPECT_EQ(subject("address-configured", line_of("gunicorn.error", {{"upstream", address}})), "");
  EXPECT_EQ(subject("descriptors-at-limit", line_of("nginx.error", {{"pid", "1851"}})), "1851");
  EXPECT_EQ(subject("unit-failed", line_of("syslog", {{"unit", "gunicorn.service"}})), "gunicorn.service");
  EXPECT_EQ(subject("unit-failed", line_of("syslog", {{"unit", "../gunicorn.service"}})), "");
}

TEST_F(SubjectsTest, AreTheWholeHostWhereALineNeedNotNameAnything) {
  for (const auto* probe : {"kernel-oom-record", "filesystem-full", "certificate-expired"}) {
    EXPECT_EQ(subject(probe, line_of("nginx.error", {{"file", "/etc/shadow"}, {"path", "/x"}})), "this host") << probe;
  }
}

TEST_F(SubjectsTest, AreNoNamesOfALineAboutARequest) {
  EXPECT_EQ(subject("name-resolves", line_of("nginx.error", {{"name", "db.internal"}})), "db.internal");
  EXPECT_EQ(subject("name-resolves", line_of("nginx.error", {{"name", "x.evil.example"}, {"client", "192.0.2.7"}})),
            "");
  EXPECT_EQ(subject("name-resolves", line_of("nginx.error", {{"name", "x.evil.example"}, {"connection", "7"}})), "");
  EXPECT_EQ(subject("name-resolves", line_of("nginx.error", {{"host_header", "x.evil.example"}})), "");
  EXPECT_EQ(subject("name-resolves", line_of("text", {{"name", "x.evil.example"}})), "");
}

TEST_F(QuestionsTest, AreNotMadeOfWhatIsNoAddress) {
  for (const auto* forged : {"attacker.example.com:80", "127.0.0.1", "127.0.0.1:80 ", "127.0.0.1:80/../etc",
                             "unix:relative", "$(id):80", "127.0.0.1:123456789", "[::1]:\n80"}) {
    EXPECT_TRUE(asked_about(symptom("nginx/refused", start, forged)).empty()) << forged;
  }
}

TEST_F(QuestionsTest, AreNotAskedForARuleThatReadsTheWholeLine) {
  auto made = rule("nginx/refused", causes_by_probe());
  made.matches.push_back({.regex = "refused at (?<upstream>.*)", .within = knowledge::Within::line});
  use(std::move(made));
  EXPECT_TRUE(asked_about(symptom("nginx/refused", start, address)).empty());
}

TEST_F(QuestionsTest, OfAStormAreBoundedInEachSecond) {
  for (int port = 1; port <= 200; ++port) see(symptom("nginx/refused", start, "127.0.0.1:" + std::to_string(port)));
  EXPECT_EQ(diagnoser_.take_questions(start + 100ms).size(), 50u);
  EXPECT_TRUE(diagnoser_.take_questions(start + 200ms).empty());
  EXPECT_EQ(diagnoser_.take_questions(start + 1s).size(), 50u);
}

TEST_F(QuestionsTest, TurnTheCauseByTheirAnswer) {
  see(symptom("nginx/refused", start, address));
  answer("listening");
  EXPECT_EQ(changes_until(start + 3s).at(0).causes[0].cause, "deploy-restart");
}

TEST_F(QuestionsTest, AreShownWithTheirAnswerAndTheTimeOfTheLook) {
  see(symptom("nginx/refused", start, address));
  answer("not-listening", "nobody listens on 127.0.0.1:8003");
  const auto told = changes_until(start + 3s).at(0);
  ASSERT_EQ(told.causes[0].cause, "upstream-down");
  ASSERT_EQ(told.causes[0].because.size(), 2u);
  EXPECT_EQ(told.causes[0].because[1].text, "nobody listens on 127.0.0.1:8003 (checked at 2026-11-21T00:36:07Z)");
  EXPECT_DOUBLE_EQ(told.causes[0].because[1].log_odds, 3.0);
}

TEST_F(QuestionsTest, ChangeNothingWhenTheAnswerIsUnknown) {
  see(symptom("nginx/refused", start, address));
  const auto before = diagnoser_.open_incidents().at(0).causes;
  answer("");
  const auto after = diagnoser_.open_incidents().at(0).causes;
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_DOUBLE_EQ(before[i].probability, after[i].probability);
    EXPECT_EQ(before[i].because.size(), after[i].because.size());
  }
}

TEST_F(QuestionsTest, CountTheAbsenceOfAFindingOnlyWhenAnotherOneIsKnown) {
  see(symptom("nginx/refused", start, address));
  EXPECT_EQ(diagnoser_.open_incidents().at(0).causes[0].because.size(), 1u);
  answer("listening", "a process listens on 127.0.0.1:8003");
  const auto told = diagnoser_.open_incidents().at(0);
  ASSERT_EQ(told.causes[1].cause, "upstream-down");
  EXPECT_DOUBLE_EQ(told.causes[1].because.at(1).log_odds, -1.5);
}

TEST_F(QuestionsTest, HaveAnIncidentToldAgainWhenALaterAnswerTurnsItsCause) {
  see(symptom("nginx/refused", start, address));
  answer("not-listening");
  EXPECT_EQ(changes_until(start + 3s).at(0).causes[0].cause, "upstream-down");
  answer("listening", "a process listens", start + 4s);
  EXPECT_TRUE(changes_until(start + 4s).empty()) << "it may be over";
  see(symptom("nginx/refused", start + 1s, address));
  EXPECT_TRUE(changes_until(start + 6s).empty()) << "read late";
  see(symptom("nginx/refused", start + 6s, address));
  const auto told = changes_until(start + 9s);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].change, Change::updated);
  EXPECT_EQ(told[0].causes[0].cause, "deploy-restart");
  answer("listening", "a process listens", start + 10s);
  EXPECT_TRUE(changes_until(start + 11s).empty()) << "nothing new";
}

TEST_F(QuestionsTest, SayByTheEndOfAFailureWhatIsKnownOnlyThen) {
  see(symptom("nginx/refused", start, address));
  answer("not-listening");
  ASSERT_EQ(changes_until(start + 3s).at(0).causes[0].cause, "upstream-down");
  answer("listening", "a process listens", start + 4s);
  const auto told = changes_until(start + 1h);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].change, Change::resolved);
  EXPECT_EQ(told[0].causes[0].cause, "deploy-restart");
}

TEST_F(QuestionsTest, KeepTheirAnswersOverARestart) {
  see(symptom("nginx/refused", start, address));
  answer("listening", "a process listens on 127.0.0.1:8003");
  const auto saved = kept(diagnoser_.take_state_changes());
  Diagnoser after(rule_set({rule("nginx/refused", causes_by_probe())}), options_);
  EXPECT_TRUE(after.restore(saved, start + 1s).empty());
  const auto restored = after.open_incidents().at(0);
  EXPECT_EQ(restored.causes[0].cause, "deploy-restart");
  EXPECT_EQ(restored.causes[0].because.at(1).text,
            "a process listens on 127.0.0.1:8003 (checked at 2026-11-21T00:36:07Z)");
}

TEST_F(QuestionsTest, StillTurnTheCauseAfterARestartWhenTheFailureGoesOn) {
  for (int i = 0; i < 2; ++i) see(symptom("nginx/refused", start, address));
  answer("not-listening");
  EXPECT_EQ(changes_until(start + 3s).at(0).causes[0].cause, "upstream-down");
  answer("listening", "a process listens", start + 4s);
  EXPECT_TRUE(changes_until(start + 4s).empty());
  Diagnoser after(rule_set({rule("nginx/refused", causes_by_probe())}), options_);
  EXPECT_TRUE(after.restore(kept(diagnoser_.take_state_changes()), start + 5s).empty());
  diagnoser_ = std::move(after);
  see(symptom("nginx/refused", start + 6s, address));
  const auto told = changes_until(start + 9s);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].causes[0].cause, "deploy-restart");
}

TEST_F(QuestionsTest, AreNotToldAtOnceForAFailureThatJoinedAndChangedNothing) {
  auto refused = rule("nginx/refused", causes_by_probe());
  refused.leads_to = {{.rule = "nginx/none-left", .within = 60s}};
  diagnoser_ = Diagnoser(rule_set({refused, rule("nginx/none-left", {cause("all-down", 0.1)})}), options_);
  see(symptom("nginx/refused", start, address));
  answer("not-listening");
  EXPECT_EQ(changes_until(start + 3s).at(0).causes[0].cause, "upstream-down");
  see(symptom("nginx/none-left", start + 4s, address));
  EXPECT_TRUE(changes_until(start + 7s).empty()) << "the diagnosis is the same";
  answer("listening", "a process listens", start + 8s);
  EXPECT_TRUE(changes_until(start + 8s).empty()) << "it may be over";
}

TEST_F(QuestionsTest, OfAnIncidentThatIsOverLeadNowhere) {
  const ProbeAnswer late{.incident = "01J", .kind = ProbeKind::listener, .subject = address, .finding = "listening"};
  diagnoser_.take_answers({&late, 1});
  EXPECT_TRUE(kept(diagnoser_.take_state_changes()).empty());
}

}  // namespace
}  // namespace triaged::diagnosis

// What systemd says of a unit and what its program and the proxy in front of it say: one failure, or several.
#include <gmock/gmock.h>

#include "diagnosis/diagnoser.hpp"
#include "tests/support/diagnosis_fixture.hpp"

namespace triaged::diagnosis {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class UnitJoiningTest : public testing::Test {
 protected:
  UnitJoiningTest() {
    auto killed = rule("systemd/main-process-killed", {cause("oom-kill", 0.5)});
    killed.entity = "unit";
    killed.leads_to = {{.rule = "nginx/refused", .within = 60s}, {.rule = "gunicorn/boot-failed", .within = 60s}};
    auto oom = rule("kernel/oom-kill", {cause("oom-kill", 0.9)});
    oom.entity = "process";
    oom.leads_to = {{.rule = "systemd/main-process-killed", .within = 10s}, {.rule = "nginx/refused", .within = 60s}};
    auto pool = rule("php-fpm/child-died", {cause("upstream-process-crashed", 0.9)});
    pool.entity = "pool";
    auto down = rule("haproxy/down", {cause("upstream-down", 0.9)});
    down.entity = "server";
    killed.leads_to.push_back({.rule = "haproxy/down", .within = 60s});
    auto slow = rule("gunicorn/worker-timeout", {cause("gunicorn-worker-timeout", 0.8)});
    rules = rule_set({killed, oom, pool, slow, down, rule("nginx/refused", {cause("upstream-down", 0.9)}),
                      rule("gunicorn/boot-failed", {cause("app-import-error", 0.9)}),
                      rule("gunicorn/worker-booted", {cause("deploy-restart", 0.01)}, Severity::info)});
    diagnoser = Diagnoser(rules, {.settle = 2s, .resolve_after = 10min, .host = "web-1"});
  }

  void see(const Symptom& seen) { diagnoser.on_findings(std::vector<Finding>{seen}); }
  void see_systemd(const std::string& unit, TimePoint at = start, const std::string& host = "") {
    auto said = symptom("systemd/main-process-killed", at, "");
    said.format = "syslog";
    said.host = host;
    said.fields = {{"program", "systemd"}, {"unit", unit}};
    see(said);
  }
  /// A line of Gunicorn's; what is empty it does not say.
  void see_gunicorn(const std::string& rule_id, const std::string& upstream, const std::string& unit = "",
                    const std::string& pid = "2001", TimePoint at = start) {
    auto said = symptom(rule_id, at, upstream);
    said.format = "gunicorn.error";
    said.source = "gunicorn.log";
    said.fields = {{"pid", pid}, {"upstream", upstream}, {"unit", unit}};
    std::erase_if(said.fields, [](const Field& field) { return field.value.empty(); });
    see(said);
  }
  void see_nginx(const std::string& upstream, TimePoint at = start + 1s, const std::string& vhost = "www.example.com") {
    auto said = symptom("nginx/refused", at, upstream);
    said.fields.push_back({"vhost", vhost});
    see(said);
  }
  void see_oom_kill(const std::string& unit, const std::string& pid = "2001") {
    auto kill = symptom("kernel/oom-kill", start, "");
    kill.format = "kernel";
    kill.fields = {{"process", "gunicorn"}, {"pid", pid}, {"unit", unit}};
    see(kill);
  }
  /// That an application wrote which names neither its unit nor its process.
  void see_program(const std::string& format, const std::string& program, const std::string& host = "") {
    auto said = symptom("gunicorn/worker-timeout", start + 1s, "");
    said.format = format;
    said.host = host;
    said.fields = {{"program", program}};
    std::erase_if(said.fields, [](const Field& field) { return field.value.empty(); });
    see(said);
  }
  /// HAProxy says that a server fails.
  void see_haproxy(const std::string& server) {
    auto said = symptom("haproxy/down", start + 1s, "");
    said.format = "haproxy.event";
    said.fields = {{"server", server}};
    see(said);
  }
  /// The rules of every open incident, in order.
  std::vector<std::vector<std::string>> stories() {
    diagnoser.advance_to(start + 1min);
    std::vector<std::vector<std::string>> told;
    for (const auto& incident : diagnoser.open_incidents()) {
      told.push_back(incident.rules);
      std::ranges::sort(told.back());
    }
    return told;
  }

  std::shared_ptr<const knowledge::RuleSet> rules;
  Diagnoser diagnoser{rule_set({}), {}};
};

TEST_F(UnitJoiningTest, IsOneStoryWithTheProgramWhoseLinesNameTheUnit) {
  see_gunicorn("gunicorn/worker-timeout", "127.0.0.1:8000", "shop.service");
  see_systemd("shop.service", start + 5s);
  EXPECT_THAT(stories(), ElementsAre(ElementsAre("gunicorn/worker-timeout", "systemd/main-process-killed")));
}

TEST_F(UnitJoiningTest, IsTheSameWhicheverCameFirst) {
  see_systemd("shop.service");
  see_gunicorn("gunicorn/worker-timeout", "127.0.0.1:8000", "shop.service", "2001", start + 5s);
  EXPECT_EQ(stories().size(), 1U);
}

TEST_F(UnitJoiningTest, IsApartFromAProgramOfAnotherUnit) {
  see_gunicorn("gunicorn/boot-failed", "127.0.0.1:8000", "api.service");
  see_systemd("shop.service");
  EXPECT_EQ(stories().size(), 2U);
}

TEST_F(UnitJoiningTest, KnowsTheProgramByItsProcess) {
  see_gunicorn("gunicorn/worker-booted", "127.0.0.1:8000", "shop.service", "2001", start - 1h);
  see_gunicorn("gunicorn/worker-timeout", "127.0.0.1:8000", "", "2001");
  see_systemd("shop.service");
  EXPECT_THAT(stories(), ElementsAre(ElementsAre("gunicorn/worker-timeout", "systemd/main-process-killed")));
}

TEST_F(UnitJoiningTest, KnowsTheProgramByTheNameOfTheUnit) {
  see_gunicorn("gunicorn/worker-timeout", "127.0.0.1:8000");
  see_systemd("gunicorn@shop.service");
  EXPECT_EQ(stories().size(), 1U);
}

TEST_F(UnitJoiningTest, KnowsPhpFpmByTheNameOfItsUnitWhateverItsVersion) {
  auto died = symptom("php-fpm/child-died", start, "");
  died.format = "php-fpm";
  died.fields = {{"pool", "www"}, {"pid", "77"}};
  see(died);
  see_systemd("php8.2-fpm.service", start + 2s);
  EXPECT_EQ(stories().size(), 1U);
}

TEST_F(UnitJoiningTest, IsApartFromAProgramThatItsNameRulesOut) {
  see_gunicorn("gunicorn/boot-failed", "127.0.0.1:8000");
  see_systemd("nginx.service");
  EXPECT_EQ(stories().size(), 2U);
}

TEST_F(UnitJoiningTest, IsNoReasonForAnAddressThatNothingConnectsItWith) {
  see_systemd("backup.service");
  see_nginx("127.0.0.1:8000");
  EXPECT_THAT(stories(),
              UnorderedElementsAre(ElementsAre("nginx/refused"), ElementsAre("systemd/main-process-killed")));
}

TEST_F(UnitJoiningTest, OfNginxIsNoReasonForWhatNginxReports) {
  see_systemd("nginx.service");
  see_nginx("127.0.0.1:8000", start + 1s, "nginx.example.com");
  EXPECT_EQ(stories().size(), 2U);
}

TEST_F(UnitJoiningTest, IsTheReasonForTheAddressThatItsProcessesServed) {
  see_gunicorn("gunicorn/worker-booted", "0.0.0.0:8000", "web.service", "2001", start - 1h);
  see_systemd("web.service");
  see_nginx("127.0.0.1:8000");
  EXPECT_THAT(stories(), ElementsAre(ElementsAre("nginx/refused", "systemd/main-process-killed")));
}

TEST_F(UnitJoiningTest, IsApartFromAnAddressThatOthersServe) {
  see_gunicorn("gunicorn/worker-booted", "127.0.0.1:8000", "shop.service", "2001", start - 1h);
  see_systemd("shop.service");
  see_nginx("127.0.0.1:8003", start + 1s, "shop.example.com");
  EXPECT_EQ(stories().size(), 2U);
}

TEST_F(UnitJoiningTest, IsApartFromAnAddressThatAnotherUnitServes) {
  see_gunicorn("gunicorn/worker-booted", "127.0.0.1:8000", "shop.service", "2001", start - 1h);
  see_systemd("shop-mailer.service");
  see_nginx("127.0.0.1:8000", start + 1s, "shop.example.com");
  EXPECT_EQ(stories().size(), 2U);
}

TEST_F(UnitJoiningTest, IsTheReasonForASiteOfItsName) {
  see_systemd("shop.service");
  see_nginx("127.0.0.1:8000", start + 1s, "shop.example.com");
  EXPECT_EQ(stories().size(), 1U);
}

TEST_F(UnitJoiningTest, OfTwoUnitsThatFailAtOnceEachHasItsOwnStory) {
  see_gunicorn("gunicorn/worker-booted", "127.0.0.1:8001", "shop.service", "2001", start - 1h);
  see_gunicorn("gunicorn/worker-booted", "127.0.0.1:8002", "api.service", "2002", start - 1h);
  see_systemd("shop.service");
  see_systemd("api.service");
  see_nginx("127.0.0.1:8001");
  see_nginx("127.0.0.1:8002");
  EXPECT_EQ(stories().size(), 2U);
}

TEST_F(UnitJoiningTest, IsThatOfTheProcessThatTheKernelKilled) {
  see_oom_kill("mariadb.service");
  see_systemd("shop.service", start + 1s);
  EXPECT_EQ(stories().size(), 2U);
  see_systemd("mariadb.service", start + 1s);
  EXPECT_THAT(stories(), UnorderedElementsAre(ElementsAre("systemd/main-process-killed"),
                                              ElementsAre("kernel/oom-kill", "systemd/main-process-killed")));
}

TEST_F(UnitJoiningTest, StillKnowsWhatItServesAfterARestart) {
  see_gunicorn("gunicorn/worker-booted", "127.0.0.1:8000", "web.service", "2001", start - 1h);
  const auto saved = kept(diagnoser.take_state_changes());
  Diagnoser after(rules, {.settle = 2s, .resolve_after = 10min, .host = "web-1"});
  EXPECT_TRUE(after.restore(saved, start).empty());
  diagnoser = std::move(after);
  see_systemd("web.service");
  see_nginx("127.0.0.1:8000");
  EXPECT_EQ(stories().size(), 1U);
}

TEST_F(UnitJoiningTest, IsNotKnownByThePathThatAClientAskedFor) {
  see_systemd("backup.service");
  auto refused = symptom("nginx/refused", start + 1s, "unix:/run/app.sock");
  refused.fields.push_back({"upstream_url", "http://unix:/run/app.sock:/backup-report"});
  see(refused);
  EXPECT_EQ(stories().size(), 2U);
}

TEST_F(UnitJoiningTest, IsKnownByTheNameOfItsSocket) {
  see_systemd("shop.service");
  see_nginx("unix:/run/shop.sock");
  EXPECT_EQ(stories().size(), 1U);
}

TEST_F(UnitJoiningTest, ThatMerelyBeginsLikeAServerOfApplicationsServesNothing) {
  see_systemd("node_exporter.service");
  see_systemd("node-red.service");
  see_nginx("127.0.0.1:8000");
  EXPECT_EQ(stories().size(), 3U);
}

TEST_F(UnitJoiningTest, ThatIsAServerOfApplicationsMayServeAnyAddress) {
  see_systemd("php8.2-fpm.service");
  see_nginx("unix:/run/php/www.sock");
  EXPECT_EQ(stories().size(), 1U);
}

TEST_F(UnitJoiningTest, IsNotKnownByAFormatThatSeveralProgramsWrite) {
  see_systemd("gunicorn.service");
  see_program("python.traceback", "");
  EXPECT_EQ(stories().size(), 2U);
}

TEST_F(UnitJoiningTest, IsKnownByTheProgramInTheLineRatherThanByItsFormat) {
  see_systemd("gunicorn.service");
  see_program("gunicorn.error", "shop-api");
  EXPECT_EQ(stories().size(), 2U);
}

TEST_F(UnitJoiningTest, IsKnownByTheProgramInTheLineWhereverItsVersionStands) {
  see_systemd("php8.2-fpm.service");
  see_program("php-fpm", "php-fpm8.2");
  EXPECT_EQ(stories().size(), 1U);
}

TEST_F(UnitJoiningTest, IsApartFromItsNamesakeOnAnotherMachine) {
  see_systemd("gunicorn.service", start, "web-1");
  see_program("gunicorn.error", "gunicorn", "web-2");
  EXPECT_EQ(stories().size(), 2U);
}

TEST_F(UnitJoiningTest, IsOneOfTwoThatALineOfAProgramMayBeOf) {
  see_systemd("shop.service");
  see_systemd("api.service");
  see_gunicorn("gunicorn/boot-failed", "127.0.0.1:8000", "", "2001", start + 1s);
  const auto told = stories();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].size() + told[1].size(), 3U);
}

TEST_F(UnitJoiningTest, IsNoReasonForAServerThatOnlyTheConfigurationKnows) {
  topology::Topology topology;
  topology.add_server("app/web1", "10.0.0.5:8000");
  diagnoser.use_topology(topology);
  see_gunicorn("gunicorn/worker-booted", "127.0.0.1:9000", "mail.service", "2001", start - 1h);
  see_systemd("mail.service");
  see_haproxy("app/web1");
  EXPECT_EQ(stories().size(), 2U);
}

TEST_F(UnitJoiningTest, IsTheReasonForAServerThatStandsForItsAddress) {
  topology::Topology topology;
  topology.add_server("app/web1", "10.0.0.5:8000");
  diagnoser.use_topology(topology);
  see_gunicorn("gunicorn/worker-booted", "0.0.0.0:8000", "mail.service", "2001", start - 1h);
  see_systemd("mail.service");
  see_haproxy("app/web1");
  EXPECT_EQ(stories().size(), 1U);
}

TEST_F(UnitJoiningTest, OfAContainerIsThatOfItsRuntimeAndSaysNothing) {
  auto said = symptom("gunicorn/worker-timeout", start, "127.0.0.1:8000");
  said.format = "gunicorn.error";
  said.fields.insert(said.fields.end(), {{"unit", "docker.service"}, {"container", "shop-web-1"}});
  see(said);
  see_systemd("docker.service");
  EXPECT_EQ(stories().size(), 2U);
}

}  // namespace
}  // namespace triaged::diagnosis

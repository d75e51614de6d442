#include "probes/probe_stage.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>

#include "probes/probe_options.hpp"

namespace triaged::probes {
namespace {

using namespace std::chrono_literals;

/// A host whose probes hang until they are let go.
struct SlowHost {
  void hang() {
    std::unique_lock lock(mutex);
    ++looking;
    changed.notify_all();
    changed.wait(lock, [&] { return is_released; });
  }
  void wait_until_looked_at() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return looking > 0; });
  }
  void release() {
    const std::lock_guard lock(mutex);
    is_released = true;
    changed.notify_all();
  }

  std::mutex mutex;
  std::condition_variable changed;
  int looking = 0;
  bool is_released = false;
};

ProbeQuestion question(ProbeKind kind, std::string subject = "127.0.0.1:8003") {
  return {.incident = "01J", .kind = kind, .subject = std::move(subject)};
}

std::vector<ProbeAnswer> wait_for_answers(ProbeStage& stage) {
  std::vector<ProbeAnswer> answers;
  while (answers.empty()) {
    answers = stage.take_answers();
    std::this_thread::yield();
  }
  return answers;
}

TEST(ProbeStage, GivesBackWhatWasFound) {
  ProbeStage stage([](const ProbeQuestion& asked) {
    return Finding{"not-listening", "nobody listens on " + asked.subject};
  });
  stage.set_timeout(10s);
  stage.ask({question(ProbeKind::listener)});
  const auto answers = wait_for_answers(stage);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].incident, "01J");
  EXPECT_EQ(answers[0].finding, "not-listening");
  EXPECT_EQ(answers[0].text, "nobody listens on 127.0.0.1:8003");
  EXPECT_EQ(stage.counts().answered, 1u);
  EXPECT_EQ(status_of(stage.counts()), "probes: 1 answered, 0 unknown");
}

TEST(ProbeStage, CountsWhatIsUnknownAndAFailureAsSuch) {
  ProbeStage stage([](const ProbeQuestion& asked) {
    if (asked.subject == "fails") throw std::runtime_error("no memory");
    return unknown_because("who knows");
  });
  stage.ask({question(ProbeKind::listener), question(ProbeKind::process, "fails")});
  while (stage.counts().unknown < 2) std::this_thread::yield();
  EXPECT_TRUE(stage.take_answers().empty());
}

TEST(ProbeStage, GivesUpALookThatHangsAndAsksOthersMeanwhile) {
  const auto host = std::make_shared<SlowHost>();
  ProbeStage stage([host](const ProbeQuestion& asked) {
    if (asked.kind == ProbeKind::name) host->hang();
    return Finding{"listening", "x"};
  });
  stage.set_timeout(1ms);
  stage.ask({question(ProbeKind::name)});
  host->wait_until_looked_at();
  while (stage.counts().hanging.empty()) EXPECT_TRUE(stage.take_answers().empty());
  EXPECT_EQ(stage.counts().given_up, 1u);
  stage.set_timeout(10s);
  stage.ask({question(ProbeKind::name), question(ProbeKind::listener)});
  EXPECT_EQ(wait_for_answers(stage)[0].kind, ProbeKind::listener);
  EXPECT_EQ(stage.counts().refused, 1u) << "its kind is not asked while it hangs";
  EXPECT_EQ(status_of(stage.counts()), "probes: 1 answered, 0 unknown, 1 given up, 1 not asked; name hangs");
  host->release();
  while (!stage.counts().hanging.empty()) std::this_thread::yield();
  stage.ask({question(ProbeKind::name)});
  EXPECT_EQ(wait_for_answers(stage)[0].kind, ProbeKind::name)
      << "what it found too late was dropped, and it is asked again";
}

TEST(ProbeStage, LeavesALookThatHangsBehindWhenItGoes) {
  const auto host = std::make_shared<SlowHost>();
  {
    ProbeStage stage([host](const ProbeQuestion&) {
      host->hang();
      return Finding{};
    });
    stage.set_timeout(1ms);
    stage.ask({question(ProbeKind::file_system)});
    host->wait_until_looked_at();
  }
  host->release();
}

TEST(ProbeStage, RefusesMoreThanItCanWorkOff) {
  const auto host = std::make_shared<SlowHost>();
  ProbeStage stage([host](const ProbeQuestion&) {
    host->hang();
    return Finding{};
  });
  stage.set_timeout(10s);
  stage.ask({question(ProbeKind::listener)});
  host->wait_until_looked_at();
  stage.ask(std::vector<ProbeQuestion>(ProbeStage::most_waiting + 3, question(ProbeKind::listener)));
  EXPECT_EQ(stage.counts().refused, 3u);
  host->release();
}

TEST(ProbeOptions, LeaveOutWhatIsOff) {
  EXPECT_TRUE(ProbeOptions{.is_enabled = false}.probe_kinds().empty());
  const auto all = ProbeOptions{}.probe_kinds();
  const auto some = ProbeOptions{.off = {ProbeKind::listener}}.probe_kinds();
  EXPECT_EQ(some.size() + 1, all.size());
  EXPECT_EQ(std::count(some.begin(), some.end(), ProbeKind::listener), 0);
}

}  // namespace
}  // namespace triaged::probes

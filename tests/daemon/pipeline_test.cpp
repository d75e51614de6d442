// The whole road when it cannot be built: whatever is missing, it is taken down again, and the next try finds
// everything as it was.
#include "daemon/pipeline.hpp"

#include <fstream>
#include <functional>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "tests/support/few_descriptors.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::daemon {
namespace {

using namespace std::chrono_literals;

class PipelineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { block_signals(); }

  PipelineTest() {
    const auto folder = folder_.path().string();
    std::ofstream(folder + "/rule.yaml") << "id: t/line\ntitle: a line\nseverity: error\nmatch:\n"
                                            "  - {formats: [any], regex: 'Address already in use'}\n"
                                            "causes: [{id: port-taken, text: it is, prior: 1}]\n";
    std::ofstream(folder + "/triaged.yaml") << "sources: [{file: {paths: ['" << folder << "/*.log']}}]\n"
                                            << "rules: ['" << folder << "/rule.yaml']\ntopology: {}\n"
                                            << "probes: {enabled: false}\nsinks: [{file: {name: out, path: '" << folder
                                            << "/out'}}]\nstate: {path: '" << folder << "/state'}\n";
    std::ofstream(folder + "/a.log") << "nothing\n";
    auto answer = config::load(folder + "/triaged.yaml", config::Strictness::strict);
    for (const auto& problem : answer.problems) ADD_FAILURE() << to_text(problem);
    loaded_ = std::move(answer.loaded);
    loaded_->configuration.notify.probe_kinds = {ProbeKind::listener};
  }

  /// Calls `started` when it is ready.
  Result<PipelineResult> run(const std::function<void()>& started) {
    return run_pipeline(*loaded_, *ledger_,
                        {.sinks = sinks_, .probes = *probes_, .admin = admin_, .signals = signals_, .kept = kept_},
                        {.reload = [](ReloadReason, const std::stop_token&) { return std::optional<config::Loaded>(); },
                         .started = started});
  }

  /// The signals that no pipeline has taken.
  std::vector<Signal> left_signals() {
    std::vector<Signal> left;
    signals_.listen([&](Signal signal) { left.push_back(signal); });
    signals_.stop_listening();
    return left;
  }

  TemporaryFolder folder_;
  std::optional<config::Loaded> loaded_;
  std::unique_ptr<store::Ledger> ledger_ = must(store::Ledger::in_memory());
  SinkStage sinks_{*ledger_};
  std::function<void()> watch_;  // called once a second while it runs, on its thread
  std::unique_ptr<probes::ProbeStage> probes_ =
      std::make_unique<probes::ProbeStage>([](const ProbeQuestion&) { return probes::Finding(); },
                                           [this] {
                                             if (watch_) watch_();
                                           });
  AdminStage admin_;
  SignalWatch signals_{1h, [] {}};
  sources::KeptStates kept_;
};

TEST_F(PipelineTest, IsTakenDownAgainWhereverDescriptorsRunOut) {
  ASSERT_TRUE(loaded_.has_value());
  int failures = 0;
  std::optional<Result<PipelineResult>> result;
  for (rlim_t more = 0; more < 64 && !(result && *result); ++more) {
    const FewDescriptors few(more);
    bool is_ready = false;
    watch_ = [&] {  // some time after it was ready: what fails then is seen
      if (is_ready) signals_.receive(Signal::stop);
    };
    result = run([&] { is_ready = true; });
    if (*result) continue;
    ++failures;
    EXPECT_EQ(result->error().message, "too many open files: raise LimitNOFILE= of the service or ulimit -n");
    EXPECT_TRUE(sinks_.names().empty()) << "a failure changes nothing";
  }
  EXPECT_GT(failures, 1);
  ASSERT_TRUE(result && *result) << "never enough";
  EXPECT_EQ((**result).end, PipelineEnd::stopped);
  EXPECT_EQ(sinks_.names(), std::vector<std::string>{"out"});
}

TEST_F(PipelineTest, LeavesSignalsToTheNextOneWhenItIsTakenDown) {
  for (const auto signal : {Signal::stop, Signal::reload}) {
    const auto result = run([&] {
      signals_.receive(signal);
      throw std::runtime_error("no room");
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "no room");
    EXPECT_EQ(left_signals(), std::vector{signal});
  }
}

TEST_F(PipelineTest, LeavesSignalsToTheNextOneWhenTheyComeWhileItEnds) {
  // The last of these signals comes behind the decision to end, and only the next one can take it.
  watch_ = [&] {
    if (ledger_->times_gone_back() > 0) signals_.receive(Signal::reload);
  };
  const auto result = run([&] { EXPECT_TRUE(ledger_->go_back()); });
  ASSERT_TRUE(result);
  EXPECT_EQ(result->end, PipelineEnd::ledger_went_back);
  EXPECT_EQ(left_signals(), std::vector{Signal::reload});
}

}  // namespace
}  // namespace triaged::daemon

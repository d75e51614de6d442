#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "daemon/admin_stage.hpp"
#include "daemon/commands.hpp"
#include "daemon/loaded.hpp"
#include "daemon/log.hpp"
#include "daemon/pipeline.hpp"
#include "daemon/probe_stage.hpp"
#include "daemon/report_problems.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/signals.hpp"
#include "store/ledger.hpp"

namespace triaged {

namespace {

constexpr auto drain_time = std::chrono::seconds(5);

void log_problems(const Problems& problems) {
  for (const auto& problem : problems) {
    if (problem.gravity == Gravity::error) {
      spdlog::error("{}", to_text(problem));
    } else {
      spdlog::warn("{}", to_text(problem));
    }
  }
}

/// What SIGHUP runs: everything is read anew, and nothing changes unless all of it is good. The public rules that the
/// start left out are taken in by the same road, as lenient as the start was.
std::optional<Loaded> reload(const RunOptions& options, ReloadReason reason, const std::stop_token& stop) {
  if (reason == ReloadReason::public_rules_left) {
    auto answer = load(options.configuration, Strictness::lenient, {.stop = stop});
    return std::move(answer.loaded);
  }
  spdlog::info("reloading the configuration and the rules");
  auto answer = load(options.configuration, Strictness::strict, {.stop = stop});
  if (answer.was_stopped) {
    spdlog::info("the reload was given up: triaged was asked to stop");
    return std::nullopt;
  }
  log_problems(answer.problems);
  if (!answer.loaded) {
    spdlog::error("the reload was refused for the errors above; the old configuration and rules keep running");
  }
  return std::move(answer.loaded);
}

/// Waits for a ledger that cannot be opened now; nullptr when it never can be, or somebody asks to stop.
std::unique_ptr<Ledger> open_ledger(const StateOptions& state) {
  const int signals = open_signals();
  std::unique_ptr<Ledger> opened;
  for (bool is_first = true; opened == nullptr; is_first = false) {
    auto ledger = Ledger::open(state.folder, state.durability);
    if (ledger) {
      opened = std::move(*ledger);
      for (const auto& message : opened->take_messages()) spdlog::error("{}", without_values(message, state));
      break;
    }
    const auto why = without_values(ledger.error().message, state);
    if (ledger.error().trouble != OpenTrouble::passing) {
      spdlog::critical("cannot start: {}", why);
      break;
    }
    if (is_first) spdlog::error("{}; waiting until it can be opened", why);
    tell_status(fmt::format("waiting for the ledger: {}", why));
    std::this_thread::sleep_for(std::chrono::seconds(1));
    if (next_signal(signals) == Signal::stop) break;
  }
  ::close(signals);
  return opened;
}

}  // namespace

int run_command(const RunOptions& options) {
  block_signals();
  auto answer = load(options.configuration, Strictness::lenient, {.public_rules = PublicRules::later});
  if (!answer.loaded) {
    print_problems(answer.problems);
    fmt::print(stderr, "triaged: cannot start; mend the errors above (triaged check shows them again)\n");
    return exit_could_not_run;
  }
  start_log();
  log_problems(answer.problems);
  auto loaded = std::move(*answer.loaded);
  const auto state = loaded.configuration.state;
  auto ledger = open_ledger(loaded.configuration.state);
  // From here on nothing is 2: the service manager starts it again, and it goes on from the last commit.
  if (!ledger) return exit_found;
  SinkStage sinks(*ledger);
  const auto probes = probe_this_host();
  AdminStage admin;
  bool reload_now = false;
  std::optional<Loaded> previous;
  for (;;) {
    auto result = run_pipeline(
        loaded, *ledger, {.sinks = sinks, .probes = *probes, .admin = admin},
        {.reload = [&](ReloadReason reason, const std::stop_token& stop) { return reload(options, reason, stop); },
         .reload_now = reload_now,
         .started = [&] { previous.reset(); }});
    if (!result && previous) {
      spdlog::error("the new configuration cannot run: {}; the old one goes on", result.error().message);
      loaded = std::move(*std::exchange(previous, std::nullopt));
      reload_now = false;
      continue;
    }
    if (!result) {
      spdlog::critical("cannot go on: {}", result.error().message);
      return exit_found;
    }
    if (result->end == PipelineEnd::stopped) break;
    previous = std::exchange(loaded, std::move(*result->next));
    reload_now = result->reload_again;
    const auto& next = loaded.configuration.state;
    if (next.folder != state.folder || next.durability != state.durability) {
      spdlog::warn(
          "'path' or 'durability' of 'state' has changed: it takes effect at the next start, until then state "
          "stays in {}",
          state.written.empty() ? state.folder.string() : state.written);
    }
    spdlog::info("running with the new configuration");
  }
  sinks.drain(std::chrono::steady_clock::now() + drain_time);
  spdlog::info("stopped");
  return exit_done;
}

int check_command(const RunOptions& options) {
  const auto answer = load(options.configuration, Strictness::strict);
  print_problems(answer.problems);
  if (!answer.loaded) {
    fmt::print(stderr, "triaged: a start would be refused or incomplete: {}\n", count_of(answer.problems));
    return exit_could_not_run;
  }
  const auto& configuration = answer.loaded->configuration;
  fmt::print("{}: good: {} sources, {} rules, {} sinks, state in {}\n",
             configuration.file.empty() ? "the built-in configuration" : configuration.file,
             configuration.sources.size(), answer.loaded->rules->rules().size(), configuration.sinks.size(),
             without_values(configuration.state.folder.string(), configuration.state));
  return exit_done;
}

}  // namespace triaged

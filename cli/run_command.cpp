#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <semaphore>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/report_problems.hpp"
#include "config/loaded.hpp"
#include "daemon/admin_stage.hpp"
#include "daemon/descriptor_limit.hpp"
#include "daemon/last_words.hpp"
#include "daemon/log.hpp"
#include "daemon/pipeline.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/signals.hpp"
#include "probes/probe_stage.hpp"
#include "store/ledger.hpp"

namespace triaged::cli {

namespace {

// From the signal to the end, whatever the receivers do: what is pending is delivered for so long, and then it is over.
constexpr auto drain_time = std::chrono::seconds(3);
constexpr auto longest_stop = std::chrono::milliseconds(4500);
constexpr std::size_t few_open_files = 1024;
constexpr auto last_message_time = std::chrono::milliseconds(200);

void log_problems(const Problems& problems) {
  for (const auto& problem : problems) {
    const auto level = problem.level == ProblemLevel::error     ? spdlog::level::err
                       : problem.level == ProblemLevel::warning ? spdlog::level::warn
                                                                : spdlog::level::info;
    spdlog::log(level, "{}", to_text(problem));
  }
}

/// What SIGHUP runs: everything is read anew, and nothing changes unless all of it is good. The public rules that the
/// start left out are taken in by the same road, as lenient as the start was.
std::optional<config::Loaded> reload(const RunOptions& options, daemon::ReloadReason reason,
                                     const std::stop_token& stop) {
  try {
    if (reason == daemon::ReloadReason::public_rules_left) {
      auto answer = load(options.configuration, config::Strictness::lenient, {.stop = stop});
      if (!answer.loaded && !answer.was_stopped) {  // it has changed since the start
        log_problems(answer.problems);
        spdlog::error("the public rules are left out because of the errors above; fix them and reload");
      }
      return std::move(answer.loaded);
    }
    spdlog::info("reloading the configuration and the rules");
    auto answer = load(options.configuration, config::Strictness::strict, {.stop = stop});
    if (answer.was_stopped) {  // whatever it found means nothing
      spdlog::info("the reload was given up");
      return std::nullopt;
    }
    log_problems(answer.problems);
    if (!answer.loaded) {
      spdlog::error("the reload was refused because of the errors above; the old configuration and rules keep running");
    }
    return std::move(answer.loaded);
  } catch (const std::exception& failure) {
    spdlog::error("the reload was refused: {}; the old configuration and rules keep running",
                  daemon::last_words_of(failure));
    return std::nullopt;
  }
}

/// Waits for a ledger that cannot be opened now; nullptr when it never can be, or somebody asks to stop.
std::unique_ptr<store::Ledger> open_ledger(const config::StateOptions& state, const std::stop_token& stop) {
  for (bool is_first = true; !stop.stop_requested(); is_first = false) {
    auto ledger = store::Ledger::open(state.folder, state.durability);
    if (ledger) {
      for (const auto& message : (*ledger)->take_messages()) spdlog::error("{}", message);
      return std::move(*ledger);
    }
    const auto& why = ledger.error().message;
    if (ledger.error().trouble != store::OpenTrouble::passing) {
      spdlog::critical("cannot start: {}", why);
      return nullptr;
    }
    if (is_first) spdlog::error("{}; waiting until it can be opened", why);
    daemon::tell_status(fmt::format("waiting for the ledger: {}", why));
    std::binary_semaphore stopped(0);
    const std::stop_callback on_stop(stop, [&] { stopped.release(); });
    (void)stopped.try_acquire_for(std::chrono::seconds(1));
  }
  return nullptr;
}

/// Says that it is over and ends the process at once, whatever still runs in it. Nothing is lost: what was committed is
/// committed, and what a sink was just sending is sent again.
[[noreturn]] void leave(std::string why) {
  // Whoever reads our messages may have stopped reading: then they are not waited for.
  try {
    std::thread([why = std::move(why)] { spdlog::warn("{}", why); }).detach();
  } catch (const std::system_error&) {  // no thread is to be had: then it goes without a word
  }
  std::this_thread::sleep_for(last_message_time);
  ::_exit(exit_done);
}

int stopped_early() {
  spdlog::info("stopped by a signal before it was ready");
  return exit_done;
}

/// Runs one pipeline after another until somebody asks to stop.
int run_pipelines(const RunOptions& options, config::Loaded& loaded, store::Ledger& ledger,
                  const daemon::LastingStages& stages) {
  const auto state = loaded.configuration.state;
  bool reload_now = false;
  std::optional<config::Loaded> previous;
  for (;;) {
    auto result =
        daemon::run_pipeline(loaded, ledger, stages,
                             {.reload = [&](daemon::ReloadReason reason,
                                            const std::stop_token& stop) { return reload(options, reason, stop); },
                              .reload_now = reload_now,
                              .started = [&] { previous.reset(); }});
    if (!result && previous) {
      spdlog::error("the new configuration cannot run: {}; the old one stays in use", result.error().message);
      loaded = std::move(*std::exchange(previous, std::nullopt));
      reload_now = false;
      continue;
    }
    if (!result) {
      spdlog::critical("cannot go on: {}", result.error().message);
      return exit_found;
    }
    if (result->end == daemon::PipelineEnd::stopped) return exit_done;
    reload_now = result->reload_again;
    if (result->end == daemon::PipelineEnd::ledger_went_back) continue;
    previous = std::exchange(loaded, std::move(*result->next));
    const auto& next = loaded.configuration.state;
    if (next.folder != state.folder || next.durability != state.durability) {
      spdlog::warn(
          "'path' or 'durability' of 'state' has changed: it takes effect at the next start, until then state "
          "stays in {}",
          state.folder.shown(state.folder.path.string()));
    }
    spdlog::info("running with the new configuration");
  }
}

}  // namespace

// Nothing that is thrown may end with 2: the service manager would not start it again.
int run_command(const RunOptions& options) try {
  daemon::end_with_last_words(exit_found);
  daemon::block_signals();
  daemon::start_log();
  const auto most_open_files = daemon::raise_descriptor_limit();
  daemon::SignalWatch signals(longest_stop,
                              [] { leave("stopping took too long; the next run continues with the rest"); });
  config::LoadedAnswer answer;
  try {
    answer = load(options.configuration, config::Strictness::lenient,
                  {.public_rules = matcher::PublicRules::later, .stop = signals.stopping()});
  } catch (const std::exception& failure) {
    fmt::print(stderr, "triaged: cannot start: {}\n", daemon::last_words_of(failure));
    return exit_found;
  }
  if (!answer.loaded && signals.stopping().stop_requested()) return stopped_early();
  if (!answer.loaded) {
    print_problems(answer.problems);
    fmt::print(stderr, "triaged: cannot start; fix the errors above (triaged check shows them again)\n");
    return exit_could_not_run;
  }
  log_problems(answer.problems);
  if (most_open_files < few_open_files) {
    spdlog::warn("this process may open only {} files: raise LimitNOFILE= of the service, or ulimit -n",
                 most_open_files);
  }
  auto loaded = std::move(*answer.loaded);
  const auto ledger = open_ledger(loaded.configuration.state, signals.stopping());
  // From here on nothing is 2: the service manager starts it again, and it goes on from the last commit.
  if (!ledger) return signals.stopping().stop_requested() ? stopped_early() : exit_found;
  daemon::SinkStage sinks(*ledger);
  const auto probes = probes::probe_this_host();
  daemon::AdminStage admin;
  sources::KeptStates kept;
  const int status = run_pipelines(
      options, loaded, *ledger, {.sinks = sinks, .probes = *probes, .admin = admin, .signals = signals, .kept = kept});
  if (status != exit_done) return status;
  const auto asked_at = signals.asked_to_stop_at().value_or(daemon::SignalWatch::Clock::now());
  if (const auto late = sinks.finish(asked_at + drain_time); !late.empty()) {
    leave(fmt::format("stopped while {} did not answer; what is not delivered is sent again at the next start",
                      fmt::join(late, ", ")));
  }
  spdlog::info("stopped");
  return exit_done;
} catch (const std::exception& failure) {
  fmt::print(stderr, "triaged: {}\n", daemon::last_words_of(failure));
  return exit_found;
}

/// They may appear later, so a start does not mind.
void warn_of_paths_without_file(const config::Configuration& configuration) {
  Problems problems;
  for (const auto& source : configuration.sources) {
    for (const auto& path : sources::paths_without_file(source.entry)) {
      problems.push_back({ProblemLevel::warning, configuration.file, path.line, path.column,
                          "this path matches no file now: " + path.why, ""});
    }
  }
  print_problems(problems);
}

int check_command(const RunOptions& options) {
  const auto answer = load(options.configuration, config::Strictness::strict);
  print_problems(answer.problems);
  if (!answer.loaded) {
    fmt::print(stderr, "triaged: a start would be refused or incomplete: {}\n", count_of(answer.problems));
    return exit_could_not_run;
  }
  const auto& configuration = answer.loaded->configuration;
  if (!configuration.file.empty()) warn_of_paths_without_file(configuration);
  fmt::print("{}: good: {} sources, {} rules, {} sinks, state in {}\n",
             configuration.file.empty() ? "what `triaged discover` finds here" : configuration.file,
             configuration.sources.size(), answer.loaded->rules->rules().size(), configuration.sinks.size(),
             configuration.state.folder.shown(configuration.state.folder.path.string()));
  return exit_done;
}

}  // namespace triaged::cli

#include <cstdio>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "daemon/commands.hpp"
#include "daemon/loaded.hpp"
#include "daemon/log.hpp"
#include "daemon/pipeline.hpp"
#include "daemon/report_problems.hpp"
#include "daemon/signals.hpp"
#include "store/ledger.hpp"

namespace triaged {

namespace {

void log_problems(const Problems& problems) {
  for (const auto& problem : problems) {
    if (problem.gravity == Gravity::error) {
      spdlog::error("{}", to_text(problem));
    } else {
      spdlog::warn("{}", to_text(problem));
    }
  }
}

/// What SIGHUP runs: everything is read anew, and nothing changes unless all of it is good.
std::optional<Loaded> reload(const RunOptions& options) {
  spdlog::info("reloading the configuration and the rules");
  auto answer = load(options.configuration, Strictness::strict);
  log_problems(answer.problems);
  if (!answer.loaded) {
    spdlog::error("the reload was refused for the errors above; the old configuration and rules keep running");
  }
  return std::move(answer.loaded);
}

}  // namespace

int run_command(const RunOptions& options) {
  block_signals();
  auto answer = load(options.configuration, Strictness::lenient);
  if (!answer.loaded) {
    print_problems(answer.problems);
    fmt::print(stderr, "triaged: cannot start; mend the errors above (triaged check shows them again)\n");
    return exit_could_not_run;
  }
  start_log();
  log_problems(answer.problems);
  auto loaded = std::move(*answer.loaded);
  const auto folder = loaded.configuration.state.folder;
  auto ledger = Ledger::open(folder, loaded.configuration.state.durability);
  if (!ledger) {
    spdlog::critical("cannot start: {}", ledger.error().message);
    return exit_could_not_run;
  }
  for (;;) {
    auto result = run_pipeline(std::move(loaded), **ledger, [&] { return reload(options); });
    if (!result) {
      spdlog::critical("cannot go on: {}", result.error().message);
      return exit_could_not_run;
    }
    if (result->end == PipelineEnd::stopped) break;
    loaded = std::move(*result->next);
    if (loaded.configuration.state.folder != folder) {
      spdlog::warn("'state' has changed: it takes effect at the next start, until then state stays in {}",
                   folder.string());
    }
    spdlog::info("running with the new configuration");
  }
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
             configuration.state.folder.string());
  return exit_done;
}

}  // namespace triaged

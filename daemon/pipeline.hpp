// The running daemon: the road from sources to sinks, wired from checked configuration.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "config/loaded.hpp"
#include "daemon/admin_stage.hpp"
#include "daemon/signals.hpp"
#include "daemon/sink_stage.hpp"
#include "probes/probe_stage.hpp"
#include "sources/source.hpp"
#include "store/ledger.hpp"

namespace triaged::daemon {

/// What a reload leaves running.
struct LastingStages {
  SinkStage& sinks;
  probes::ProbeStage& probes;
  AdminStage& admin;
  SignalWatch& signals;
  sources::KeptStates& kept;  // of the sources
};

/// Why a pipeline ended.
enum class PipelineEnd {
  stopped,  // by a signal, or because the sources have ended
  replaced,
  ledger_went_back  // it was damaged; the same is to be run again from where the ledger stands now
};

enum class ReloadReason {
  asked,             // SIGHUP
  public_rules_left  // the start left public rules out, because compiling them takes long
};

/// Asked on a thread of its own: what to run instead, or nullopt to keep what runs (and the reason is logged). Gives up
/// soon after `stop` is requested.
using Reload = std::function<std::optional<config::Loaded>(ReloadReason, const std::stop_token& stop)>;

/// What has been read and not diagnosed when a pipeline ends may take so long; the rest is read again by the next.
inline constexpr auto longest_farewell = std::chrono::seconds(1);

struct PipelineOptions {
  Reload reload;
  bool reload_now = false;        // one is asked for at once
  std::function<void()> started;  // called when nothing can fail any more; may be empty
};

struct PipelineResult {
  PipelineEnd end = PipelineEnd::stopped;
  bool reload_again =
      false;  // PipelineEnd::replaced: a signal came while `next` was loaded, and asks for what is newer
  std::optional<config::Loaded> next;  // PipelineEnd::replaced: what to run now
};

/// Runs until a signal to stop, until every source with which the daemon ends has ended, or until a reload gave
/// something to run instead. On the way out what has been read is matched, diagnosed and committed, as far as that
/// takes no longer than `longest_farewell`; the rest is read again by the next run. The sinks of `loaded` become those
/// of `stages`, which go on delivering when this returns. When any part cannot be built (no descriptor, thread or
/// memory is left) those that were are taken down again and nothing has changed. What is left of `loaded` can be run
/// again, with the sinks that are then in use.
[[nodiscard]] Result<PipelineResult> run_pipeline(config::Loaded& loaded, store::Ledger& ledger,
                                                  const LastingStages& stages, const PipelineOptions& options);

}  // namespace triaged::daemon

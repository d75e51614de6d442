// The running daemon: the road from files to sinks, wired from checked configuration.
#pragma once

#include <functional>

#include "daemon/loaded.hpp"
#include "store/ledger.hpp"

namespace triaged {

/// Why a pipeline ended.
enum class PipelineEnd { stopped, replaced };

/// Asked on SIGHUP, on a thread of its own: what to run instead, or nullopt to keep what runs (and the reason is
/// logged).
using Reload = std::function<std::optional<Loaded>()>;

struct PipelineResult {
  PipelineEnd end = PipelineEnd::stopped;
  std::optional<Loaded> next;  // PipelineEnd::replaced: what to run now
};

/// Runs until SIGTERM or SIGINT, or until a reload gave something to run instead. Drains on the way out: what has been
/// read is matched, diagnosed and committed, and the sinks get a moment to deliver it.
[[nodiscard]] Result<PipelineResult> run_pipeline(Loaded loaded, Ledger& ledger, const Reload& reload);

}  // namespace triaged

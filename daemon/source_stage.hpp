// Runs the sources on the io thread, each in a coroutine of its own, and hands their batches to the matchers.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/configuration.hpp"
#include "daemon/matcher_stage.hpp"
#include "sources/make_source.hpp"

namespace boost::asio {
class io_context;
}

namespace triaged::daemon {

/// io thread only.
class SourceStage {
 public:
  /// Makes the sources of all entries. Reads nothing yet.
  [[nodiscard]] static Result<std::unique_ptr<SourceStage>> open(const std::vector<config::LogSource>& entries,
                                                                 const sources::SourceOrigin& origin);
  virtual ~SourceStage() = default;

  /// Reads as long as `io` runs. A full matcher makes its sources wait: a file keeps the data, a pipe its writers.
  /// Throws when no descriptor is left; reads nothing then.
  virtual void run(boost::asio::io_context& io, MatcherStage& matchers) = 0;

  /// Whether on_committed() is to be called. Any thread.
  [[nodiscard]] virtual bool wants_commits() const = 0;
  /// These cursors are in the ledger now.
  virtual void on_committed(std::span<const Cursor> cursors) = 0;

  /// Reached: all sources with which the daemon ends have ended, and what they emitted is committed.
  [[nodiscard]] virtual sources::Ending ending() const = 0;
  /// "3 files, standard input"
  [[nodiscard]] virtual std::string summary() const = 0;
  [[nodiscard]] virtual std::vector<Metric> metrics() const = 0;
};

}  // namespace triaged::daemon

// Follows the files of all sources on the io thread and hands their batches to the matchers.
#pragma once

#include <memory>
#include <vector>

#include "base/result.hpp"
#include "config/configuration.hpp"
#include "daemon/matcher_stage.hpp"

namespace boost::asio {
class io_context;
}

namespace triaged::daemon {

/// io thread only.
class FileStage {
 public:
  /// Opens the files of all sources at the checkpoint. Reads nothing yet.
  [[nodiscard]] static Result<std::unique_ptr<FileStage>> open(const std::vector<config::FileSource>& sources,
                                                               const std::vector<Cursor>& checkpoint);
  virtual ~FileStage() = default;

  /// Reads as long as `io` runs. A full matcher makes its files wait; they keep the data. Throws when no descriptor is
  /// left; reads nothing then.
  virtual void follow(boost::asio::io_context& io, MatcherStage& matchers) = 0;

  [[nodiscard]] virtual sources::FollowCounts counts() const = 0;
};

}  // namespace triaged::daemon

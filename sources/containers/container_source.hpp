// The source of kind `containers`: the logs of containers, followed as all files are (FileFollower), each line with
// what the path of its log says of its writer: container, pod and namespace. What the runtime put around a line (CRI's
// time and tags, docker's JSON object) is taken off where lines are read, not here.
//
// A container that starts again writes into a new file; its name stays, and so does LineBatch::source_name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sources/containers/own_container.hpp"
#include "sources/file/file_follower.hpp"

namespace triaged::sources {

/// What one entry of the configuration follows.
struct ContainerLogs {
  std::vector<std::string> globs;
  StartAt start = StartAt::checkpoint;
  std::vector<std::string> spaces;      // namespaces, or projects of docker compose; empty: all
  std::vector<std::string> containers;  // by name; empty: all
};

/// What the process that follows is itself, and what it still knows of earlier runs.
struct FollowerIdentity {
  OwnContainer own = {};                    // its lines have Envelope::is_own
  std::vector<std::string> own_files = {};  // as FileFollowerOptions::own_files
  bool has_lost_cursors = false;            // likewise
};

/// As FileFollower::open(). A file whose path has no known form is followed without a name, unless names are asked for.
[[nodiscard]] Result<std::unique_ptr<Source>> follow_containers(const std::vector<ContainerLogs>& logs,
                                                                const std::vector<Cursor>& checkpoint, TimePoint now,
                                                                FollowerIdentity identity = {});

}  // namespace triaged::sources

// One daemon per state folder: two would read the same lines and overwrite each other's cursors.
#pragma once

#include <filesystem>

#include "base/descriptor.hpp"
#include "base/result.hpp"

namespace triaged::store {

/// Holds `folder`/triaged.lock for as long as it lives. The kernel lets go of it when the process ends, however it
/// ends, so a lock file left by a crash locks nothing. Works on local file systems and on NFS from Linux 2.6.12 on.
class FolderLock {
 public:
  /// Locks nothing: for a ledger in memory.
  FolderLock() = default;
  [[nodiscard]] static Result<FolderLock> take(const std::filesystem::path& folder);
  /// Whether the locked file still stands in `folder`: one that was deleted keeps nobody out.
  [[nodiscard]] bool stands_in(const std::filesystem::path& folder) const;

 private:
  Descriptor file_;
};

}  // namespace triaged::store

// triaged.db as a person's command opens it, beside a running daemon or without one. For the room's own use.
#pragma once

#include <string>

#include "base/result.hpp"
#include "store/sqlite.hpp"
#include "store/state_folder.hpp"

namespace triaged::store {

enum class StoredFor { reading, changing };

struct StoredFile {
  SqliteConnection connection;
  std::string path;  // for messages

  /// `what` is "read" or "write".
  [[nodiscard]] Error failure(const char* what, const Error& why) const;
};

/// Fails when there is no triaged.db in `folder`, or one of another version.
[[nodiscard]] Result<StoredFile> open_stored_file(const StateFolder& folder, StoredFor purpose);

}  // namespace triaged::store

// The tables of triaged.db and how an older file becomes a current one.
#pragma once

#include <string>

#include "store/sqlite.hpp"

namespace triaged {

/// What outbox.outcome holds.
enum class RowOutcome : std::int64_t { pending = 0, delivered = 1, rejected = 2 };

/// Checks that the file is whole and ours, and brings it to the current schema in one transaction. `path` is for
/// messages.
[[nodiscard]] Result<void> bring_to_current_schema(const SqliteConnection& connection, const std::string& path);

}  // namespace triaged

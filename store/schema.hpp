// The tables of triaged.db and how an older file becomes a current one.
#pragma once

#include <optional>
#include <string>

#include "store/ledger.hpp"
#include "store/sqlite.hpp"

namespace triaged::store {

/// What outbox.outcome holds.
enum class RowOutcome : std::int64_t { pending = 0, delivered = 1, rejected = 2 };

/// Checks that the file is whole and ours, and brings it to the current schema in one transaction a step. `path` is for
/// messages. nullopt: all is well.
[[nodiscard]] std::optional<OpenFailure> bring_to_current_schema(const SqliteConnection& connection,
                                                                 const std::string& path);

/// The schema that this version writes.
[[nodiscard]] std::int64_t current_schema();

/// The failure of the last call on `connection`, a file that is there: damaged, or as passing as it is.
[[nodiscard]] OpenFailure damaged_or_unreadable(const SqliteConnection& connection, const std::string& path,
                                                const Error& why);

/// The failure of the last call on `connection`, as passing as it is.
[[nodiscard]] OpenFailure cannot_read(const SqliteConnection& connection, const std::string& path, const Error& why);

}  // namespace triaged::store

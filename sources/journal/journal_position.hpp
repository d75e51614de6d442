// Where in a journal reading stands: what Cursor::state of a source `journald` holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace triaged::sources {

struct JournalPosition {
  std::string cursor;             // sd_journal_get_cursor() of the last entry that was read; empty: none was
  std::uint64_t offset = 0;       // bytes of text that were given out so far; never goes back
  TimePoint followed_since = {};  // what journald received before is the journal's past; none: it has no past
};

[[nodiscard]] std::string to_state(const JournalPosition& position);
/// nullopt: `state` is not what to_state() writes.
[[nodiscard]] std::optional<JournalPosition> read_journal_state(std::string_view state);

/// Do both name the same entry? journald copies entries from /run/log/journal to /var/log/journal and numbers them
/// anew: boot, times and hash stay.
[[nodiscard]] bool is_same_entry(std::string_view cursor, std::string_view other);

/// Where `cursor` stands by the number that journald gave its entry, seen from `from`: 0 the same entry, 1 the next
/// one. nullopt: they were not numbered together.
[[nodiscard]] std::optional<std::int64_t> entries_between(std::string_view from, std::string_view cursor);

}  // namespace triaged::sources

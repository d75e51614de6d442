// Proof that cursors, the stages' state and pending notifications are what was written, all of it and nothing else.
// SQLite itself notices only damage to the structure of its file: a flipped bit in a text, or pages of two moments side
// by side (half of a write-ahead log), look whole to it. A cursor that is ahead of its incidents loses lines without a
// word.
//
// Each row has a checksum (row_sum of its columns); the table `digests` has for each of the tables how many rows it
// has and the sum of their checksums. Triggers keep it up to date, so that no writer can forget it. For the room's own
// use.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "store/sqlite.hpp"

namespace triaged::store {

struct ProvedTable {
  std::string_view name;
  std::string_view count;  // gives: rows, the sum of their checksums, rows whose checksum is wrong
};

/// The tables of a file of that schema whose rows can be proved; none before schema 4.
[[nodiscard]] std::span<const ProvedTable> proved_tables_of(std::int64_t schema);

/// What a table should hold, by the table `digests`.
struct Digest {
  std::int64_t rows = 0, sum = 0;
  friend bool operator==(const Digest&, const Digest&) = default;
};

/// The error is SQLite's own; there is no digest of a damaged or older file.
[[nodiscard]] Result<Digest> digest_of(const SqliteConnection& connection, std::string_view table);
/// Whether the rows of `table` are those of its digest.
[[nodiscard]] Result<bool> is_proved(const SqliteConnection& connection, const ProvedTable& table);

}  // namespace triaged::store

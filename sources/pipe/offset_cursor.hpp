// The state of a cursor that is a number of bytes: of a stream that cannot be read again from there, the number names a
// line and never goes back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "values/line_batch.hpp"

namespace triaged::sources {

[[nodiscard]] std::string offset_state(std::uint64_t offset);

/// How far `stream` is read by the last of its cursors; nullopt: there is none.
[[nodiscard]] std::optional<std::uint64_t> offset_in(std::span<const Cursor> cursors, const std::string& stream);

}  // namespace triaged::sources

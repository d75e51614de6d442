// A text that somebody copied from a screen: read as it was before the terminal broke its lines. Private to this room.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "formats/line_reader.hpp"
#include "sources/file_scan.hpp"
#include "values/line_batch.hpp"

namespace triaged::scan {

/// The first batch of a file. When that is all of it, its lines are whole, and their offsets are those in the text with
/// whole lines: what a reader says of the bytes above a line must fit them.
[[nodiscard]] Result<std::optional<LineBatch>> first_batch(sources::FileScan& file,
                                                           const formats::LineReaderOptions& reading);

}  // namespace triaged::scan

// What is kept of a line that a signature matched. Private to this room.
#pragma once

#include <cstddef>
#include <string>

#include "formats/line_reader.hpp"
#include "matcher/signature.hpp"
#include "values/line_batch.hpp"
#include "values/symptom.hpp"

namespace triaged::matcher {

/// What a person calls a line's log: of a journal, the part of it that the line's program wrote.
[[nodiscard]] std::string name_of_source(const LineBatch& batch, const Envelope* envelope);

/// `source` is what a person calls the line's log. Line, header and fields are cut to `longest` bytes each.
[[nodiscard]] MatchedLine to_matched(const Signature& signature, const std::string& source, const LineBatch& batch,
                                     const LineSpan& span, const formats::ReadLine& line, std::size_t longest);

}  // namespace triaged::matcher

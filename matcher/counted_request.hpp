// A request in an access line, as far as its number counts: how it was answered, and what a finding keeps of it.
// Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "formats/line_reader.hpp"
#include "values/symptom.hpp"

namespace triaged::matcher {

/// Three digits as a number; 1000 when it is anything else.
[[nodiscard]] std::size_t status_number(std::string_view status);

/// A request that its server answered as it should.
[[nodiscard]] bool is_good_answer(const formats::ReadLine& line);

/// Answered with 5xx.
[[nodiscard]] bool is_failed(const formats::ReadLine& line);

/// When the request came, and where: what else it is counted by, the caller adds as fields.
[[nodiscard]] MatchedLine counted_request(const formats::ReadLine& line, const std::string& source, TimePoint at,
                                          std::uint64_t offset);

}  // namespace triaged::matcher

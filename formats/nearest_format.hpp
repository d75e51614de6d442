// For a line that no format reads: which one it comes nearest to, and how far. Slow; for people who ask about a line.
//
// The readers are the judges. A model line of each format stands by, and the longest beginning of the line is looked
// for that the format's own reader still takes when the rest of it is a model's: what follows in the line is then what
// the format does not expect, and what follows in the model is one thing that it does.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "formats/format.hpp"

namespace triaged::formats {

struct NearFormat {
  Format format = Format::text;
  std::size_t stops_at = 0;   // bytes of the line
  std::string_view expected;  // with what it could go on there, cut; static storage. Empty: with nothing
};

/// `line` without what transport put around it. nullopt: it has less than half in common with any.
[[nodiscard]] std::optional<NearFormat> nearest_format(std::string_view line);

}  // namespace triaged::formats

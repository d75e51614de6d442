// How much work a pattern is for the engines, known before they begin. Some patterns of forty bytes keep Hyperscan busy
// for minutes, and nobody can interrupt it; a limit in seconds would refuse good rules on a loaded host.
#pragma once

#include <cstdint>
#include <string_view>

namespace triaged::knowledge {

/// The size of the automaton that the pattern stands for when every repeat is written out: its positions and the steps
/// from one to the next (Glushkov's construction). "a(b|c)d" has 4 positions and 4 steps, which is 8; "[a-z]{1,40}x"
/// has 41 and 79. At most 2^33. It depends on the text alone.
[[nodiscard]] std::uint64_t pattern_cost(std::string_view regex);

/// What a rule's pattern may cost. Measured with Hyperscan 5.4: of some 500 patterns that were made to be slow none
/// below it took more than 1.8 s of processor time, those above it up to 18 s and more; the dearest of all 5,597
/// patterns of the shipped and the public rules costs 2,338.
constexpr std::uint64_t largest_pattern_cost = 10'000;

}  // namespace triaged::knowledge

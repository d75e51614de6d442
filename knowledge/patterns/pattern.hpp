// What a rule's regular expression may be. Hyperscan finds the lines and RE2 extracts the named groups from them, so a
// pattern must be one that both take, read in the same way: as bytes, on one line, with named groups written
// "(?<name>…)". The matcher compiles with what this header says, so that a rule that loads also runs.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triaged::knowledge {

/// `regex` without the leading and trailing ".*" (and "^.*", ".*$") that change nothing but cost: a pattern matches
/// anywhere in its line.
[[nodiscard]] std::string trimmed_pattern(std::string_view regex);

/// The same expression as RE2 of Debian 12 spells it: "(?<name>…)" and "(?'name'…)" become "(?P<name>…)". Compile the
/// result with Latin-1 encoding: lines are bytes, as they are to Hyperscan.
[[nodiscard]] std::string to_re2_syntax(std::string_view regex);

/// The flags for hs_compile: report a pattern once a line, take patterns that match the empty line.
[[nodiscard]] unsigned hyperscan_flags(bool caseless);

/// Why one of the two engines does not take `regex`: its name, its own reason and, for the usual constructs of other
/// engines, what to write instead; or that it would cost too much (pattern_cost.hpp). nullopt: both take it.
[[nodiscard]] std::optional<std::string> refusal_of(const std::string& regex, bool caseless);

/// Why RE2 alone does not take `regex` (conditions on fields are matched by RE2 only); nullopt: it does.
[[nodiscard]] std::optional<std::string> re2_refusal_of(std::string_view regex);

/// Processor time that Hyperscan needs for it, alone.
[[nodiscard]] double seconds_to_compile(const std::string& regex, bool caseless);

/// True when the pattern matches the empty line. REQUIRES: both engines take it.
[[nodiscard]] bool matches_empty_line(const std::string& regex, bool caseless);

/// True when every line that matches must hold some literal text of at least `length` bytes.
[[nodiscard]] bool requires_literal(const std::string& regex, bool caseless, std::size_t length);

/// The names of its named groups, in order.
[[nodiscard]] std::vector<std::string> named_groups_of(std::string_view regex);

/// `text` with everything that means something in a pattern escaped.
[[nodiscard]] std::string escaped_for_pattern(std::string_view text);

}  // namespace triaged::knowledge

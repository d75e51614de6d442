// A configuration that follows what was found: commented YAML, as `triaged check` takes it. `discover --write` writes
// it, and `run` without a configuration reads it.
#pragma once

#include <string>

#include "discover/discover.hpp"

namespace triaged::discover {

enum class UsualPlaces {
  left_out,  // only what was found, unless that is nothing
  added,     // also where logs of programs that were not found may appear
};

[[nodiscard]] std::string proposed_configuration(const Discovery& discovery, UsualPlaces usual);

}  // namespace triaged::discover

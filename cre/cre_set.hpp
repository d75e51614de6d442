// Private to this room; see cre_machine.hpp.
#pragma once

#include "cre/cre_machine.hpp"

namespace triaged::cre {

[[nodiscard]] std::unique_ptr<CreMachine> make_cre_set(const knowledge::CreRule& rule,
                                                       const std::vector<unsigned>& positives,
                                                       const std::vector<unsigned>& negatives);

}  // namespace triaged::cre

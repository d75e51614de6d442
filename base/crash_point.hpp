// For tests only: places at which the process can be made to die as in a crash, so that what survives can be looked at.
// A build with the CMake option TRIAGED_CRASH_POINTS (the presets dev, asan and tsan have it) looks at the environment
// variable TRIAGED_CRASH_AT=NAME[:N]: the N-th passing (the first without N) of the point NAME kills the process. In
// every other build, releases too, a crash point is nothing.
//
// The points, in the order of the road: inside-schema-step (an older ledger is brought to the present schema; passed
// once a step), before-commit, inside-commit (passed after each statement of a commit),
// after-commit, before-deliver, after-deliver, inside-settle, after-settle.
#pragma once

#include <string_view>

namespace triaged::inline base {

/// Any thread.
void crash_point(std::string_view name);

}  // namespace triaged::inline base

// The statistics of a whole incident that a rule may name as evidence (`pattern: only-post`). What each of them is, the
// diagnosis says (diagnosis/patterns.cpp) and docs/diagnosis.md.
#pragma once

#include <array>
#include <string_view>

namespace triaged::knowledge {

inline constexpr std::array<std::string_view, 20> pattern_names = {
    "one-of-many-upstreams",
    "many-upstreams-fail",
    "constant-duration",
    "only-post",
    "one-path",
    "many-paths",
    "fewer-places-behind",
    "same-places-behind",
    "all-requests-fail",
    "few-requests-fail",
    "never-succeeded",
    "others-answer",
    "recovered-soon",
    "lasted-long",
    "regular-intervals",
    "some-servers-left",
    "no-servers-left",
    "one-client",
    "many-clients",
    "answers-meanwhile",
};

}  // namespace triaged::knowledge

// One window of TimedMatches and how it is saved. Private to this room.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "diagnosis/absence_window.hpp"
#include "diagnosis/line_window.hpp"
#include "diagnosis/rate_window.hpp"
#include "diagnosis/saturation_window.hpp"

namespace triaged::diagnosis {

using AnyWindow = std::variant<LineWindow, RateWindow, SaturationWindow, AbsenceWindow>;

/// JSON; `now` goes with it, so that times of arrival stay true after a restart.
[[nodiscard]] std::string to_json(const AnyWindow& window, std::string_view by, TimePoint now);

struct SavedWindow {
  AnyWindow window;
  std::string by;
  TimePoint now;
};

/// What to_json wrote of a window of `timed`.
[[nodiscard]] Result<SavedWindow> window_from_json(const knowledge::TimedMatch& timed, std::string_view json);

[[nodiscard]] AnyWindow window_of(const knowledge::TimedMatch& timed);

}  // namespace triaged::diagnosis

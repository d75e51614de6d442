// The parts of the command line that have files of their own.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace CLI {
class App;
}

namespace triaged::cli {

struct StateChoice;

using Command = std::function<int()>;

/// Each adds a command to `app` that puts what it was asked to do in `chosen`, which must outlive `app`.
void add_outbox(CLI::App& app, Command& chosen);
void add_incidents(CLI::App& app, Command& chosen);
void add_discover(CLI::App& app, Command& chosen);

/// An option for a time as read_time() reads it.
void add_time(CLI::App& command, const std::string& name, std::optional<TimePoint>& time, const std::string& help);

/// --config and --state.
void add_state_choice(CLI::App& command, StateChoice& state);

}  // namespace triaged::cli

// The parts of the command line that have files of their own.
#pragma once

#include <functional>

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

/// --config and --state.
void add_state_choice(CLI::App& command, StateChoice& state);

}  // namespace triaged::cli

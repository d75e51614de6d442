// What is wrong with a command line whose command or option does not exist, in words that say what to write instead.
#pragma once

#include <string>

namespace CLI {

class App;

}  // namespace CLI

namespace triaged::cli {

/// "there is no command 'scna'; did you mean 'scan'?". Empty: its commands and options exist, or are known to be right.
[[nodiscard]] std::string command_mistake(CLI::App& app, int argc, char** argv);

}  // namespace triaged::cli

// The command line: from arguments to one command with its options. Knows CLI11, and nothing else does.
#pragma once

namespace triaged::cli {

/// What main does. The exit status is the command's.
[[nodiscard]] int run_command_line(int argc, char** argv);

}  // namespace triaged::cli

// Signals as data: blocked in every thread from the start, read from a descriptor by whoever runs the pipeline. One
// that arrives while one pipeline replaces another waits for the next.
#pragma once

#include <optional>

namespace triaged {

enum class Signal { stop, reload };

/// Blocks SIGTERM, SIGINT and SIGHUP for this thread and those it will start, and ignores SIGPIPE and
/// SIGXFSZ: a write that fails says so itself. Call it before the
/// first thread starts.
void block_signals();

/// A descriptor (signalfd(2), not blocking) that is readable when one of them is pending; the caller closes it.
[[nodiscard]] int open_signals();

/// Takes the next pending signal; nullopt when there is none.
[[nodiscard]] std::optional<Signal> next_signal(int descriptor);

}  // namespace triaged

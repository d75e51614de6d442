// How many files the process may have open. The followed files leave a part of it to what must always work: the ledger,
// sinks, the admin address, folders (FileFollowerOptions::max_open_files).
#pragma once

#include <cstddef>

namespace triaged::daemon {

/// Raises the soft limit of open files to the hard one. Returns what the process may have open from now on.
std::size_t raise_descriptor_limit();

}  // namespace triaged::daemon

// The limit of open descriptors of the process. Followed files use most of it and leave the rest to what must always
// work: the ledger, sinks, the admin address, folders (FileFollowerOptions::max_open_files).
#pragma once

#include <cstddef>

namespace triaged::daemon {

/// Raises the soft limit of open descriptors to the hard one. Returns the limit from now on; 0 when the system does not
/// tell it. Call it once, before other threads start.
std::size_t raise_descriptor_limit();

}  // namespace triaged::daemon

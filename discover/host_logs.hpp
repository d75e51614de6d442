// The logs of the host itself: the kernel's, the journal of systemd, those of containers. Private to this room.
#pragma once

#include <filesystem>

#include "discover/discover.hpp"

namespace triaged::discover {

[[nodiscard]] HostLogs host_logs_of(const std::filesystem::path& root, const Reader& reader);

/// Says where what `log` sends to syslog can be read: in the file that a syslog daemon writes, or in the journal. A log
/// that nobody on this host is known to receive stays as it is.
void follow_syslog(FoundLog& log, Program program, const HostLogs& host, const std::filesystem::path& root);

}  // namespace triaged::discover

// The daemon's own log, on standard error: with time stamps for people, with syslog priorities ("<4>") under systemd's
// journal, which has its own clock.
#pragma once

namespace triaged::daemon {

void start_log();

}  // namespace triaged::daemon

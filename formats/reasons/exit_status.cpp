// Exit statuses that mean the same whatever the program: sysexits.h (64 to 78), the shell's 126 and 127 (bash(1)), and
// systemd's own from 200 on, for a service whose program did not even start (systemd.exec(5), "Process exit codes").
// Any other is its number: what 1 or 3 means, only the program knows.
#include <array>

#include "formats/reasons/reason_table.hpp"

namespace triaged::formats {

namespace {

constexpr Reason rows[] = {{64, "usage"},
                           {65, "dataerr"},
                           {66, "noinput"},
                           {67, "nouser"},
                           {68, "nohost"},
                           {69, "unavailable"},
                           {70, "software"},
                           {71, "oserr"},
                           {72, "osfile"},
                           {73, "cantcreat"},
                           {74, "ioerr"},
                           {75, "tempfail"},
                           {76, "protocol"},
                           {77, "noperm"},
                           {78, "config"},
                           {126, "not_executable"},
                           {127, "not_found"},
                           {200, "chdir"},
                           {201, "nice"},
                           {202, "fds"},
                           {203, "exec"},
                           {204, "memory"},
                           {205, "limits"},
                           {206, "oom_adjust"},
                           {207, "signal_mask"},
                           {208, "stdin"},
                           {209, "stdout"},
                           {210, "chroot"},
                           {211, "ioprio"},
                           {212, "timerslack"},
                           {213, "securebits"},
                           {214, "setscheduler"},
                           {215, "cpuaffinity"},
                           {216, "group"},
                           {217, "user"},
                           {218, "capabilities"},
                           {219, "cgroup"},
                           {220, "setsid"},
                           {221, "confirm"},
                           {222, "stderr"},
                           {224, "pam"},
                           {225, "network"},
                           {226, "namespace"},
                           {227, "no_new_privileges"},
                           {228, "seccomp"},
                           {229, "selinux_context"},
                           {230, "personality"},
                           {231, "apparmor"},
                           {232, "address_families"},
                           {233, "runtime_directory"},
                           {235, "chown"},
                           {236, "smack_process_label"},
                           {237, "keyring"},
                           {238, "state_directory"},
                           {239, "cache_directory"},
                           {240, "logs_directory"},
                           {241, "configuration_directory"},
                           {242, "numa_policy"},
                           {243, "credentials"},
                           {245, "bpf"},
                           {255, "exception"}};

constexpr std::array<std::string_view, 7> places = {
    "code=exited, status=", "code=exited status=", "exited with code ", "exited with status ",
    "exit status ",         "exit code ",          "exit_code="};

}  // namespace

constinit const ReasonTable exit_statuses = {
    .field = "exit_status",
    .in = [](std::string_view words) { return reason_behind(rows, words, places); },
    .named = [](std::string_view written) { return whole_name(rows, written); },
    .rows = [] { return Reasons(rows); }};

}  // namespace triaged::formats

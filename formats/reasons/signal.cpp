// Signals by the numbers of Linux on x86 and ARM (signal(7)). Those of BSD and macOS differ from 7 on, so a name beside
// the number wins. Words: strsignal(3) of glibc, which a shell, systemd, HAProxy and Go print.
#include <array>

#include "formats/reasons/reason_table.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

constexpr Reason rows[] = {
    {1, "SIGHUP"},   {2, "SIGINT"},           {3, "SIGQUIT"},  {4, "SIGILL"},     {5, "SIGTRAP"},  {6, "SIGABRT"},
    {7, "SIGBUS"},   {8, "SIGFPE"},           {9, "SIGKILL"},  {10, "SIGUSR1"},   {11, "SIGSEGV"}, {12, "SIGUSR2"},
    {13, "SIGPIPE"}, {14, "SIGALRM"},         {15, "SIGTERM"}, {16, "SIGSTKFLT"}, {17, "SIGCHLD"}, {18, "SIGCONT"},
    {19, "SIGSTOP"}, {20, "SIGTSTP"},         {21, "SIGTTIN"}, {22, "SIGTTOU"},   {23, "SIGURG"},  {24, "SIGXCPU"},
    {25, "SIGXFSZ"}, {26, "SIGVTALRM"},       {27, "SIGPROF"}, {28, "SIGWINCH"},  {29, "SIGIO"},   {30, "SIGPWR"},
    {31, "SIGSYS"},  {6, "SIGABRT", "SIGIOT"}};

constexpr Reason words_of_signals[] = {{no_number, "SIGHUP", "hangup"},
                                       {no_number, "SIGINT", "interrupt"},
                                       {no_number, "SIGQUIT", "quit"},
                                       {no_number, "SIGILL", "illegal_instruction"},
                                       {no_number, "SIGTRAP", "trace/breakpoint_trap"},
                                       {no_number, "SIGABRT", "aborted"},
                                       {no_number, "SIGBUS", "bus_error"},
                                       {no_number, "SIGFPE", "floating_point_exception"},
                                       {no_number, "SIGKILL", "killed"},
                                       {no_number, "SIGSEGV", "segmentation_fault"},
                                       {no_number, "SIGPIPE", "broken_pipe"},
                                       {no_number, "SIGALRM", "alarm_clock"},
                                       {no_number, "SIGTERM", "terminated"},
                                       {no_number, "SIGXCPU", "CPU_time_limit_exceeded"},
                                       {no_number, "SIGXFSZ", "file_size_limit_exceeded"},
                                       {no_number, "SIGSYS", "bad_system_call"}};

constexpr std::array<std::string_view, 3> places = {"signal ", "code=killed, status=", "code=dumped, status="};
constexpr std::array<std::string_view, 1> places_of_words = {"signal: "};
constexpr int shell_offset = 128;  // of the exit status of a shell whose command died of a signal, and of containers'

/// The signal behind an exit status above 128.
std::string_view behind_exit_in(std::string_view words) {
  const auto status = exit_statuses.in(words);
  if (status.size() != 3 || !is_digit(status[0])) return {};
  const int number = (status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0') - shell_offset;
  for (const auto& row : rows) {
    if (row.number == number) return row.name;
  }
  return {};
}

std::string_view signal_in(std::string_view words) {
  if (const auto name = first_name_in(rows, words); !name.empty()) return name;
  if (const auto name = reason_behind(rows, words, places); !name.empty()) return name;
  if (const auto name = reason_behind(words_of_signals, words, places_of_words); !name.empty()) return name;
  return behind_exit_in(words);
}

}  // namespace

constinit const ReasonTable signals = {.field = "signal",
                                       .in = signal_in,
                                       .named =
                                           [](std::string_view written) {
                                             const auto name = whole_name(rows, written);
                                             return name.empty() ? whole_name(words_of_signals, written) : name;
                                           },
                                       .rows = [] { return Reasons(rows); }};

}  // namespace triaged::formats

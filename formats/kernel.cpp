// The kernel's words, as `dmesg -T`, `dmesg`, /dev/kmsg and (behind a syslog header) imklog and journald write them:
//
//   [Sat Nov 21 01:15:17 2026] gunicorn invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
//   [ 3820.160557] Memory cgroup out of memory: Killed process 1459 (gunicorn) total-vm:96116kB, …
//   6,3122,3812780976,-;gunicorn[1425]: segfault at 0 ip 00007f3d14bddad8 sp 00007ffcdf65abd8 error 4 in libc.so.6[…]
//   kern  :info  : [ 1055.004795] tmp[21701]: segfault at 0 …         dmesg -x, in front of any of the others
//   [Nov30 14:45] tmp[21701]: segfault …, [  +0.000016] Code: …       dmesg -e and -H
//   [ 1055.004795 <    6.227763>] …; 2026-11-30T14:45:05,004795+00:00 …    dmesg -d; dmesg --time-format iso
//
// `dmesg -T` counts from the boot time and is off by the time the machine slept; a syslog header's time is better.
#include <algorithm>

#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {
namespace {

using namespace std::string_view_literals;

struct Process {
  std::string_view name, pid;
};

/// `[ 3820.160557] ` and, where the kernel is built to tell the caller, `[ T1459] ` behind it.
[[nodiscard]] bool skip_uptime(Scanner& scanner) {
  Scanner ahead = scanner;
  std::string_view digits;
  if (!ahead.skip("[")) return false;
  ahead.skip_spaces();
  static_cast<void>(ahead.skip("+"));  // since the line before
  if (!ahead.take_digits(digits) || !ahead.skip(".") || !ahead.take_digits(digits)) return false;
  if (ahead.skip(" <") &&
      (!ahead.take_until('>', digits) || digits.find_first_not_of("0123456789. +") != digits.npos)) {
    return false;
  }
  if (!ahead.skip("]")) return false;
  Scanner caller = ahead;
  caller.skip_spaces();
  if (caller.skip("[")) {
    caller.skip_spaces();
    if ((caller.skip("T") || caller.skip("C")) && caller.take_digits(digits) && caller.skip("]")) ahead = caller;
  }
  static_cast<void>(ahead.skip(" "));
  scanner = ahead;
  return true;
}

/// `kern  :info  : `. Whoever else writes to /dev/kmsg gets another facility.
[[nodiscard]] bool skip_facility(Scanner& scanner) {
  Scanner ahead = scanner;
  std::string_view level;
  if (!ahead.skip("kern  :") || !ahead.take_until(':', level) || level.size() > 8 || !ahead.skip(" ")) return false;
  scanner = ahead;
  return true;
}

/// `[Sat Nov 21 01:15:17 2026] `, `[Nov30 14:45] `, `2026-11-30T14:45:05,004795+00:00 `.
[[nodiscard]] std::optional<TimePoint> take_time(Scanner& scanner, LogTimes& times) {
  const auto text = scanner.rest();
  std::size_t size = 0;
  if (text.starts_with('[')) {
    auto time = times.ctime(text.substr(1), size);
    if (!time) time = times.dmesg(text.substr(1), size);
    if (!time || !text.substr(1 + size).starts_with(']')) return std::nullopt;
    scanner = Scanner(text.substr(2 + size));
    static_cast<void>(scanner.skip(" "));
    return time;
  }
  constexpr std::size_t comma = 19, offset = 26, end = 32;  // nobody else writes six digits behind a comma
  if (text.size() <= end || text[comma] != ',' || text[end] != ' ') return std::nullopt;
  const auto time = times.iso(text, size);
  if (!time || size != end || (text[offset] != '+' && text[offset] != '-')) return std::nullopt;
  scanner = Scanner(text.substr(end + 1));
  return time;
}

[[nodiscard]] bool skip_kmsg_header(Scanner& scanner) {
  Scanner ahead = scanner;
  std::string_view part;
  for (int i = 0; i < 3; ++i) {
    if (!ahead.take_digits(part) || !ahead.skip(",")) return false;
  }
  if (!ahead.take_until(';', part) || part.size() > 64) return false;
  scanner = ahead;
  return true;
}

/// `process 1459 (gunicorn)` behind `words`.
[[nodiscard]] bool read_named_process(std::string_view text, std::string_view words, Process& into) {
  const std::size_t at = text.find(words);
  if (at == std::string_view::npos) return false;
  Scanner scanner(text.substr(at + words.size()));
  return scanner.take_digits(into.pid) && scanner.skip(" (") && scanner.take_until(')', into.name);
}

/// `gunicorn[1425]: segfault at 0 …`, `traps: gunicorn[1425] general protection fault …`.
[[nodiscard]] bool read_faulting_process(std::string_view text, Process& into) {
  Scanner scanner(text);
  static_cast<void>(scanner.skip("traps: "));
  if (!scanner.take_until('[', into.name) || into.name.empty() || into.name.size() > 32) return false;
  return scanner.take_digits(into.pid) && scanner.skip("]");
}

/// `CPU: 1 UID: 33 PID: 1459 Comm: gunicorn Not tainted 6.18.44`.
[[nodiscard]] bool read_tainted_process(std::string_view text, Process& into) {
  constexpr std::string_view mark = " Comm: ";
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return false;
  into.pid = digits_after(text, "PID: ");
  into.name = text.substr(at + mark.size());
  const std::size_t end = std::min(into.name.find(" Not tainted"), into.name.find(" Tainted: "));
  into.name = into.name.substr(0, end == std::string_view::npos ? into.name.find(' ') : end);
  return true;
}

/// `oom-kill:constraint=CONSTRAINT_MEMCG,…,task=gunicorn,pid=1459,uid=33`.
[[nodiscard]] bool read_chosen_process(std::string_view text, Process& into) {
  constexpr std::string_view mark = ",task=";
  const std::size_t at = text.find(mark);
  if (!text.starts_with("oom-kill:") || at == std::string_view::npos) return false;
  into.name = text.substr(at + mark.size());
  into.name = into.name.substr(0, into.name.find(",pid="));
  into.pid = digits_after(text.substr(at), ",pid=");
  return true;
}

/// The unit of systemd whose process was chosen: "gunicorn.service" of `…,task_memcg=/system.slice/gunicorn.service,…`.
/// What stands behind the first service or scope of a path is its own to name, a user or a container. That may be in
/// `oom_memcg=`, which comes first and holds the other path.
[[nodiscard]] std::string_view unit_in(std::string_view text) {
  constexpr std::string_view mark = "_memcg=/", next_path = ",task_memcg=";
  const std::size_t at = text.find(mark);
  if (!text.starts_with("oom-kill:") || at == std::string_view::npos) return {};
  auto path = text.substr(at + mark.size());
  for (std::size_t slash = 0; slash != std::string_view::npos; path.remove_prefix(slash + 1)) {
    slash = path.find('/');
    auto name = path.substr(0, slash);
    name = name.substr(0, name.find(",task="));
    if (name.ends_with(next_path)) name.remove_suffix(next_path.size());
    if (name.ends_with(".service")) return name;
    if (!name.ends_with(".slice") || slash == std::string_view::npos) return {};
  }
  return {};
}

[[nodiscard]] Process process_in(std::string_view text) {
  Process process;
  for (const std::string_view words : {"Killed process "sv, "Kill process "sv, "reaped process "sv}) {
    if (read_named_process(text, words, process)) return process;
  }
  if (const std::size_t at = text.find(" invoked oom-killer"); at != std::string_view::npos) {
    return {.name = text.substr(0, at), .pid = {}};
  }
  if (read_chosen_process(text, process) || read_tainted_process(text, process)) return process;
  if (read_faulting_process(text, process)) return process;
  return {};
}

/// `web1 gunicorn[2623]: `, `web1 kernel: `: a host and a program with its pid, or the kernel.
[[nodiscard]] bool has_origin(std::string_view text) {
  Scanner scanner(text);
  std::string_view host, tag;
  if (!scanner.take_until(' ', host) || host.ends_with(':') || !scanner.take_until(' ', tag)) return false;
  return tag == "kernel:" || (tag.ends_with("]:") && contains(tag, "["));
}

}  // namespace

bool read_kernel(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  Scanner scanner(line);
  std::optional<TimePoint> time;
  const bool is_decoded = skip_facility(scanner);
  if (skip_uptime(scanner)) {
    if (has_origin(scanner.rest())) return false;  // journalctl --output=short-monotonic
  } else {
    time = take_time(scanner, memory.times);
    const bool is_told = time || is_decoded || skip_kmsg_header(scanner) || memory.program == "kernel";
    if (!is_told) return false;
  }
  into.format = Format::kernel;
  into.message = scanner.rest();
  into.time = time;
  const Process process = process_in(into.message);
  if (!process.name.empty()) into.fields.push_back({"process", process.name});
  if (!process.pid.empty()) into.fields.push_back({"pid", process.pid});
  if (const auto unit = unit_in(into.message); !unit.empty()) into.fields.push_back({"unit", unit});
  return true;
}

}  // namespace triaged::formats

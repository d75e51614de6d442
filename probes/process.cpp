// process-alive, process-gone, process-restarted: does the process still run, or whoever listens at the address, and
// since when?
#include <algorithm>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "probes/host_files.hpp"
#include "probes/listeners.hpp"
#include "probes/probe_kinds.hpp"
#include "probes/process_table.hpp"

namespace triaged::probes {

namespace {

// Log times, the kernel's start of the clock and its ticks may be off by a second each.
constexpr Microseconds clock_tolerance = std::chrono::seconds(2);
constexpr std::size_t most_processes = 32'768;
constexpr std::size_t most_descriptors = 1024;  // of a process; a server opens what it listens on early

std::string described(const ProcessEntry& process) {
  std::string name = process.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return fmt::format("process {} ({})", process.number, name);
}

/// nullopt: `number` may not be looked at.
std::optional<bool> holds_socket(const std::filesystem::path& root, std::uint32_t number, const std::string& socket) {
  std::error_code failure;
  std::filesystem::directory_iterator entry(root / fmt::format("proc/{}/fd", number), failure);
  if (failure == std::errc::permission_denied) return std::nullopt;
  std::size_t seen = 0;
  for (const std::filesystem::directory_iterator end; !failure && entry != end && seen < most_descriptors; ++seen) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry->path(), gone) == socket) return true;
    if (gone == std::errc::permission_denied) return std::nullopt;
    entry.increment(failure);
  }
  return false;
}

/// Who holds the socket longest: the master of a server whose workers share it. nullopt as well when whoever started it
/// may not be looked at: that one may hold it longer.
std::optional<ProcessEntry> holder_of(std::uint64_t socket, const std::filesystem::path& root) {
  const auto link = fmt::format("socket:[{}]", socket);
  std::optional<ProcessEntry> oldest;
  for (const auto number : numbered_entries(root / "proc", most_processes)) {
    if (!holds_socket(root, number, link).value_or(false)) continue;
    auto process = read_process(root, number);
    if (process && (!oldest || process->started < oldest->started)) oldest = std::move(process);
  }
  const bool is_sure = oldest && (oldest->parent <= 1 || holds_socket(root, oldest->parent, link).has_value());
  return is_sure ? oldest : std::nullopt;
}

Finding look_at_listening_process(const ProbeQuestion& question, const SocketAddress& address,
                                  const std::filesystem::path& root) {
  const auto listener = listener_of(question, address, root);
  if (listener.state == Listener::State::unknown) return unknown_because(listener.why);
  if (listener.state == Listener::State::absent) return unknown_because("nobody listens there");
  const auto process = holder_of(listener.socket, root);
  if (!process) return unknown_because("whose socket it is may only be seen by root");
  const auto is_new = process->started + clock_tolerance >= question.since;
  return {is_new ? "process-restarted" : "process-alive",
          fmt::format("{} listens on {} and was started at {}", described(*process), listener.address,
                      to_rfc3339_second(process->started))};
}

Finding look_at_numbered_process(const ProbeQuestion& question, std::uint32_t number,
                                 const std::filesystem::path& root) {
  // A number means something only among the processes that the writer counts with.
  const bool is_of_kernel = question.program == "kernel";
  if (is_of_kernel ? !shows_whole_host(root) : !writer_of(question, root)) {
    return unknown_because("who wrote the line is not to be seen here, so the number may mean another process");
  }
  const auto process = read_process(root, number);
  if (!process) return {"process-gone", fmt::format("process {} is gone", number)};
  if (process->started > question.since + clock_tolerance) {
    return {"process-gone", fmt::format("process {} is gone; its number is another one's since {}", number,
                                        to_rfc3339_second(process->started))};
  }
  return {"process-alive", fmt::format("{} runs since {}", described(*process), to_rfc3339_second(process->started))};
}

}  // namespace

Finding probe_process(const ProbeQuestion& question, const std::filesystem::path& root) {
  if (const auto number = process_number(question.subject)) return look_at_numbered_process(question, *number, root);
  const auto address = address_asked_for(question, root);
  if (!address) return unknown_because("this is neither a process nor an address");
  return look_at_listening_process(question, *address, root);
}

}  // namespace triaged::probes

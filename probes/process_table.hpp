// Processes of a host, as far as /proc shows them to this one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "values/probe.hpp"

namespace triaged::probes {

struct ProcessEntry {
  std::uint32_t number = 0;
  std::uint32_t parent = 0;
  std::string name;   // as `ps -o comm` shows it
  TimePoint started;  // give or take a second
};

/// nullopt: there is none, it is not shown, or it is a zombie.
[[nodiscard]] std::optional<ProcessEntry> read_process(const std::filesystem::path& root, std::uint32_t number);

/// The processes of `program` that no other process of it has started, by number: one for each time it runs. Bounded.
[[nodiscard]] std::vector<ProcessEntry> masters_of(const std::filesystem::path& root, std::string_view program);

/// The process that wrote the line in question; nullopt when it is not shown: then numbers of processes in that log may
/// be those of another host or of a container, and mean something else here.
[[nodiscard]] std::optional<ProcessEntry> writer_of(const ProbeQuestion& question, const std::filesystem::path& root);

/// The same, or else the masters of its program. Empty: what is true here says nothing about that log.
[[nodiscard]] std::vector<ProcessEntry> writers_of(const ProbeQuestion& question, const std::filesystem::path& root);

/// Whether the processes that are shown are the host's and not a container's own.
[[nodiscard]] bool shows_whole_host(const std::filesystem::path& root);

/// Whether `process` sees the files that this one sees, as far as can be told.
[[nodiscard]] bool shares_files(const ProcessEntry& process, const std::filesystem::path& root);

/// Whether the log in question was written among the files that are seen here, as far as can be told: by a process that
/// shares them, or, when none of its program is to be seen, on a host all of whose processes are.
[[nodiscard]] bool is_its_host(const ProbeQuestion& question, const std::filesystem::path& root);
inline constexpr const char* may_be_elsewhere = "this is a container, and who wrote the log is not to be seen in it";

/// A number of a process, in digits.
[[nodiscard]] std::optional<std::uint32_t> process_number(std::string_view text);

}  // namespace triaged::probes

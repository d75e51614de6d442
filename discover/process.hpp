// The processes of this host as /proc shows them, each with what tells a server. Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "discover/control_group.hpp"

namespace triaged::discover {

struct Process {
  std::uint32_t pid = 0, parent = 0;
  std::uint32_t user = 0;             // its effective one
  std::vector<std::uint32_t> groups;  // the effective one first
  std::string name;                   // as `ps -o comm` shows it
  std::vector<std::string> command;   // as it was started, or as it has written over that: "nginx: master process …"
  ControlGroup group;                 // no container: its container is this process's own, or none
};

/// All that are shown, by number, without zombies and threads of the kernel. Bounded.
[[nodiscard]] std::vector<Process> processes_of(const std::filesystem::path& root);

/// The folder below which the files lie that `process` sees.
[[nodiscard]] std::filesystem::path files_of(const Process& process, const std::filesystem::path& root);

/// The value of a variable in the environment that it was started with; empty: there is none, or it is not shown.
[[nodiscard]] std::string environment_of(const Process& process, std::string_view name,
                                         const std::filesystem::path& root);

/// Its working folder; empty when it is not shown.
[[nodiscard]] std::string working_folder_of(const Process& process, const std::filesystem::path& root);

}  // namespace triaged::discover

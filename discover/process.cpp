#include "discover/process.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "probes/host_files.hpp"

namespace triaged::discover {

namespace {

constexpr std::size_t most_processes = 32'768;

std::filesystem::path folder_of(std::uint32_t pid, const std::filesystem::path& root) {
  return root / fmt::format("proc/{}", pid);
}

/// The words behind "NAME:" in the text of /proc/PID/status.
std::vector<std::string_view> words_behind(std::string_view name, std::string_view status) {
  while (!status.empty()) {
    const auto line = probes::take_line(status);
    if (line.starts_with(name)) return probes::words_of(line.substr(name.size()));
  }
  return {};
}

std::optional<std::uint32_t> number_at(std::size_t index, const std::vector<std::string_view>& words) {
  if (index >= words.size()) return std::nullopt;
  const auto number = probes::whole_number(words[index]);
  if (!number || *number > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

std::vector<std::uint32_t> groups_in(std::string_view status) {
  std::vector<std::uint32_t> groups;
  if (const auto effective = number_at(1, words_behind("Gid:", status))) groups.push_back(*effective);
  const auto others = words_behind("Groups:", status);
  for (std::size_t i = 0; i < others.size(); ++i) {
    if (const auto group = number_at(i, others)) groups.push_back(*group);
  }
  return groups;
}

std::vector<std::string> texts_in(std::string_view text) {
  std::vector<std::string> command;
  while (text.ends_with('\0')) text.remove_suffix(1);  // titles are padded with them
  while (!text.empty()) {
    const auto end = std::min(text.find('\0'), text.size());
    command.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return command;
}

std::optional<Process> read_process(std::uint32_t pid, const std::filesystem::path& root) {
  const auto folder = folder_of(pid, root);
  const auto status = probes::read_host_file(folder / "status");
  const auto name = probes::read_host_file(folder / "comm");
  const auto written = probes::read_host_file(folder / "cmdline");
  auto command = written ? texts_in(written->text) : std::vector<std::string>();
  if (!status || !name || command.empty()) return std::nullopt;  // a thread of the kernel has no command
  const auto state = words_behind("State:", status->text);
  if (state.empty() || state[0] == "Z" || state[0] == "X") return std::nullopt;
  const auto group = probes::read_host_file(folder / "cgroup");
  std::string_view first_line = name->text;
  return Process{.pid = pid,
                 .parent = number_at(0, words_behind("PPid:", status->text)).value_or(0),
                 .user = number_at(1, words_behind("Uid:", status->text)).value_or(0),
                 .groups = groups_in(status->text),
                 .name = std::string(probes::take_line(first_line)),
                 .command = std::move(command),
                 .group = group ? control_group_in(group->text) : ControlGroup()};
}

}  // namespace

std::vector<Process> processes_of(const std::filesystem::path& root) {
  std::vector<Process> processes;
  const auto own = probes::read_host_file(root / "proc/self/cgroup");
  const auto own_container = own ? control_group_in(own->text).container : "";
  for (const auto pid : probes::numbered_entries(root / "proc", most_processes)) {
    auto process = read_process(pid, root);
    if (!process) continue;
    if (process->group.container == own_container) process->group.container.clear();
    processes.push_back(std::move(*process));
  }
  return processes;
}

std::filesystem::path files_of(const Process& process, const std::filesystem::path& root) {
  return process.group.container.empty() ? root : folder_of(process.pid, root) / "root";
}

std::string environment_of(const Process& process, std::string_view name, const std::filesystem::path& root) {
  constexpr std::size_t longest = 1024 * 1024;
  const auto read = probes::read_host_file(folder_of(process.pid, root) / "environ", longest);
  if (!read) return {};
  for (auto& entry : texts_in(read->text)) {
    if (entry.starts_with(name) && entry.substr(name.size()).starts_with('=')) return entry.substr(name.size() + 1);
  }
  return {};
}

std::string working_folder_of(const Process& process, const std::filesystem::path& root) {
  std::error_code failure;
  return std::filesystem::read_symlink(folder_of(process.pid, root) / "cwd", failure).string();
}

}  // namespace triaged::discover

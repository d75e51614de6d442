#include "discover/discover.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "discover/host_logs.hpp"
#include "discover/open_files.hpp"
#include "discover/process.hpp"
#include "discover/programs.hpp"
#include "discover/right.hpp"
#include "topology/nginx_include.hpp"

namespace triaged::discover {

namespace {

constexpr std::size_t most_servers = 64;
constexpr std::size_t most_workers = 4;  // all workers of a server write to the same files

using Processes = std::vector<Process>;

/// Those of the kind that no other of the kind has started.
std::vector<const Process*> masters_of(const ProgramKind& kind, const Processes& processes) {
  std::vector<const Process*> masters;
  for (const auto& process : processes) {
    const auto is_parent = [&](const Process& other) { return other.pid == process.parent && kind.is_it(other); };
    if (kind.is_it(process) && std::none_of(processes.begin(), processes.end(), is_parent)) masters.push_back(&process);
  }
  return masters;
}

OpenFiles files_of_server(const Process& master, const ProgramKind& kind, const Processes& processes,
                          const std::filesystem::path& root) {
  auto open = open_files_of(master.pid, root);
  std::size_t workers = 0;
  for (const auto& process : processes) {
    if (process.parent != master.pid || !kind.is_it(process)) continue;
    if (++workers > most_workers) break;
    for (auto& log : open_files_of(process.pid, root).logs) topology::add_once(open.logs, std::move(log));
  }
  return open;
}

/// Programs that keep what they read from a pipe in files, and do nothing else.
bool keeps_logs(std::string_view name) {
  constexpr std::array<std::string_view, 8> names = {"svlogd",   "multilog",   "s6-log", "tinylog",
                                                     "cronolog", "rotatelogs", "tee",    "supervisord"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Says who reads the pipe, and adds the files in which that keeps the log.
void follow_pipe(FoundServer& server, std::size_t index, const Processes& processes,
                 const std::filesystem::path& root) {
  const auto pipe = server.logs[index].path;
  server.logs[index].path = "a pipe";
  for (const auto& process : processes) {
    if (process.pid == server.pid || !reads_pipe(process.pid, pipe, root)) continue;
    server.logs[index].path = fmt::format("a pipe that pid {} ({}) reads", process.pid, process.name);
    if (!keeps_logs(process.name)) return;
    for (auto& path : open_files_of(process.pid, root).logs) {
      server.logs.push_back({.what = fmt::format("log kept by {}", process.name),
                             .to = FoundLog::To::file,
                             .path = std::move(path),
                             .is_open = true});
    }
    return;
  }
}

FoundServer describe(const Process& master, const ProgramKind& kind, const Processes& processes,
                     const Discovery& discovery, const std::filesystem::path& root) {
  FoundServer server{.program = kind.program,
                     .pid = master.pid,
                     .user = name_of_user(master.user, root),
                     .unit = master.group.unit,
                     .container = master.group.container};
  ServerLogs logs(server, files_of_server(master, kind, processes, root));
  kind.describe({.process = master, .host = root, .files = files_of(master, root)}, server, logs);
  server.hides_files = logs.are_hidden();
  server.logs = logs.finish();
  const auto count = server.logs.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (server.logs[i].to == FoundLog::To::pipe) follow_pipe(server, i, processes, root);
    if (server.logs[i].to == FoundLog::To::syslog) follow_syslog(server.logs[i], kind.program, discovery.host, root);
  }
  return server;
}

/// Logs of a program that does not run now.
FoundServer logs_from_before(const ProgramKind& kind, const std::filesystem::path& root) {
  FoundServer server{.program = kind.program};
  for (const auto pattern : kind.usual_logs) {
    for (auto& path : topology::included_files(pattern, root)) {
      server.logs.push_back({.what = "log", .to = FoundLog::To::file, .path = std::move(path)});
    }
  }
  return server;
}

bool runs(const Discovery& discovery, Program program) {
  return std::any_of(discovery.servers.begin(), discovery.servers.end(),
                     [&](const FoundServer& server) { return server.program == program; });
}

void say_what_is_hidden(Discovery& discovery) {
  const auto count = std::count_if(discovery.servers.begin(), discovery.servers.end(),
                                   [](const FoundServer& server) { return server.hides_files; });
  if (count == 0) return;
  discovery.unseen.push_back(
      fmt::format("cannot see which files {} of these servers have open, because other users run them: "
                  "run `triaged discover` as root",
                  count));
}

bool is_syslog_daemon(const Process& process) { return process.name == "rsyslogd" || process.name == "syslog-ng"; }

}  // namespace

Discovery discover(const std::filesystem::path& root, Reader reader) {
  Discovery found{.reader = std::move(reader)};
  const auto processes = processes_of(root);
  found.host = host_logs_of(root, found.reader);
  found.host.has_syslog_daemon = std::any_of(processes.begin(), processes.end(), is_syslog_daemon);
  for (const auto& kind : program_kinds()) {
    for (const auto* master : masters_of(kind, processes)) {
      if (found.servers.size() == most_servers) break;
      found.servers.push_back(describe(*master, kind, processes, found, root));
    }
  }
  for (const auto& kind : program_kinds()) {
    if (runs(found, kind.program)) continue;
    if (auto server = logs_from_before(kind, root); !server.logs.empty()) found.servers.push_back(std::move(server));
  }
  for (auto& server : found.servers) {
    for (auto& log : server.logs) {
      if (log.to == FoundLog::To::file) log.right = right_to_read(log.path, found.reader, root);
    }
  }
  say_what_is_hidden(found);
  return found;
}

bool finds_logs(const Discovery& discovery) {
  using To = FoundLog::To;
  const auto can_be_followed = [](const FoundLog& log) {
    return log.to == To::file || log.to == To::journal || log.to == To::container;
  };
  return std::any_of(discovery.servers.begin(), discovery.servers.end(), [&](const FoundServer& server) {
    return std::any_of(server.logs.begin(), server.logs.end(), can_be_followed);
  });
}

}  // namespace triaged::discover

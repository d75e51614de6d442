#include "discover/discover.hpp"

#include <algorithm>
#include <array>
#include <iterator>
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

/// Says who reads the pipe. Where that keeps it in files, these are the logs.
std::vector<FoundLog> behind_pipe(FoundLog log, const Processes& processes, const std::filesystem::path& root) {
  const auto pipe = std::exchange(log.path, "a pipe");
  for (const auto& process : processes) {
    if (!reads_pipe(process.pid, pipe, root)) continue;
    log.path = fmt::format("a pipe that pid {} ({}) reads", process.pid, process.name);
    std::vector<FoundLog> kept;
    const auto open = keeps_logs(process.name) ? open_files_of(process.pid, root) : OpenFiles();
    for (const auto& path : open.logs) {
      kept.push_back({.what = process.name + "'s log", .to = FoundLog::To::file, .path = path, .is_open = true});
    }
    if (!kept.empty()) return kept;
    break;
  }
  return {std::move(log)};
}

/// Follows each log to where it can be read.
std::vector<FoundLog> followed(std::vector<FoundLog> logs, const FoundServer& server, const Processes& processes,
                               const HostLogs& host, const std::filesystem::path& root) {
  std::vector<FoundLog> all;
  for (auto& log : logs) {
    if (log.to == FoundLog::To::syslog) follow_syslog(log, server.program, host, root);
    const bool is_pipe = log.to == FoundLog::To::pipe;
    for (auto& end : is_pipe ? behind_pipe(std::move(log), processes, root) : std::vector{std::move(log)}) {
      const auto is_it = [&](const FoundLog& known) {
        return known.to == end.to && known.path == end.path && known.what == end.what;
      };
      if (std::none_of(all.begin(), all.end(), is_it)) all.push_back(std::move(end));
    }
  }
  return all;
}

FoundServer describe(const Process& master, const ProgramKind& kind, const Processes& processes,
                     const Discovery& discovery, const std::filesystem::path& root) {
  FoundServer server{.program = kind.program,
                     .pid = master.pid,
                     .user = name_of_user(master.user, root),
                     .unit = master.group.unit,
                     .container = master.group.container};
  const auto seen = files_of(master, root);
  const ServerFiles files(master, seen, root);
  ServerLogs logs(server, files_of_server(master, kind, processes, root), files);
  kind.describe({.process = master, .host = root, .root = seen, .files = files}, server, logs);
  server.hides_files = logs.are_hidden();
  for (const auto& path : logs.deleted()) {
    server.troubles.push_back(fmt::format("it writes to {}, which is deleted: have it open its logs again", path));
  }
  server.logs = followed(logs.finish(), server, processes, discovery.host, root);
  std::ranges::copy(logs.left_out(), std::back_inserter(server.troubles));
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

bool has_log(const Discovery& discovery, FoundLog::To to) {
  return std::any_of(discovery.servers.begin(), discovery.servers.end(), [&](const FoundServer& server) {
    return std::any_of(server.logs.begin(), server.logs.end(), [&](const FoundLog& log) { return log.to == to; });
  });
}

void say_what_is_hidden(Discovery& discovery) {
  const auto hidden = std::count_if(discovery.servers.begin(), discovery.servers.end(),
                                    [](const FoundServer& server) { return server.hides_files; });
  if (hidden != 0) {
    discovery.unseen.push_back(
        fmt::format("cannot see which files {} of these servers have open, because other users run them: "
                    "run `triaged discover` as root",
                    hidden));
  }
  if (has_log(discovery, FoundLog::To::journal) && !discovery.host.journal) {
    discovery.unseen.emplace_back(
        "found no file of the journal in /var/log/journal and /run/log/journal: is systemd-journald running?");
  }
  if (has_log(discovery, FoundLog::To::container) && !discovery.host.containers) {
    discovery.unseen.emplace_back(
        "found no logs of containers at the usual places: name yours in a source, containers: {paths: "
        "[/path/to/*.log]}");
  }
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
      if (found.servers.size() == most_servers) {
        topology::add_once(found.unseen,
                           fmt::format("more than {} servers run: the others are left out", most_servers));
        break;
      }
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
  return has_log(discovery, FoundLog::To::file) ||
         (has_log(discovery, FoundLog::To::journal) && discovery.host.journal) ||
         (has_log(discovery, FoundLog::To::container) && discovery.host.containers);
}

}  // namespace triaged::discover

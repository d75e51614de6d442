// The servers that discover knows, each in a file of its own. Private to this room.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "discover/found_server.hpp"
#include "discover/process.hpp"
#include "discover/server_files.hpp"
#include "discover/server_logs.hpp"

namespace triaged::discover {

/// The first process of a server, and whose files it sees.
struct ServerProcess {
  const Process& process;
  std::filesystem::path host;  // the root of this host, where /proc is
  std::filesystem::path root;  // of what the process sees
  const ServerFiles& files;    // what of it the process can have opened

  /// For the readers of configurations.
  [[nodiscard]] topology::HostFiles host_files() const {
    return {root, [this](const std::filesystem::path& named) { return files.to_read(named); }};
  }
  /// The text of a configuration; nullopt: it cannot be read, and the server's troubles say why.
  [[nodiscard]] std::optional<std::string> text_of(const std::filesystem::path& named, FoundServer& server) const;
};

struct ProgramKind {
  Program program;
  bool (*is_it)(const Process& process);
  /// Adds configuration, addresses and logs.
  void (*describe)(const ServerProcess& process, FoundServer& server, ServerLogs& logs);
  std::span<const std::string_view> usual_logs;  // patterns, for when it does not run
};

[[nodiscard]] std::span<const ProgramKind> program_kinds();

/// Takes over what the configuration says, but for its logs.
void add_configuration(topology::ServerConfiguration configuration, FoundServer& server);

/// Whether it is a Python program of that name: started by its script or by `python3 -m`.
[[nodiscard]] bool is_python_program(const Process& process, std::string_view name);

void describe_nginx(const ServerProcess& process, FoundServer& server, ServerLogs& logs);
void describe_haproxy(const ServerProcess& process, FoundServer& server, ServerLogs& logs);
void describe_gunicorn(const ServerProcess& process, FoundServer& server, ServerLogs& logs);
void describe_uvicorn(const ServerProcess& process, FoundServer& server, ServerLogs& logs);
void describe_uwsgi(const ServerProcess& process, FoundServer& server, ServerLogs& logs);
void describe_php_fpm(const ServerProcess& process, FoundServer& server, ServerLogs& logs);

}  // namespace triaged::discover

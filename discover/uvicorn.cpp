#include "base/host_and_port.hpp"
#include "discover/command_line.hpp"
#include "discover/programs.hpp"

namespace triaged::discover {

// Without --log-config it writes errors to standard error and requests to standard output.
void describe_uvicorn(const ServerProcess& process, FoundServer& server, ServerLogs& logs) {
  const auto& command = process.process.command;
  if (const auto socket = option_value(command, {"--uds"})) {
    server.listens.push_back("unix:" + *socket);
  } else {
    const auto port = port_in(option_value(command, {"--port"}).value_or("8000")).value_or(8000);
    server.listens.push_back(joined_host_and_port(option_value(command, {"--host"}).value_or("127.0.0.1"), port));
  }
  logs.add_error_output({.what = "error log", .format = ""});
  if (!has_option(command, "--no-access-log")) logs.add_output({.what = "access log", .format = "app.access"});
}

}  // namespace triaged::discover

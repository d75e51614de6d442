#include "discover/command_line.hpp"
#include "discover/programs.hpp"

namespace triaged::discover {

namespace {

std::string_view format_of(std::string_view option) {
  if (option == "httplog" || option == "httpslog") return "haproxy.http";
  return option == "tcplog" ? "haproxy.tcp" : "";
}

}  // namespace

// "-f" may be given again; what it names may be a folder.
void describe_haproxy(const ServerProcess& process, FoundServer& server, ServerLogs& logs) {
  std::vector<std::filesystem::path> files;
  const auto folder = working_folder_of(process.process, process.host);
  for (const auto& named : option_values(process.process.command, {"-f"})) files.emplace_back(folder) /= named;
  auto configuration = topology::haproxy_configuration(files, process.host_files());
  for (auto& log : configuration.logs) {
    const LogForm form{.what = "log",
                       .format = format_of(log.format_name),
                       .format_name = std::move(log.format_name),
                       .log_format = std::move(log.log_format)};
    const bool is_output = log.target == "stdout" || log.target == "stderr";
    if (is_output) {
      logs.add(form, log.target, folder);
    } else {
      logs.add_syslog(form, log.target);
    }
  }
  add_configuration(std::move(configuration), server);
}

}  // namespace triaged::discover

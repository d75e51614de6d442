#include <array>
#include <system_error>

#include "discover/command_line.hpp"
#include "discover/programs.hpp"

namespace triaged::discover {

namespace {

/// Of Debian and Red Hat, of nginx's own build, and of OpenResty.
constexpr std::array<std::string_view, 3> usual_files = {"/etc/nginx/nginx.conf", "/usr/local/nginx/conf/nginx.conf",
                                                         "/usr/local/openresty/nginx/conf/nginx.conf"};

std::string usual_file(const std::filesystem::path& root) {
  std::error_code failure;
  for (const auto file : usual_files) {
    if (std::filesystem::exists(root / file.substr(1), failure)) return std::string(file);
  }
  return std::string(usual_files[0]);
}

/// "-p web" is below the folder in which it was started; without one it is Debian's.
std::string prefix_of(const std::vector<std::string>& command, const ServerProcess& process) {
  const auto named = option_value(command, {"-p"});
  if (!named) return "/usr/share/nginx";
  return (working_folder_of(process.process, process.host) / std::filesystem::path(*named)).lexically_normal().string();
}

/// "-c nginx.conf" is below the prefix.
std::string configuration_file(const std::vector<std::string>& command, const std::string& prefix,
                               const std::filesystem::path& root) {
  const auto named = option_value(command, {"-c"});
  return named ? (std::filesystem::path(prefix) / *named).lexically_normal().string() : usual_file(root);
}

}  // namespace

void describe_nginx(const ServerProcess& process, FoundServer& server, ServerLogs& logs) {
  const auto command = words_in(process.process.command);
  const auto prefix = prefix_of(command, process);
  const auto file = configuration_file(command, prefix, process.files);
  auto configuration = topology::nginx_configuration(file, process.files);
  for (auto& log : configuration.logs) {
    const bool is_access = log.kind == topology::NamedLog::Kind::access;
    logs.add({.what = is_access ? "access log" : "error log",
              .format = is_access ? "nginx.access" : "nginx.error",
              .format_name = std::move(log.format_name),
              .log_format = std::move(log.log_format)},
             log.target, prefix);
  }
  if (const auto early = option_value(command, {"-e"})) {
    logs.add({.what = "error log", .format = "nginx.error"}, *early, prefix);
  }
  add_configuration(std::move(configuration), server);
}

}  // namespace triaged::discover

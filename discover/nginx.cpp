#include <algorithm>
#include <array>
#include <system_error>

#include "discover/command_line.hpp"
#include "discover/programs.hpp"

namespace triaged::discover {

namespace {

struct Build {
  std::string_view file, prefix;
};

/// Of Debian and Red Hat, of nginx's own build, and of OpenResty.
constexpr std::array<Build, 3> builds = {
    {{"/etc/nginx/nginx.conf", "/usr/share/nginx"},
     {"/usr/local/nginx/conf/nginx.conf", "/usr/local/nginx"},
     {"/usr/local/openresty/nginx/conf/nginx.conf", "/usr/local/openresty/nginx"}}};

const Build& build_on(const std::filesystem::path& root) {
  std::error_code failure;
  const auto is_there = [&](const Build& build) {
    return std::filesystem::exists(root / build.file.substr(1), failure);
  };
  const auto found = std::ranges::find_if(builds, is_there);
  return found == builds.end() ? builds[0] : *found;
}

/// "-p web" is below the folder in which it was started.
std::string prefix_of(const std::vector<std::string>& command, const ServerProcess& process, const Build& build) {
  const auto named = option_value(command, {"-p"});
  if (!named) return std::string(build.prefix);
  return (working_folder_of(process.process, process.host) / std::filesystem::path(*named)).lexically_normal().string();
}

/// "-c nginx.conf" is below the prefix.
std::string configuration_file(const std::vector<std::string>& command, const std::string& prefix, const Build& build) {
  const auto named = option_value(command, {"-c"});
  return named ? (std::filesystem::path(prefix) / *named).lexically_normal().string() : std::string(build.file);
}

}  // namespace

void describe_nginx(const ServerProcess& process, FoundServer& server, ServerLogs& logs) {
  const auto command = words_in(process.process.command);
  const auto& build = build_on(process.root);
  const auto prefix = prefix_of(command, process, build);
  const auto file = configuration_file(command, prefix, build);
  auto configuration = topology::nginx_configuration(file, process.host_files());
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

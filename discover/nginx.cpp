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

/// A build may have another prefix than the usual one, and then the folder of its logs is not there.
bool has_folder_for(const std::string& target, const std::string& prefix, const std::filesystem::path& root) {
  std::error_code failure;
  const auto folder = (std::filesystem::path(prefix) / target).parent_path();
  return std::filesystem::is_directory(root / folder.relative_path(), failure);
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
  const bool is_named = option_value(command, {"-p"}).has_value();
  const auto folder_of = [&](const std::string& target) {
    return is_named || has_folder_for(target, prefix, process.root) ? prefix : std::string();
  };
  for (auto& log : configuration.logs) {
    const bool is_access = log.kind == topology::NamedLog::Kind::access;
    logs.add({.what = is_access ? "access log" : "error log",
              .format = is_access ? "nginx.access" : "nginx.error",
              .format_name = std::move(log.format_name),
              .log_format = std::move(log.log_format)},
             log.target, folder_of(log.target));
  }
  if (const auto early = option_value(command, {"-e"})) {
    logs.add({.what = "error log", .format = "nginx.error"}, *early, folder_of(*early));
  }
  add_configuration(std::move(configuration), server);
}

}  // namespace triaged::discover

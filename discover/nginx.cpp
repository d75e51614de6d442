#include <array>
#include <optional>
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

/// "-c nginx.conf -p /srv/web" is /srv/web/nginx.conf.
std::string configuration_file(const std::optional<std::string>& named, const std::optional<std::string>& prefix,
                               const std::filesystem::path& root) {
  if (!named) return usual_file(root);
  if (named->starts_with('/') || !prefix) return *named;
  return (std::filesystem::path(*prefix) / *named).lexically_normal().string();
}

}  // namespace

void describe_nginx(const ServerProcess& process, FoundServer& server, ServerLogs& logs) {
  const auto command = words_in(process.process.command);
  const auto prefix = option_value(command, {"-p"});
  const auto file = configuration_file(option_value(command, {"-c"}), prefix, process.files);
  auto configuration = topology::nginx_configuration(file, process.files);
  const auto folder = prefix.value_or("/usr/share/nginx");
  for (auto& log : configuration.logs) {
    const bool is_access = log.kind == topology::NamedLog::Kind::access;
    logs.add({.what = is_access ? "access log" : "error log",
              .format = is_access ? "nginx.access" : "nginx.error",
              .format_name = std::move(log.format_name),
              .log_format = std::move(log.log_format)},
             log.target, folder);
  }
  if (const auto early = option_value(command, {"-e"})) {
    logs.add({.what = "error log", .format = "nginx.error"}, *early, folder);
  }
  add_configuration(std::move(configuration), server);
}

}  // namespace triaged::discover

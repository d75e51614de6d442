#include "discover/programs.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "probes/host_files.hpp"

namespace triaged::discover {

namespace {

constexpr std::array<std::string_view, 1> nginx_logs = {"/var/log/nginx/*.log"};
constexpr std::array<std::string_view, 2> haproxy_logs = {"/var/log/haproxy.log", "/var/log/haproxy/*.log"};
constexpr std::array<std::string_view, 1> gunicorn_logs = {"/var/log/gunicorn/*.log"};
constexpr std::array<std::string_view, 1> uvicorn_logs = {"/var/log/uvicorn/*.log"};
constexpr std::array<std::string_view, 3> uwsgi_logs = {"/var/log/uwsgi.log", "/var/log/uwsgi/*.log",
                                                        "/var/log/uwsgi/app/*.log"};
constexpr std::array<std::string_view, 2> php_fpm_logs = {"/var/log/php*-fpm.log", "/var/log/php-fpm/*.log"};

bool is_nginx(const Process& process) { return process.name == "nginx"; }
bool is_haproxy(const Process& process) { return process.name == "haproxy"; }
bool is_gunicorn(const Process& process) { return is_python_program(process, "gunicorn"); }
bool is_uvicorn(const Process& process) { return is_python_program(process, "uvicorn"); }
bool is_uwsgi(const Process& process) { return process.name == "uwsgi" || process.name == "uwsgi-core"; }
bool is_php_fpm(const Process& process) { return process.name.starts_with("php-fpm"); }

const std::array<ProgramKind, 6> kinds = {{
    {Program::nginx, is_nginx, describe_nginx, nginx_logs},
    {Program::haproxy, is_haproxy, describe_haproxy, haproxy_logs},
    {Program::gunicorn, is_gunicorn, describe_gunicorn, gunicorn_logs},
    {Program::uvicorn, is_uvicorn, describe_uvicorn, uvicorn_logs},
    {Program::uwsgi, is_uwsgi, describe_uwsgi, uwsgi_logs},
    {Program::php_fpm, is_php_fpm, describe_php_fpm, php_fpm_logs},
}};

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

std::span<const ProgramKind> program_kinds() { return kinds; }

std::optional<std::string> ServerProcess::text_of(const std::filesystem::path& named, FoundServer& server) const {
  const auto file = files.to_read(named);
  auto read = file ? probes::read_host_file(*file) : std::nullopt;
  if (read) return std::move(read->text);
  server.troubles.push_back(file ? fmt::format("cannot read {}", named.string())
                                 : fmt::format("left out {}: {}", named.string(), file.error().message));
  return std::nullopt;
}

void add_configuration(topology::ServerConfiguration configuration, FoundServer& server) {
  server.configuration = std::move(configuration.files);
  server.listens = std::move(configuration.listens);
  server.upstreams = std::move(configuration.upstreams);
  std::ranges::move(configuration.troubles, std::back_inserter(server.troubles));
}

// "python3 /usr/bin/gunicorn …", "python3 -m gunicorn …", and with setproctitle "gunicorn: master [shop]".
bool is_python_program(const Process& process, std::string_view name) {
  const auto& command = process.command;
  if (process.name == name || command[0].starts_with(std::string(name) + ": ")) return true;
  if (!last_part(command[0]).starts_with("python") || command.size() < 2) return false;
  return last_part(command[1]) == name || (command[1] == "-m" && command.size() > 2 && command[2] == name);
}

}  // namespace triaged::discover

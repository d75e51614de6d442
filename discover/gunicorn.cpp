#include <array>
#include <optional>
#include <system_error>
#include <utility>

#include "discover/command_line.hpp"
#include "discover/programs.hpp"
#include "discover/python_settings.hpp"
#include "probes/host_files.hpp"

namespace triaged::discover {

namespace {

constexpr std::string_view usual_file = "gunicorn.conf.py";

/// Name in the configuration, and its options on the command line (Gunicorn 20.1, gunicorn/config.py).
struct Setting {
  std::string_view name;
  std::string_view option, short_option;
};
constexpr std::array<Setting, 7> known_settings = {{
    {"bind", "--bind", "-b"},
    {"accesslog", "--access-logfile", "--access-logfile"},
    {"errorlog", "--error-logfile", "--log-file"},
    {"access_log_format", "--access-logformat", "--access-logformat"},
    {"syslog_addr", "--log-syslog-to", "--log-syslog-to"},
    {"chdir", "--chdir", "--chdir"},
    {"logconfig", "--log-config", "--log-config"},
}};

/// What a command line says, or GUNICORN_CMD_ARGS, which is one, instead of what is known so far.
void override_by(const std::vector<std::string>& command, PythonSettings& known) {
  for (const auto& setting : known_settings) {
    auto values = option_values(command, {setting.option, setting.short_option});
    if (!values.empty()) known.insert_or_assign(std::string(setting.name), std::move(values));
  }
  if (has_option(command, "--log-syslog")) known.insert_or_assign("syslog", std::vector<std::string>{"True"});
}

/// `named`: with -c; nullopt: the usual one, which need not be there.
PythonSettings settings_in_file(const std::optional<std::string>& named, const ServerProcess& process,
                                FoundServer& server) {
  std::filesystem::path file = named.value_or(std::string(usual_file));
  if (file.native().starts_with("file:")) file = file.native().substr(5);
  file = std::filesystem::path(working_folder_of(process.process, process.host)) / file;
  std::error_code ignored;
  if (!named && !(file.is_absolute() && std::filesystem::exists(probes::below(process.root, file.native()), ignored))) {
    return {};
  }
  const auto text = process.text_of(file, server);
  if (!text) return {};
  server.configuration.push_back(file.string());
  return python_settings_in(*text);
}

/// As Gunicorn takes them: of its configuration, then what the environment says instead, then the command line.
PythonSettings settings_of(const ServerProcess& process, FoundServer& server) {
  const auto& command = process.process.command;
  const auto environment = shell_words(environment_of(process.process, "GUNICORN_CMD_ARGS", process.host));
  auto named = option_value(command, {"-c", "--config"});
  if (!named) named = option_value(environment, {"-c", "--config"});
  auto known = settings_in_file(named, process, server);
  override_by(environment, known);
  override_by(command, known);
  return known;
}

std::string value_of(const PythonSettings& settings, std::string_view name) {
  const auto found = settings.find(name);
  return found == settings.end() || found->second.empty() ? "" : found->second.back();
}

/// "udp://localhost:514", "unix:///dev/log#dgram".
std::string syslog_address(std::string_view written) {
  constexpr std::string_view unix_family = "unix://";
  written = written.substr(0, written.find('#'));
  if (written.starts_with(unix_family)) return std::string(written.substr(unix_family.size()));
  const auto scheme = written.find("://");
  return std::string(scheme == std::string_view::npos ? written : written.substr(scheme + 3));
}

}  // namespace

void describe_gunicorn(const ServerProcess& process, FoundServer& server, ServerLogs& logs) {
  const auto known = settings_of(process, server);
  const auto binds = known.find("bind");
  server.listens = binds == known.end() ? std::vector<std::string>{"127.0.0.1:8000"} : binds->second;
  const bool has_title = process.process.command[0].starts_with("gunicorn: ");
  if (has_title) {  // of its command line nothing is left
    server.troubles.emplace_back("its command line is not shown (setproctitle), so its addresses are not known");
    if (binds == known.end()) server.listens.clear();
  }
  const auto chdir = value_of(known, "chdir");
  const auto working_folder = working_folder_of(process.process, process.host);
  const auto folder = (std::filesystem::path(working_folder) / chdir).string();
  const auto access = value_of(known, "accesslog");
  const LogForm access_form{
      .what = "access log", .format = "gunicorn.access", .log_format = value_of(known, "access_log_format")};
  const LogForm error_form{.what = "error log", .format = "gunicorn.error"};
  if (const auto error = value_of(known, "errorlog"); error.empty() || error == "-") {
    logs.add_error_output(error_form);
  } else {
    logs.add(error_form, error, folder);
  }
  if (access == "-") {
    logs.add_output(access_form);
  } else if (!access.empty()) {
    logs.add(access_form, access, folder);
  }
  if (value_of(known, "syslog") != "True") return;
  const auto address = value_of(known, "syslog_addr");
  logs.add_syslog({.what = "error log", .format = "gunicorn.error"},
                  address.empty() ? "localhost:514" : syslog_address(address));
}

}  // namespace triaged::discover

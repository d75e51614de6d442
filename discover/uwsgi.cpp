#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "discover/command_line.hpp"
#include "discover/programs.hpp"
#include "probes/host_files.hpp"

namespace triaged::discover {

namespace {

constexpr std::array<std::string_view, 4> file_options = {"logto", "logto2", "daemonize", "daemonize2"};
constexpr std::array<std::string_view, 3> logger_options = {"logger", "req-logger", "worker-logger"};
constexpr std::array<std::string_view, 7> address_options = {
    "socket", "uwsgi-socket", "http", "http-socket", "http11-socket", "https", "fastcgi-socket"};

struct Option {
  std::string name, value;
};
using Options = std::vector<Option>;

std::string_view trimmed(std::string_view text) {
  const auto words = probes::words_of(text);
  if (words.empty()) return {};
  return text.substr(static_cast<std::size_t>(words.front().data() - text.data()),
                     static_cast<std::size_t>(words.back().data() + words.back().size() - words.front().data()));
}

/// "key = value" below [uwsgi]. What holds placeholders (%n, $(HOME)) is known to uWSGI only.
void read_ini(std::string_view text, Options& options) {
  bool is_own_section = false;
  while (!text.empty()) {
    auto line = probes::take_line(text);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with('[')) is_own_section = trimmed(line) == "[uwsgi]";
    const auto equals = line.find('=');
    if (!is_own_section || line.starts_with(';') || line.starts_with('#') || equals == std::string_view::npos) continue;
    const auto value = trimmed(line.substr(equals + 1));
    if (value.find_first_of("%$@") != std::string_view::npos) continue;
    options.push_back({std::string(trimmed(line.substr(0, equals))), std::string(value)});
  }
}

/// uWSGI takes each of its options from a variable, too: "http-socket" from UWSGI_HTTP_SOCKET.
std::string variable_of(std::string_view option) {
  std::string name = "UWSGI_";
  for (const char c : option) name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

/// "--ini /etc/uwsgi/shop.ini", or the file alone.
std::vector<std::string> ini_files(const ServerProcess& process) {
  const auto& command = process.process.command;
  auto files = option_values(command, {"--ini"});
  if (auto file = environment_of(process.process, "UWSGI_INI", process.host); !file.empty()) files.push_back(file);
  for (std::size_t at = 1; at < command.size(); ++at) {
    if (command[at].ends_with(".ini") && !command[at - 1].starts_with("--ini") && !command[at].starts_with('-')) {
      files.push_back(command[at]);
    }
  }
  return files;
}

Options options_of(const ServerProcess& process, const std::string& folder, FoundServer& server) {
  Options options;
  const auto& command = process.process.command;
  for (const auto& named : ini_files(process)) {
    const auto file = std::filesystem::path(folder) / named;
    if (const auto text = process.text_of(file, server)) {
      server.configuration.push_back(file.string());
      read_ini(*text, options);
    }
  }
  const auto add_all = [&](const auto& names) {
    for (const auto name : names) {
      const auto option = "--" + std::string(name);
      for (auto& value : option_values(command, {option})) options.push_back({std::string(name), std::move(value)});
      auto value = environment_of(process.process, variable_of(name), process.host);
      if (!value.empty()) options.push_back({std::string(name), std::move(value)});
    }
  };
  add_all(file_options);
  add_all(logger_options);
  add_all(address_options);
  for (auto& value : option_values(command, {"-s"})) options.push_back({"socket", std::move(value)});
  for (auto& value : option_values(command, {"-d"})) options.push_back({"daemonize", std::move(value)});
  return options;
}

bool is_among(std::string_view name, const auto& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// "file:/var/log/x.log", "stdio", "syslog", also behind a name: "apps file:/var/log/x.log".
void add_logger(std::string_view written, const LogForm& form, const std::string& folder, ServerLogs& logs) {
  const auto words = probes::words_of(written);
  if (words.empty()) return;
  const auto logger = words.back();
  if (logger.starts_with("file:")) logs.add(form, std::string(logger.substr(5)), folder);
  if (logger.starts_with("syslog")) logs.add_syslog(form, "/dev/log");
  if (logger.starts_with("stdio")) logs.add_error_output(form);
}

}  // namespace

void describe_uwsgi(const ServerProcess& process, FoundServer& server, ServerLogs& logs) {
  const auto folder = working_folder_of(process.process, process.host);
  bool has_log = false;
  for (const auto& option : options_of(process, folder, server)) {
    if (is_among(option.name, address_options)) {
      topology::add_once(server.listens, option.value.starts_with('/') ? "unix:" + option.value : option.value);
    } else if (is_among(option.name, file_options)) {
      logs.add({.what = "log", .format = "uwsgi"}, option.value, folder);
      has_log = true;
    } else if (is_among(option.name, logger_options)) {
      const bool is_access = option.name == "req-logger";
      add_logger(option.value, {.what = is_access ? "access log" : "log", .format = "uwsgi"}, folder, logs);
      has_log = has_log || !is_access;
    }
  }
  if (!has_log) logs.add_error_output({.what = "log", .format = "uwsgi"});
}

}  // namespace triaged::discover

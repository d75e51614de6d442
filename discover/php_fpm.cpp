#include "discover/programs.hpp"

namespace triaged::discover {

namespace {

/// "php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)".
std::string configuration_in(const std::string& title) {
  const auto open = title.find('('), close = title.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return "";
  return title.substr(open + 1, close - open - 1);
}

std::string_view name_of(topology::NamedLog::Kind kind) {
  switch (kind) {
    case topology::NamedLog::Kind::access:
      return "access log";
    case topology::NamedLog::Kind::slow:
      return "slow log";
    case topology::NamedLog::Kind::error:
      break;
  }
  return "error log";
}

}  // namespace

void describe_php_fpm(const ServerProcess& process, FoundServer& server, ServerLogs& logs) {
  const auto file = configuration_in(process.process.command[0]);
  if (!file.starts_with('/')) return;
  auto configuration = topology::php_fpm_configuration(file, process.host_files());
  for (const auto& log : configuration.logs) {
    const bool is_error = log.kind == topology::NamedLog::Kind::error;
    const LogForm form{.what = name_of(log.kind), .format = is_error ? "php-fpm" : ""};
    if (log.target == "syslog") {
      logs.add_syslog(form, "/dev/log");
    } else {
      logs.add(form, log.target, "/usr");
    }
  }
  add_configuration(std::move(configuration), server);
}

}  // namespace triaged::discover

#include <algorithm>
#include <deque>
#include <string_view>
#include <utility>

#include "topology/configuration_text.hpp"
#include "topology/nginx_include.hpp"
#include "topology/server_configuration.hpp"

namespace triaged::topology {

namespace {

constexpr std::size_t most_files = 1000;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(blanks) + 1));
  return text;
}

/// "'/run/a.sock'  ; where nginx asks" is /run/a.sock.
std::string value_in(std::string_view text) {
  text = trimmed(text);
  if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
    const auto end = text.find(text.front(), 1);
    return std::string(text.substr(1, end == std::string_view::npos ? end : end - 1));
  }
  return std::string(trimmed(text.substr(0, text.find(';'))));
}

class PhpFpmServer {
 public:
  void read_line(std::string_view line) {
    line = trimmed(line);
    if (line.empty() || line.front() == ';' || line.front() == '#') return;
    if (line.front() == '[') {
      pool_ = line.substr(1, line.find(']') - 1);
      return;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return;
    const auto name = trimmed(line.substr(0, equals));
    const auto value = of_this_pool(value_in(line.substr(equals + 1)));
    if (value.empty()) return;
    if (name == "include") includes.push_back(value);
    if (name == "error_log") add_once(found.logs, {NamedLog::Kind::error, value, "", ""});
    if (name == "access.log") add_once(found.logs, {NamedLog::Kind::access, value, "", ""});
    if (name == "slowlog") add_once(found.logs, {NamedLog::Kind::slow, value, "", ""});
    if (name == "listen") add_once(found.listens, address_in(value));
  }

  ServerConfiguration found;
  std::deque<std::string> includes;

 private:
  [[nodiscard]] std::string of_this_pool(std::string value) const {
    constexpr std::string_view variable = "$pool";
    for (auto at = value.find(variable); at != std::string::npos; at = value.find(variable, at + pool_.size())) {
      value.replace(at, variable.size(), pool_);
    }
    return value;
  }

  static std::string address_in(const std::string& value) {
    if (value.starts_with('/')) return "unix:" + value;
    const bool is_port = value.find_first_not_of("0123456789") == std::string::npos;
    return literal_address(is_port ? ":" + value : value, {}).value_or(value);
  }

  std::string pool_ = "global";
};

}  // namespace

ServerConfiguration php_fpm_configuration(const std::filesystem::path& file, const HostFiles& host) {
  PhpFpmServer server;
  std::deque<std::string> waiting = {file.string()};
  while (!waiting.empty() && server.found.files.size() + server.found.troubles.size() < most_files) {
    const std::filesystem::path path = waiting.front();
    waiting.pop_front();
    std::string trouble;
    const auto text = configuration_text(path, host, trouble);
    if (!text) {
      server.found.troubles.push_back(std::move(trouble));
      continue;
    }
    add_once(server.found.files, path.string());
    for (std::string_view rest = *text; !rest.empty();) {
      const auto end = std::min(rest.find('\n'), rest.size());
      server.read_line(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    for (; !server.includes.empty(); server.includes.pop_front()) {
      const auto pattern = include_pattern(server.includes.front(), file);
      if (auto why = why_not_searched(pattern); !why.empty()) add_once(server.found.troubles, std::move(why));
      for (auto& found : included_files(pattern, host.root)) {
        const auto& known = server.found.files;
        if (std::find(known.begin(), known.end(), found) == known.end()) waiting.push_back(std::move(found));
      }
    }
  }
  return std::move(server.found);
}

}  // namespace triaged::topology

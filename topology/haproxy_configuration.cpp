#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "topology/configuration_text.hpp"
#include "topology/haproxy_words.hpp"
#include "topology/read_haproxy.hpp"
#include "topology/server_configuration.hpp"

namespace triaged::topology {

namespace {

constexpr std::size_t most_files = 1000;

std::string address_in(const std::string& word) {
  auto address = without_family(word);
  return literal_address(address, {}).value_or(std::move(address));
}

class HaproxyServer {
 public:
  void read_line(const HaproxyWords& words) {
    const auto& keyword = words[0];
    if (is_haproxy_section(keyword)) return open_section(words);
    if (words.size() < 2) return;
    if (keyword == "log" && words[1] != "global") {
      add_once(found.logs, {NamedLog::Kind::error, words[1], "", ""});
    } else if (keyword == "log-format") {
      add_once(log_formats_, words[1]);
    } else if (keyword == "option" && words[1].ends_with("log")) {
      add_once(forms_, words[1]);  // httplog, httpslog, tcplog
    } else if (keyword == "bind" && has_traffic_) {
      for (const auto& address : split_haproxy_list(words[1])) add_once(found.listens, address_in(address));
    } else if ((keyword == "server" || keyword == "server-template") && has_traffic_ && words.size() > 2) {
      add_server(words);
    }
  }

  /// HAProxy writes all its logs in one form, unless its sections have one each.
  void finish() {
    for (auto& log : found.logs) {
      if (log_formats_.size() == 1) log.log_format = log_formats_.front();
      if (log_formats_.empty() && forms_.size() == 1) log.format_name = forms_.front();
    }
    std::erase_if(found.upstreams, [](const UpstreamGroup& group) { return group.servers.empty(); });
  }

  ServerConfiguration found;

 private:
  void open_section(const HaproxyWords& words) {
    const auto& keyword = words[0];
    has_traffic_ = keyword == "frontend" || keyword == "backend" || keyword == "listen";
    if (has_traffic_ && words.size() > 1) found.upstreams.push_back({words[1], {}});
    has_traffic_ = has_traffic_ && words.size() > 1;
  }

  /// "server app1 127.0.0.1:8000", "server-template app 1-3 app.example.com:80".
  void add_server(const HaproxyWords& words) {
    const bool is_template = words[0] == "server-template";
    if (is_template && words.size() < 4) return;
    add_once(found.upstreams.back().servers, address_in(words[is_template ? 3 : 2]));
  }

  std::vector<std::string> log_formats_, forms_;
  bool has_traffic_ = false;  // in a section that takes connections or passes them on
};

/// A folder stands for its files, in the order of their names.
std::vector<std::filesystem::path> files_of(const std::filesystem::path& path, const std::filesystem::path& root) {
  std::error_code failure;
  const auto here = root.empty() ? path : root / path.relative_path();
  if (!std::filesystem::is_directory(here, failure)) return {path};
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(here, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const auto name = entry->path().filename();
    if (name.extension() == ".cfg" && !name.native().starts_with('.')) files.push_back(path / name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

ServerConfiguration haproxy_configuration(const std::vector<std::filesystem::path>& files, const HostFiles& host) {
  HaproxyServer server;
  for (const auto& named : files) {
    for (const auto& file : files_of(named, host.root)) {
      if (server.found.files.size() + server.found.troubles.size() >= most_files) break;
      std::string trouble;
      const auto text = configuration_text(file, host, trouble);
      if (!text) {
        server.found.troubles.push_back(std::move(trouble));
        continue;
      }
      server.found.files.push_back(file.string());
      for (const auto& line : haproxy_lines(*text)) server.read_line(line.words);
    }
  }
  server.finish();
  return std::move(server.found);
}

}  // namespace triaged::topology

#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "topology/configuration_text.hpp"
#include "topology/nginx_directives.hpp"
#include "topology/server_configuration.hpp"

namespace triaged::topology {

namespace {

std::string address_in(const std::string& word, std::string_view port) {
  if (word.starts_with("unix:")) return word;
  return literal_address(word, port).value_or(word);
}

/// The address in "http://127.0.0.1:8000/api": what stands before an @ might be a password.
std::string pass_target(std::string_view pass) {
  std::string_view port = "80";
  if (const auto scheme = pass.find("://"); scheme != std::string_view::npos) {
    if (pass.substr(0, scheme).ends_with('s')) port = "443";  // https, grpcs
    pass.remove_prefix(scheme + 3);
  }
  if (pass.starts_with("unix:")) return std::string(pass.substr(0, pass.find(':', 5)));
  auto host = pass.substr(0, pass.find('/'));
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  return address_in(std::string(host), port);
}

class NginxServer final : public NginxVisitor {
 public:
  void open(const NginxWords& words) override {
    blocks_.push_back(words.empty() ? "" : words[0]);
    if (blocks_.back() == "upstream" && words.size() > 1) {
      found.upstreams.push_back({words[1], {}});
      group_ = found.upstreams.size();
    }
    if (blocks_.back() == "server") has_listen_ = false;
  }

  void close() override {
    if (blocks_.empty()) return;
    if (blocks_.back() == "upstream") group_ = 0;
    if (blocks_.back() == "server" && !has_listen_) add_once(found.listens, std::string("*:80"));
    blocks_.pop_back();
  }

  void say(const NginxWords& words, const NginxPlace& /*at*/) override {
    if (words.size() < 2) return;
    const auto& name = words[0];
    if (name == "log_format") log_formats_.insert_or_assign(words[1], log_format_in(words).text);
    if (name == "error_log") add_once(found.logs, {NamedLog::Kind::error, words[1], "", ""});
    if (name == "access_log" && words[1] != "off") add_access_log(words);
    if (group_ != 0 && name == "server") {
      found.upstreams[group_ - 1].servers.push_back(address_in(words[1], "80"));
    } else if (name == "listen") {
      add_listen(words[1]);
    } else if (name.ends_with("_pass")) {
      passes_.push_back(pass_target(words[1]));
    }
  }

  /// When all is read: formats may be named before they are written, and so may groups.
  void finish() {
    for (auto& log : found.logs) {
      const auto format = log_formats_.find(log.format_name);
      if (format != log_formats_.end()) log.log_format = format->second;
    }
    UpstreamGroup alone;
    for (auto& pass : passes_) {
      if (!is_group(pass)) add_once(alone.servers, std::move(pass));
    }
    if (!alone.servers.empty()) found.upstreams.push_back(std::move(alone));
  }

  ServerConfiguration found;

 private:
  /// "access_log /var/log/nginx/a.log main buffer=32k;": options have a value, the name of a format has none.
  void add_access_log(const NginxWords& words) {
    const bool has_format = words.size() > 2 && words[2].find('=') == std::string::npos;
    add_once(found.logs, {NamedLog::Kind::access, words[1], has_format ? words[2] : "", ""});
  }

  void add_listen(const std::string& word) {
    has_listen_ = true;
    const auto port_only = literal_address(":" + word, {});
    add_once(found.listens, port_only.value_or(address_in(word, "80")));
  }

  /// The port that "http://shop" got is not part of the group's name.
  [[nodiscard]] bool is_group(std::string_view pass) const {
    for (const auto& group : found.upstreams) {
      if (pass == group.name) return true;
    }
    return false;
  }

  std::map<std::string, std::string, std::less<>> log_formats_;
  std::vector<std::string> blocks_, passes_;
  std::size_t group_ = 0;  // the number of the upstream that is being read; 0: none is
  bool has_listen_ = false;
};

}  // namespace

ServerConfiguration nginx_configuration(const std::filesystem::path& file, const HostFiles& host) {
  NginxServer server;
  auto files = read_directives(file, server, host);
  server.finish();
  server.found.files = std::move(files.read);
  server.found.troubles = std::move(files.troubles);
  return std::move(server.found);
}

}  // namespace triaged::topology

#include "topology/read_nginx.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "topology/configuration_text.hpp"
#include "topology/nginx_directives.hpp"
#include "topology/server_configuration.hpp"

namespace triaged::topology {

namespace {

struct Server {
  std::vector<std::string> listens, passes;  // as written; a pass with its default port
  bool has_listen = false;
};

struct Upstream {
  std::vector<std::string> addresses;
  bool has_unknown = false;
};

struct PlacedFormat {
  NginxLogFormat written;
  std::string place;  // "/etc/nginx/nginx.conf:12"
};

class NginxForwards final : public NginxVisitor {
 public:
  void add_to(Topology& topology, const std::string& file, std::vector<std::string>& troubles) const {
    for (const auto& [where, name] : access_logs_) {
      const auto format = log_formats_.find(name);
      if (format == log_formats_.end()) continue;
      const auto& [written, place] = format->second;
      const auto trouble = topology.add_log_format(where, written.text, written.is_escaped);
      if (!trouble.empty()) {
        add_once(troubles, fmt::format("{}: cannot read lines of log_format \"{}\": {}", place, name, trouble));
      }
    }
    for (const auto& [name, group] : upstreams_) {
      for (const auto& address : group.addresses) topology.add_to_group(name, address, file);
      if (group.has_unknown) topology.add_unknown_to_group(name, file);
    }
    for (const auto& server : servers_) {
      auto listens = server.listens;
      if (!server.has_listen) listens.emplace_back("*:80");
      for (const auto& listen : listens) {
        for (const auto& pass : server.passes) add_pass(listen, pass, topology);
      }
    }
  }

  void open(const NginxWords& words) override {
    const std::string block = words.empty() ? "" : words[0];
    blocks_.push_back(block);
    if (block == "server" && server_depth_ == 0) {
      servers_.emplace_back();
      server_depth_ = blocks_.size();
    }
    if (block == "upstream" && words.size() > 1) {
      upstream_ = &upstreams_[words[1]];
      upstream_depth_ = blocks_.size();
    }
  }

  void close() override {
    if (blocks_.empty()) return;
    if (blocks_.size() == server_depth_) server_depth_ = 0;
    if (blocks_.size() == upstream_depth_) upstream_depth_ = 0;
    blocks_.pop_back();
  }

  void say(const NginxWords& words, const NginxPlace& at) override {
    if (words.size() < 2) return;
    const auto& name = words[0];
    if (name == "log_format") {
      log_formats_.insert_or_assign(words[1],
                                    PlacedFormat{log_format_in(words), fmt::format("{}:{}", at.file, at.line)});
      return;
    }
    if (name == "access_log" && words.size() > 2) return add_access_log(words[1], words[2]);
    if (upstream_depth_ != 0 && name == "server") return add_to_upstream(words[1]);
    if (server_depth_ == 0) return;
    auto& server = servers_.back();
    if (name == "listen" && blocks_.size() == server_depth_) {
      server.has_listen = true;
      if (auto address = listen_address(words[1])) server.listens.push_back(std::move(*address));
    } else if (name.ends_with("_pass") && is_pass(name)) {
      server.passes.push_back(words[1]);
    }
  }

 private:
  /// A path with variables is nowhere yet; what goes to syslog stands in whatever file the receiver writes, behind a
  /// header with the tag.
  void add_access_log(const std::string& target, const std::string& format) {
    constexpr std::string_view syslog = "syslog:";
    if (target.starts_with(syslog)) {
      access_logs_.push_back({{.program = tag_in(std::string_view(target).substr(syslog.size()))}, format});
    } else if (is_output(target)) {
      access_logs_.push_back({{.is_output = true}, format});
    } else if (target.starts_with('/') && target.find('$') == std::string::npos) {
      access_logs_.push_back({{.path = target}, format});
    }
  }

  static bool is_output(std::string_view target) {
    constexpr std::string_view names[] = {"/dev/stdout",     "/dev/stderr",     "/dev/fd/1",    "/dev/fd/2",
                                          "/proc/self/fd/1", "/proc/self/fd/2", "/proc/1/fd/1", "/proc/1/fd/2"};
    return std::find(std::begin(names), std::end(names), target) != std::end(names);
  }

  /// Of "server=127.0.0.1:514,facility=local7,tag=edge".
  static std::string tag_in(std::string_view parameters) {
    constexpr std::string_view tag = "tag=";
    while (!parameters.empty()) {
      const auto end = std::min(parameters.find(','), parameters.size());
      if (parameters.starts_with(tag)) return std::string(parameters.substr(tag.size(), end - tag.size()));
      parameters.remove_prefix(std::min(end + 1, parameters.size()));
    }
    return "nginx";
  }

  static bool is_pass(std::string_view name) {
    constexpr std::string_view names[] = {"proxy_pass", "fastcgi_pass", "uwsgi_pass",
                                          "scgi_pass",  "grpc_pass",    "memcached_pass"};
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  }

  /// "80", "127.0.0.1", "[::]:443", "unix:/run/nginx.sock".
  static std::optional<std::string> listen_address(const std::string& word) {
    if (word.starts_with("unix:")) return word;
    if (auto port_only = literal_address(":" + word, {})) return port_only;
    return literal_address(word, "80");
  }

  void add_to_upstream(const std::string& word) {
    auto address = word.starts_with("unix:") ? std::optional(word) : literal_address(word, "80");
    if (address)
      upstream_->addresses.push_back(std::move(*address));
    else
      upstream_->has_unknown = true;
  }

  void add_pass(const std::string& listen, std::string_view pass, Topology& topology) const {
    std::string_view port = "80";
    if (const auto scheme = pass.find("://"); scheme != std::string_view::npos) {
      if (pass.substr(0, scheme) == "https" || pass.substr(0, scheme) == "grpcs") port = "443";
      pass.remove_prefix(scheme + 3);
    }
    if (pass.starts_with("unix:")) {  // unix:/run/app.sock:/uri
      return topology.add_forward(listen, std::string(pass.substr(0, pass.find(':', 5))));
    }
    const auto host = pass.substr(0, pass.find('/'));
    if (const auto group = upstreams_.find(host); group != upstreams_.end()) {
      for (const auto& address : group->second.addresses) topology.add_forward(listen, address);
      if (group->second.has_unknown) topology.add_unknown_forward(listen);
    } else if (const auto address = literal_address(host, port)) {
      topology.add_forward(listen, *address);
    } else {
      topology.add_unknown_forward(listen);
    }
  }

  std::vector<Server> servers_;
  std::map<std::string, Upstream, std::less<>> upstreams_;
  std::map<std::string, PlacedFormat, std::less<>> log_formats_;
  std::vector<std::pair<WrittenTo, std::string>> access_logs_;  // with the name of its format
  std::vector<std::string> blocks_;
  Upstream* upstream_ = nullptr;
  std::size_t server_depth_ = 0, upstream_depth_ = 0;  // of the block that is being read; 0: none is
};

}  // namespace

void read_nginx(const std::filesystem::path& file, Topology& topology, std::vector<std::string>& troubles) {
  NginxForwards forwards;
  auto files = read_directives(file, forwards);
  for (auto& trouble : files.troubles) troubles.push_back(std::move(trouble));
  forwards.add_to(topology, file.string(), troubles);
}

}  // namespace triaged::topology

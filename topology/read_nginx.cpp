#include "topology/read_nginx.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "topology/configuration_text.hpp"
#include "topology/nginx_include.hpp"

namespace triaged::topology {

namespace {

constexpr std::size_t most_files = 1000;  // sites of a large host
constexpr int deepest_include = 16;

struct Token {
  std::string text;
  char special = 0;  // one of ; { } when it is not a word
};

/// Words, quoted or not, and ; { }. A comment goes to the end of its line.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : rest_(text) {}

  std::optional<Token> next() {
    skip_blank();
    if (rest_.empty()) return std::nullopt;
    if (const char c = rest_.front(); is_special(c)) {
      rest_.remove_prefix(1);
      return Token{{}, c};
    }
    return Token{word()};
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
  static bool is_special(char c) { return c == ';' || c == '{' || c == '}'; }

  void skip_blank() {
    while (!rest_.empty() && (is_blank(rest_.front()) || rest_.front() == '#')) {
      rest_.remove_prefix(rest_.front() == '#' ? std::min(rest_.find('\n'), rest_.size()) : 1);
    }
  }

  std::string word() {
    std::string word;
    const char quote = rest_.front() == '"' || rest_.front() == '\'' ? rest_.front() : '\0';
    if (quote != 0) rest_.remove_prefix(1);
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (quote == 0 && (is_blank(c) || c == ';' || (c == '{' && !word.ends_with('$')))) break;
      rest_.remove_prefix(1);
      if (quote != 0 && c == quote) break;
      if (c == '\\' && !rest_.empty()) {
        word += c;  // nginx keeps it before most letters, and no address has one
        word += rest_.front();
        rest_.remove_prefix(1);
      } else {
        word += c;
      }
    }
    return word;
  }

  std::string_view rest_;
};

struct Server {
  std::vector<std::string> listens, passes;  // as written; a pass with its default port
  bool has_listen = false;
};

struct LogFormatWords {
  std::string text;
  bool is_escaped = true;
};

struct Upstream {
  std::vector<std::string> addresses;
  bool has_unknown = false;
};

class NginxFiles {
 public:
  NginxFiles(std::filesystem::path main_file, std::vector<std::string>& troubles)
      : main_file_(std::move(main_file)), troubles_(troubles) {}

  void read() { read(main_file_, 0); }

  void read(const std::filesystem::path& file, int depth) {
    if (depth > deepest_include || ++files_ > most_files) return;
    std::string trouble;
    const auto text = configuration_text(file, trouble);
    if (!text) return troubles_.push_back(std::move(trouble));
    Tokens tokens(*text);
    std::vector<std::string> words;
    while (auto token = tokens.next()) {
      if (token->special == 0) {
        words.push_back(std::move(token->text));
        continue;
      }
      if (token->special == '{') open(words);
      if (token->special == ';') say(words, depth);
      if (token->special == '}') close();
      words.clear();
    }
  }

  void add_to(Topology& topology) const {
    for (const auto& [path, name] : access_logs_) {
      const auto format = log_formats_.find(name);
      if (format != log_formats_.end()) topology.add_log_format(path, format->second.text, format->second.is_escaped);
    }
    for (const auto& server : servers_) {
      auto listens = server.listens;
      if (!server.has_listen) listens.emplace_back("*:80");
      for (const auto& listen : listens) {
        for (const auto& pass : server.passes) add_pass(listen, pass, topology);
      }
    }
  }

 private:
  void open(const std::vector<std::string>& words) {
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

  void close() {
    if (blocks_.empty()) return;
    if (blocks_.size() == server_depth_) server_depth_ = 0;
    if (blocks_.size() == upstream_depth_) upstream_depth_ = 0;
    blocks_.pop_back();
  }

  void say(const std::vector<std::string>& words, int depth) {
    if (words.size() < 2) return;
    const auto& name = words[0];
    if (name == "include") return include(words[1], depth);
    if (name == "log_format") return add_log_format(words);
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

  /// `log_format main escape=json '{"status":$status,' '"uri":"$uri"}';`
  void add_log_format(const std::vector<std::string>& words) {
    LogFormatWords format;
    for (std::size_t i = 2; i < words.size(); ++i) {
      if (words[i].starts_with("escape=")) {
        format.is_escaped = words[i] != "escape=none";
      } else {
        format.text += without_escapes(words[i]);
      }
    }
    log_formats_.insert_or_assign(words[1], std::move(format));
  }

  /// A path with variables is nowhere yet; what goes to syslog stands in whatever file the receiver writes.
  void add_access_log(const std::string& path, const std::string& format) {
    if (path.starts_with('/') && path.find('$') == std::string::npos) access_logs_.emplace(path, format);
  }

  /// In quotes nginx takes a backslash for what follows.
  static std::string without_escapes(std::string_view word) {
    std::string text;
    for (std::size_t i = 0; i < word.size(); ++i) {
      const char next = i + 1 < word.size() ? word[i + 1] : '\0';
      const bool is_escape = word[i] == '\\' && (next == '"' || next == '\'' || next == '\\' || next == 't');
      text += !is_escape ? word[i] : next == 't' ? '\t' : next;
      i += is_escape ? 1 : 0;
    }
    return text;
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

  void include(const std::string& pattern, int depth) {
    const auto full = include_pattern(pattern, main_file_);
    auto files = included_files(full);
    if (files.empty() && pattern.find_first_of("*?[") == std::string::npos) files.push_back(full.string());
    for (const auto& file : files) read(file, depth + 1);
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

  const std::filesystem::path main_file_;
  std::vector<std::string>& troubles_;
  std::vector<Server> servers_;
  std::map<std::string, Upstream, std::less<>> upstreams_;
  std::map<std::string, LogFormatWords, std::less<>> log_formats_;
  std::multimap<std::string, std::string> access_logs_;  // path to the name of its format
  std::vector<std::string> blocks_;
  Upstream* upstream_ = nullptr;
  std::size_t server_depth_ = 0, upstream_depth_ = 0;  // of the block that is being read; 0: none is
  std::size_t files_ = 0;
};

}  // namespace

void read_nginx(const std::filesystem::path& file, Topology& topology, std::vector<std::string>& troubles) {
  NginxFiles files(file, troubles);
  files.read();
  files.add_to(topology);
}

}  // namespace triaged::topology

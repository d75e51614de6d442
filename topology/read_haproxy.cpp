#include "topology/read_haproxy.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topology/configuration_text.hpp"
#include "topology/haproxy_words.hpp"

namespace triaged::topology {

namespace {

struct Section {
  std::vector<std::string> binds;      // addresses that could be told
  std::vector<std::string> addresses;  // of its servers
  std::vector<std::string> backends;   // to which it passes on
  bool has_unknown = false;            // servers or backends that the file does not tell
};

std::optional<std::string> address_of_word(std::string_view word) {
  auto address = without_family(word);
  if (address.starts_with("unix:")) return address;
  return literal_address(address, {});
}

class HaproxyFile {
 public:
  void read_line(const HaproxyLine& line) {
    const auto& words = line.words;
    const auto& keyword = words[0];
    const bool has_name = words.size() > 1;
    if (is_haproxy_section(keyword)) {
      const bool has_traffic = keyword == "frontend" || keyword == "backend" || keyword == "listen";
      current_ = has_traffic && has_name ? &sections_[words[1]] : nullptr;
      name_ = current_ != nullptr ? words[1] : std::string();
      return;
    }
    if (keyword == "log-format" && has_name) log_formats_.emplace_back(line.number, words[1]);  // in defaults, too
    if (current_ == nullptr || !has_name) return;
    if (keyword == "bind") {
      for (const auto& address : split_haproxy_list(words[1])) {
        if (auto known = address_of_word(address)) current_->binds.push_back(std::move(*known));
      }
    } else if (keyword == "server" && words.size() > 2) {
      add_server(words[1], words[2]);
    } else if (keyword == "default_backend" || keyword == "use_backend") {
      current_->backends.push_back(words[1]);
    } else if (keyword == "server-template" || keyword == "dispatch" || keyword == "use-server") {
      current_->has_unknown = current_->has_unknown || keyword != "use-server";
    }
  }

  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& servers() const { return servers_; }

  void add_to(Topology& topology, const std::filesystem::path& file, std::vector<std::string>& troubles) const {
    for (const auto& [line, text] : log_formats_) {
      const auto trouble = topology.add_log_format({}, text, true);
      if (trouble.empty()) continue;
      troubles.push_back(fmt::format("{}:{}: cannot read lines of this log-format: {}", file.string(), line, trouble));
    }
    for (const auto& [server, word] : servers_) {
      if (auto address = address_of_word(word)) topology.add_server(server, std::move(*address));
    }
    for (const auto& [name, section] : sections_) {
      for (const auto& bind : section.binds) add_forwards(bind, section, topology);
    }
  }

 private:
  void add_server(const std::string& server, const std::string& word) {
    servers_.emplace(name_ + "/" + server, word);
    if (auto address = address_of_word(word))
      current_->addresses.push_back(std::move(*address));
    else
      current_->has_unknown = true;
  }

  void add_targets(const std::string& bind, const Section& section, Topology& topology) const {
    for (const auto& address : section.addresses) topology.add_forward(bind, address);
    if (section.has_unknown) topology.add_unknown_forward(bind);
  }

  void add_forwards(const std::string& bind, const Section& section, Topology& topology) const {
    add_targets(bind, section, topology);
    for (const auto& name : section.backends) {
      const auto backend = sections_.find(name);  // a log-format expression is none
      if (backend == sections_.end())
        topology.add_unknown_forward(bind);
      else
        add_targets(bind, backend->second, topology);
    }
  }

  std::vector<std::pair<unsigned, std::string>> log_formats_;  // with the number of the line
  std::map<std::string, Section> sections_;
  std::map<std::string, std::string, std::less<>> servers_;
  Section* current_ = nullptr;
  std::string name_;
};

HaproxyFile read_file(std::string_view text) {
  HaproxyFile file;
  for (const auto& line : haproxy_lines(text)) file.read_line(line);
  return file;
}

}  // namespace

std::string without_family(std::string_view word) {
  for (const std::string_view family : {"ipv4@", "ipv6@", "tcp@", "tcp4@", "tcp6@"}) {
    if (word.starts_with(family)) return std::string(word.substr(family.size()));
  }
  constexpr std::string_view unix_family = "unix@";
  if (word.starts_with(unix_family)) word.remove_prefix(unix_family.size());
  return word.starts_with('/') ? fmt::format("unix:{}", word) : std::string(word);
}

void read_haproxy(std::string_view text, const std::filesystem::path& file, Topology& topology,
                  std::vector<std::string>& troubles) {
  read_file(text).add_to(topology, file, troubles);
}

std::map<std::string, std::string, std::less<>> haproxy_servers(std::string_view text) {
  return read_file(text).servers();
}

}  // namespace triaged::topology

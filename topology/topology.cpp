#include "topology/topology.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/host_and_port.hpp"

namespace triaged::topology {

namespace {

bool is_local(std::string_view host) {
  constexpr std::array<std::string_view, 6> names = {"localhost", "0.0.0.0", "*", "[::]", "[::1]", "::1"};
  return host.starts_with("127.") || std::find(names.begin(), names.end(), host) != names.end();
}

bool may_have(const std::set<std::string>& addresses, std::string_view address) {
  return std::ranges::any_of(addresses, [&](const std::string& known) { return may_be_same_address(known, address); });
}

bool is_local_address(std::string_view address) {
  return !address.starts_with("unix:") && is_local(split_host_and_port(address).host);
}

/// The one that is certainly `address`. This machine's own has several names, which are no names of another machine:
/// a block that lists 127.0.0.1:8001 does not list 10.0.0.9:8001.
std::set<std::string>::const_iterator listed_as(const std::set<std::string>& addresses, std::string_view address) {
  if (const auto known = addresses.find(std::string(address)); known != addresses.end()) return known;
  if (!is_local_address(address)) return addresses.end();
  return std::ranges::find_if(addresses, [&](const std::string& known) {
    return is_local_address(known) && may_be_same_address(known, address);
  });
}

}  // namespace

bool may_be_same_address(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (a.starts_with("unix:") || b.starts_with("unix:")) return false;
  const auto one = split_host_and_port(a), other = split_host_and_port(b);
  const bool have_one_port = one.port.has_value() && !one.port->empty() && one.port == other.port;
  return have_one_port && (is_local(one.host) || is_local(other.host));
}

void Topology::add_server(std::string server, std::string address) {
  if (has_room()) servers_.insert_or_assign(std::move(server), std::move(address));
}

std::string Topology::add_log_format(WrittenTo where, std::string text, bool is_escaped) {
  constexpr std::size_t most_log_formats = 1000;
  WrittenFormat written{std::move(where), std::move(text), is_escaped, nullptr};
  if (std::find(log_formats_.begin(), log_formats_.end(), written) != log_formats_.end()) return {};
  if (log_formats_.size() >= most_log_formats) return fmt::format("there are more than {} formats", most_log_formats);
  auto format = formats::read_log_format(written.text, {}, is_escaped);
  if (!format) return format.error().message;
  written.format = std::move(*format);
  log_formats_.push_back(std::move(written));
  return {};
}

std::vector<formats::OwnLogFormat> Topology::log_formats_of(std::string_view path) const {
  std::vector<formats::OwnLogFormat> found;
  std::error_code failure;  // of a name that is no path
  const auto full = std::filesystem::weakly_canonical(path, failure);
  for (const auto& each : log_formats_) {
    const auto& [written_to, program, is_output] = each.where;
    if (written_to.empty() || written_to == path || written_to == full) {
      found.push_back({each.format, program, is_output});
    }
  }
  return found;
}

std::vector<formats::OwnLogFormat> Topology::log_formats() const {
  std::vector<formats::OwnLogFormat> all;
  for (const auto& each : log_formats_) all.push_back({each.format});
  return all;
}

void Topology::add_forward(const std::string& listener, const std::string& target) {
  if (has_room() && forwards_[listener].addresses.insert(target).second) ++forward_count_;
}

void Topology::add_unknown_forward(const std::string& listener) {
  if (has_room()) forwards_[listener].also_unknown = true;
}

std::string_view Topology::address_of(std::string_view server) const {
  const auto found = servers_.find(server);
  return found == servers_.end() ? std::string_view() : std::string_view(found->second);
}

bool Topology::leads_to(std::string_view from, std::string_view to) const {
  std::set<std::string_view> seen;
  std::vector<std::string_view> reached = {from};
  while (!reached.empty()) {
    const auto here = reached.back();
    reached.pop_back();
    for (const auto& [listener, forwards] : forwards_) {
      if (!may_be_same_address(listener, here) || !seen.insert(listener).second) continue;
      if (forwards.also_unknown) return true;
      for (const auto& target : forwards.addresses) {
        if (may_be_same_address(target, to)) return true;
        reached.push_back(target);
      }
    }
  }
  return false;
}

bool Topology::is_proxy(std::string_view address) const {
  return std::ranges::any_of(forwards_, [&](const auto& entry) {
    return may_be_same_address(entry.first, address) && !entry.second.addresses.contains(std::string(address));
  });
}

void Topology::add_to_group(const std::string& name, const std::string& address, const std::string& file) {
  if (has_room() && groups_[name][file].addresses.insert(address).second) ++grouped_;
}

void Topology::add_unknown_to_group(const std::string& name, const std::string& file) {
  if (has_room()) groups_[name][file].also_unknown = true;
}

bool Topology::are_in_one_group(std::string_view a, std::string_view b) const {
  const auto lists_both = [&](const Servers& servers) {
    const auto one = listed_as(servers.addresses, a), other = listed_as(servers.addresses, b);
    return one != servers.addresses.end() && other != servers.addresses.end() && one != other;
  };
  return std::ranges::any_of(groups_, [&](const auto& named) {
    return std::ranges::any_of(named.second, [&](const auto& of_file) { return lists_both(of_file.second); });
  });
}

bool Topology::is_outside_group(std::string_view name, std::string_view address) const {
  const auto named = groups_.find(name);
  return named != groups_.end() && std::ranges::none_of(named->second, [&](const auto& of_file) {
           return of_file.second.also_unknown || may_have(of_file.second.addresses, address);
         });
}

bool Topology::knows(std::string_view address) const {
  const auto is_it = [&](std::string_view known) { return may_be_same_address(known, address); };
  return std::any_of(servers_.begin(), servers_.end(), [&](const auto& entry) { return is_it(entry.second); }) ||
         std::any_of(forwards_.begin(), forwards_.end(), [&](const auto& entry) {
           return is_it(entry.first) ||
                  std::any_of(entry.second.addresses.begin(), entry.second.addresses.end(), is_it);
         });
}

bool Topology::are_apart(std::string_view a, std::string_view b) const {
  if (a.empty() || b.empty() || may_be_same_address(a, b)) return false;
  return knows(a) && knows(b) && !leads_to(a, b) && !leads_to(b, a);
}

}  // namespace triaged::topology

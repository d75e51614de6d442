#include "topology/configuration_text.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/host_and_port.hpp"
#include "base/ip_address.hpp"
#include "base/read_file.hpp"

namespace triaged::topology {

std::optional<std::string> configuration_text(const std::filesystem::path& file, std::string& trouble) {
  auto read = read_plain_file(file, longest_configuration);
  if (read && !read->is_cut) return std::move(read->text);
  const auto why = read ? fmt::format("it is longer than {} MiB", longest_configuration >> 20U) : read.error().message;
  trouble = fmt::format("cannot read {}: {}", file.string(), why);
  return std::nullopt;
}

std::optional<std::string> configuration_text(const std::filesystem::path& file, const HostFiles& host,
                                              std::string& trouble) {
  if (host.find) {
    const auto found = host.find(file);
    if (found) return configuration_text(*found, trouble);
    trouble = fmt::format("left out {}: {}", file.string(), found.error().message);
    return std::nullopt;
  }
  return configuration_text(host.root.empty() ? file : host.root / file.relative_path(), trouble);
}

std::optional<std::string> literal_address(std::string_view text, std::string_view port) {
  const auto [host, written_port] = split_host_and_port(text);
  port = written_port.value_or(port);
  if (!port_in(port)) return std::nullopt;
  if (host.empty() || host == "*") return fmt::format("*:{}", port);
  if (host == "localhost") return fmt::format("127.0.0.1:{}", port);
  if (is_ipv4(host)) return fmt::format("{}:{}", host, port);
  const auto bare = without_brackets(host);
  if (is_ipv6(bare)) return fmt::format("[{}]:{}", bare, port);
  return std::nullopt;
}

}  // namespace triaged::topology

#include "topology/configuration_text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "base/ip_address.hpp"

namespace triaged {

namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::string> configuration_text(const std::filesystem::path& file, std::string& trouble) {
  std::error_code failure;
  const auto status = std::filesystem::status(file, failure);
  const auto size = std::filesystem::is_regular_file(status) ? std::filesystem::file_size(file, failure) : 0;
  if (failure) {
    trouble = fmt::format("cannot read {}: {}", file.string(), failure.message());
  } else if (!std::filesystem::is_regular_file(status)) {
    trouble = fmt::format("cannot read {}: it is no plain file", file.string());
  } else if (size > longest_configuration) {
    trouble = fmt::format("cannot read {}: it is longer than {} MiB", file.string(), longest_configuration >> 20U);
  } else if (std::ifstream stream(file, std::ios::binary); stream) {
    std::string text(size, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(size));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return text;
  } else {
    trouble = fmt::format("cannot read {}: {}", file.string(), std::strerror(errno));
  }
  return std::nullopt;
}

std::optional<std::string> literal_address(std::string_view text, std::string_view port) {
  std::string_view host = text;
  const auto colon = text.rfind(':');
  const bool ends_with_bracket = text.ends_with(']');
  if (colon != std::string_view::npos && !ends_with_bracket) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (!is_port(port)) return std::nullopt;
  if (host.empty() || host == "*") return fmt::format("*:{}", port);
  if (host == "localhost") return fmt::format("127.0.0.1:{}", port);
  if (is_ipv4(host)) return fmt::format("{}:{}", host, port);
  const auto bare = without_brackets(host);
  if (is_ipv6(bare)) return fmt::format("[{}]:{}", bare, port);
  return std::nullopt;
}

}  // namespace triaged

#include "scan/own_formats.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "topology/read_topology.hpp"

namespace triaged::scan {

namespace {

namespace fs = std::filesystem;
using formats::OwnLogFormat;

struct Share {
  std::size_t lines = 0, recognised = 0;

  [[nodiscard]] bool is_small() const { return recognised * 10 < lines; }
  [[nodiscard]] bool is_most() const { return recognised * 2 > lines; }
};

Share share_of(std::string_view text, const std::vector<OwnLogFormat>& log_formats) {
  constexpr std::size_t most_lines = 50;
  formats::LineReader reader(
      {.source_name = "", .format = {}, .log_formats = log_formats, .zone = {}, .reference = {}});
  formats::ReadLine read;
  Share share;
  while (!text.empty() && share.lines < most_lines) {
    const auto end = std::min(text.find('\n'), text.size());
    reader.read(text.substr(0, end), read);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++share.lines;
    if (read.format != formats::Format::text && read.format != formats::Format::syslog) ++share.recognised;
  }
  return share;
}

}  // namespace

std::vector<OwnLogFormat> log_formats_for(const std::string& path, std::string_view beginning,
                                          const topology::Topology& topology) {
  auto of_path = topology.log_formats_of(path);
  auto all = topology.log_formats();
  if (all.empty() || !share_of(beginning, of_path).is_small()) return of_path;
  return share_of(beginning, all).is_most() ? all : of_path;
}

std::string nginx_configuration_for(const std::string& path, std::string_view beginning) {
  const auto folder = fs::path(path).parent_path();
  const std::array<fs::path, 5> places = {folder / "nginx.conf", folder / "conf" / "nginx.conf",
                                          folder / ".." / "nginx.conf", folder / ".." / "conf" / "nginx.conf",
                                          "/etc/nginx/nginx.conf"};
  for (const auto& place : places) {
    std::error_code ignored;
    if (!fs::is_regular_file(place, ignored)) continue;
    std::vector<std::string> troubles;  // of a file that nobody named
    const auto topology = topology::read_topology({.nginx = {place}, .haproxy = {}}, troubles);
    if (share_of(beginning, topology.log_formats()).is_most()) return place.lexically_normal().string();
  }
  return {};
}

}  // namespace triaged::scan

#include "scan/unknown_prefix.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "formats/line_reader.hpp"
#include "scan/shell_word.hpp"

namespace triaged::scan {

namespace {

using formats::Format;

constexpr std::size_t longest_prefix = 64;

/// What begins with so much of its own that nothing else is taken for it.
bool is_strict(Format format) {
  constexpr std::array strict = {Format::nginx_error,  Format::nginx_access,    Format::haproxy_http,
                                 Format::haproxy_tcp,  Format::gunicorn_access, Format::php_fpm,
                                 Format::uwsgi,        Format::envoy_access,    Format::app_access,
                                 Format::proxy_access, Format::alb_access};
  return std::ranges::find(strict, format) != strict.end();
}

}  // namespace

std::optional<UnknownPrefix> unknown_prefix_of(std::string_view line) {
  UnknownPrefix prefix;
  for (;;) {
    const auto blank = line.find(' ', prefix.size);
    prefix.size = std::min(line.find_first_not_of(' ', blank), line.size());
    if (blank == std::string_view::npos || blank > longest_prefix || prefix.size == line.size()) return std::nullopt;
    ++prefix.words;
    formats::LineReader reader({.source_name = "", .format = {}, .log_formats = {}, .zone = {}, .reference = {}});
    formats::ReadLine read;
    reader.read(line.substr(prefix.size), read);
    prefix.format = read.format;
    if (is_strict(read.format) && read.wrappers.empty()) return prefix;
  }
}

std::string command_without(const UnknownPrefix& prefix, const std::string& path) {
  return fmt::format("sed -E 's/^([^ ]+ +){{{}}}//' {} | triaged scan -", prefix.words, shell_word(path));
}

}  // namespace triaged::scan

// The configuration files that a running nginx or HAProxy was started with, as text: which ones they are says its
// command line, and what they include. Bounded in number and size.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "values/probe.hpp"

namespace triaged::probes {

/// A word of a configuration: text without white space, quotes, semicolons and braces; comments are left out.
struct ConfigurationWord {
  std::string_view text;
  unsigned line = 0;
  bool is_first = false;  // of its directive
};

struct ConfigurationFile {
  std::string path;  // as the proxy sees it
  std::string text;

  [[nodiscard]] std::vector<ConfigurationWord> words() const;
};

struct ProxyConfiguration {
  std::vector<ConfigurationFile> files;  // the main one first; empty: nothing is known
  bool is_whole = true;                  // false: something of it could not be read
  std::string why;                       // no files: the reason
};

/// Of the proxy that wrote the line in question. Nothing when it is not to be seen here, runs more than once, or in a
/// container whose files are not these.
[[nodiscard]] ProxyConfiguration read_proxy_configuration(const ProbeQuestion& question,
                                                          const std::filesystem::path& root);

}  // namespace triaged::probes

// The kind `syslog`: its options in the configuration, and the source of one entry.
#pragma once

#include <any>
#include <memory>
#include <string>
#include <vector>

#include "base/options.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "sources/claims.hpp"
#include "sources/source.hpp"
#include "sources/syslog/listen_address.hpp"

namespace triaged::sources {

struct SourceOrigin;

/// Paths of PEM files.
struct TlsFiles {
  std::string certificate;  // with what is between it and its CA
  std::string key;
  std::string client_ca;  // empty: who sends need not show a certificate

  bool operator==(const TlsFiles&) const = default;
};

struct SyslogOptions {
  std::vector<ListenAddress> listen;
  TlsFiles tls;
  unsigned socket_mode = 0660;        // of unix sockets
  bool trusts_kernel = false;         // who sends may speak for the kernel
  std::size_t max_connections = 256;  // at each address
  Microseconds idle_timeout = std::chrono::hours(24);
};

[[nodiscard]] std::vector<OptionFacts> syslog_options();
/// SyslogOptions.
[[nodiscard]] std::any read_syslog_options(YamlMapReader& fields, Claims& claims);
/// `options` are those of one entry.
[[nodiscard]] Result<std::unique_ptr<Source>> make_syslog_source(const std::vector<std::any>& options,
                                                                 const SourceOrigin& origin);

}  // namespace triaged::sources

// Who stands behind whom, as the proxies' configuration files say: which address is which HAProxy server, and to which
// addresses what comes in at an address is passed on. An address is what logs write: "127.0.0.1:8000", "[::1]:8000",
// "unix:/run/app.sock". And in which form they write their access logs.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "formats/log_format.hpp"

namespace triaged::topology {

/// Whether two addresses may be names of one: they are equal, or have one port and one of them is this machine's own.
/// A server that listens on all addresses is known by the local one.
[[nodiscard]] bool may_be_same_address(std::string_view a, std::string_view b);

/// Where a server writes an access log. Without a path it may stand in any file, or come from a listener.
struct WrittenTo {
  std::string path = {};
  std::string program = {};  // in the syslog header of its lines; empty: they need none
  bool is_output = false;    // its standard output: a container's log, a journal, wherever that stands

  friend bool operator==(const WrittenTo&, const WrittenTo&) = default;
};

/// Immutable once it is read, then any number of threads may ask.
class Topology {
 public:
  /// What is beyond this is left out: a configuration has hundreds.
  static constexpr std::size_t most_entries = 10'000;

  /// `server` as HAProxy's log names it: backend/server.
  void add_server(std::string server, std::string address);
  /// What comes in at `listener` may be passed on to `target`.
  void add_forward(const std::string& listener, const std::string& target);
  /// What comes in at `listener` may be passed on to addresses that the file does not tell: names, variables.
  void add_unknown_forward(const std::string& listener);
  /// nginx's upstream block of this name in the configuration `file` lists this server: a request goes to any of its
  /// servers. Each nginx has its own blocks.
  void add_to_group(const std::string& name, const std::string& address, const std::string& file = {});
  /// It also lists servers whose addresses the file does not tell.
  void add_unknown_to_group(const std::string& name, const std::string& file = {});

  /// Empty: not known.
  [[nodiscard]] std::string_view address_of(std::string_view server) const;

  /// What happens at `a` has nothing to do with what happens at `b`: both stand in the configuration, are not the same,
  /// and neither is passed on to the other.
  [[nodiscard]] bool are_apart(std::string_view a, std::string_view b) const;
  /// What comes in at `from` may be passed on to `to`, through any number of proxies.
  [[nodiscard]] bool leads_to(std::string_view from, std::string_view to) const;
  /// Whatever listens at `address` passes requests on. One that passes them on to `address` is another.
  [[nodiscard]] bool is_proxy(std::string_view address) const;
  /// One upstream block lists both, as two servers.
  [[nodiscard]] bool are_in_one_group(std::string_view a, std::string_view b) const;
  /// All servers of the upstream blocks of this name are known, and `address` is none of them.
  [[nodiscard]] bool is_outside_group(std::string_view name, std::string_view address) const;

  /// What is written there has this format. Why lines of it cannot be read; empty: they can.
  [[nodiscard]] std::string add_log_format(WrittenTo where, std::string text, bool is_escaped);
  /// That lines of the file at `path` may have; of what is no file those that may stand anywhere.
  [[nodiscard]] std::vector<formats::OwnLogFormat> log_formats_of(std::string_view path) const;
  /// Of all files, whoever writes them.
  [[nodiscard]] std::vector<formats::OwnLogFormat> log_formats() const;

  [[nodiscard]] bool is_empty() const { return servers_.empty() && forwards_.empty() && groups_.empty(); }
  friend bool operator==(const Topology&, const Topology&) = default;

 private:
  struct Servers {
    std::set<std::string> addresses;
    bool also_unknown = false;
    friend bool operator==(const Servers&, const Servers&) = default;
  };

  struct WrittenFormat {
    WrittenTo where;
    std::string text;
    bool is_escaped = true;
    formats::LogFormat format;
    friend bool operator==(const WrittenFormat& a, const WrittenFormat& b) {
      return a.where == b.where && a.text == b.text && a.is_escaped == b.is_escaped;
    }
  };

  [[nodiscard]] bool knows(std::string_view address) const;
  [[nodiscard]] bool has_room() const { return servers_.size() + forward_count_ + grouped_ < most_entries; }

  std::map<std::string, std::string, std::less<>> servers_;
  std::map<std::string, Servers, std::less<>> forwards_;  // by listener
  std::size_t forward_count_ = 0;
  std::map<std::string, std::map<std::string, Servers>, std::less<>> groups_;  // by upstream block, then by file
  std::size_t grouped_ = 0;
  std::vector<WrittenFormat> log_formats_;
};

}  // namespace triaged::topology

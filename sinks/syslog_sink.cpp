#include "sinks/syslog_sink.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <unistd.h>

#include "base/host_name.hpp"

namespace triaged::sinks {

namespace {

// RFC 5424, 6.1: a receiver should take 2048 octets, and over UDP (RFC 5426) longer ones are lost in fragments. Over
// the other transports 8192, rsyslog's own default.
constexpr std::size_t longest_datagram = 2048;
constexpr std::size_t longest_message = 8192;

// RFC 5424, table 1: the index is the code. Codes 12 to 15 have no agreed names.
constexpr std::array<std::string_view, 24> facilities = {
    "kern", "user", "mail", "daemon", "auth",   "syslog", "lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
    "",     "",     "",     "",       "local0", "local1", "local2", "local3", "local4", "local5", "local6",   "local7"};

// What listens here expects the local form: rsyslog 8.2302 (imuxsock) takes the "1" of RFC 5424 for the program's name,
// and journald keeps the whole header as text.
constexpr std::array<std::string_view, 3> local_daemons = {"/dev/log", "/run/systemd/journal/dev-log",
                                                           "/run/systemd/journal/syslog"};

void read_facility(SinkOptions& options, unsigned& code) {
  std::vector<std::string_view> names(facilities.begin(), facilities.end());
  std::erase(names, "");
  const auto name = options.fields.choice("facility", names);
  if (name) code = static_cast<unsigned>(std::find(facilities.begin(), facilities.end(), *name) - facilities.begin());
}

void read_app_name(SinkOptions& options, std::string& app_name) {
  const auto name = options.fields.text("app_name");
  if (!name) return;
  const bool is_printable = std::all_of(name->begin(), name->end(), [](char byte) { return byte > 32 && byte < 127; });
  if (name->empty() || name->size() > 48 || !is_printable) {
    options.report("app_name", "'app_name' must be 1 to 48 printable ASCII characters without blanks");
  }
  app_name = *name;
}

void read_format(SinkOptions& options, SyslogSinkOptions& syslog) {
  const bool is_local_daemon =
      syslog.target.transport == SyslogTarget::Transport::local &&
      std::find(local_daemons.begin(), local_daemons.end(), syslog.target.host) != local_daemons.end();
  const auto name =
      options.fields.choice("format", {"rfc5424", "local"}).value_or(is_local_daemon ? "local" : "rfc5424");
  syslog.format = name == "local" ? SyslogSinkOptions::Format::local : SyslogSinkOptions::Format::rfc5424;
}

}  // namespace

Delivery SyslogSink::deliver(const Notification& notification) {
  const bool is_datagram = options_.target.transport == SyslogTarget::Transport::udp;
  const auto write = options_.format == SyslogSinkOptions::Format::local ? local_message : rfc5424_message;
  const auto message = write(notification.incident, options_.sender, is_datagram ? longest_datagram : longest_message);
  const auto sent = connection_.send(message);
  if (!sent) return {Outcome::try_again, fmt::format("cannot send to {}: {}", options_.address, sent.error().message)};
  return {};
}

std::unique_ptr<Sink> read_syslog_sink(SinkOptions& options) {
  SyslogSinkOptions syslog;
  syslog.sender.host_name = host_name();
  syslog.sender.process_id = ::getpid();
  options.fields.require("to");
  if (const auto address = options.fields.text("to")) {
    syslog.address = options.shown("to");
    auto target = read_syslog_target(*address);
    if (target) {
      syslog.target = std::move(*target);
    } else {
      options.report("to", fmt::format("'to' of sink 'syslog' is no address: {}", target.error().message));
    }
  }
  read_facility(options, syslog.sender.facility);
  read_app_name(options, syslog.sender.app_name);
  read_format(options, syslog);
  return std::make_unique<SyslogSink>(std::move(syslog));
}

}  // namespace triaged::sinks

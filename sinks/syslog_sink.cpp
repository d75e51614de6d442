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

void read_address(YamlMapReader& fields, const OptionFacts& option, SyslogSinkOptions& syslog) {
  const auto address = fields.text(option.name);
  if (!address) return;
  syslog.address = fields.shown(option.name);
  auto target = read_syslog_target(*address);
  if (target) {
    syslog.target = std::move(*target);
  } else {
    fields.report(ProblemLevel::error, option.name,
                  fmt::format("'to' of sink 'syslog' is no address: {}", target.error().message));
  }
}

std::vector<std::pair<std::string_view, unsigned>> facility_codes() {
  std::vector<std::pair<std::string_view, unsigned>> codes;
  for (unsigned code = 0; code < facilities.size(); ++code) {
    if (!facilities[code].empty()) codes.emplace_back(facilities[code], code);
  }
  return codes;
}

std::string mistake_in_app_name(const YamlValue& name) {
  const bool is_printable =
      std::all_of(name.text.begin(), name.text.end(), [](char byte) { return byte > 32 && byte < 127; });
  if (name.text.empty() || name.text.size() > 48 || !is_printable) {
    return "'app_name' must be 1 to 48 printable ASCII characters without blanks";
  }
  // What comes under triaged's own name is passed over.
  constexpr std::array<std::string_view, 9> others{"kernel", "nginx",   "haproxy", "gunicorn", "uvicorn",
                                                   "uwsgi",  "php-fpm", "envoy",   "sshd"};
  const bool is_others = std::ranges::find(others, name.text) != others.end();
  return is_others ? "'app_name' must not be the name of a program whose logs triaged reads" : "";
}

bool is_local_daemon(const SyslogTarget& target) {
  return target.transport == SyslogTarget::Transport::local &&
         std::find(local_daemons.begin(), local_daemons.end(), target.host) != local_daemons.end();
}

struct SyslogFields {
  SyslogSinkOptions syslog;
  std::optional<SyslogSinkOptions::Format> format;
};

const OptionTable<SyslogFields>& table() {
  using Value = OptionsOf<SyslogFields>;
  using Format = SyslogSinkOptions::Format;
  const auto sender = member_of(&SyslogFields::syslog, &SyslogSinkOptions::sender);
  static const OptionTable<SyslogFields> table = {
      {"to",
       {{.shape = OptionFacts::Shape::text},
        [](YamlMapReader& fields, const OptionFacts& option, SyslogFields& given) {
          read_address(fields, option, given.syslog);
        }},
       "The receiver: `unix:///path`, `udp://host[:514]` or `tcp://host[:601]`, an IPv6 address in brackets.",
       "",
       true},
      {"facility", Value::word(member_of(sender, &SyslogSender::facility), facility_codes()),
       "The facility of every message."},
      {"app_name", Value::text(member_of(sender, &SyslogSender::app_name), mistake_in_app_name),
       "The program's name in every message, 1 to 48 printable ASCII characters."},
      {"format", Value::word(&SyslogFields::format, {{"rfc5424", Format::rfc5424}, {"local", Format::local}}),
       "The form of a message: RFC 5424, or `<PRI>triaged[PID]: text`.",
       "`local` for `/dev/log` and journald's sockets, else `rfc5424`"},
  };
  return table;
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

std::vector<OptionFacts> syslog_options() { return table().facts(); }

std::unique_ptr<Sink> read_syslog_sink(YamlMapReader& fields, const TimeZone& zone) {
  using Format = SyslogSinkOptions::Format;
  SyslogFields given;
  given.syslog.sender.host_name = host_name();
  given.syslog.sender.process_id = ::getpid();
  given.syslog.sender.zone = zone;
  table().read(fields, given);
  given.syslog.format = given.format.value_or(is_local_daemon(given.syslog.target) ? Format::local : Format::rfc5424);
  return std::make_unique<SyslogSink>(std::move(given.syslog));
}

}  // namespace triaged::sinks

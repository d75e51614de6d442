// An incident as one syslog message. Pure: where it is sent is syslog_sink's business.
#pragma once

#include <cstddef>
#include <string>

#include "base/time_zone.hpp"
#include "values/incident.hpp"

namespace triaged::sinks {

/// Who speaks, the same in every message.
struct SyslogSender {
  unsigned facility = 3;  // 0-23; 3: daemon
  std::string app_name = "triaged";
  std::string host_name;
  int process_id = 0;
  TimeZone zone = {};  // of times in the text
};

/// RFC 5424: header, structured data [triaged@32473 …], byte order mark, the summary and the first piece of evidence.
/// At most `longest` octets (REQUIRES: at least 2048): the text is cut, the structure never.
[[nodiscard]] std::string rfc5424_message(const Incident& incident, const SyslogSender& sender, std::size_t longest);

/// "<PRI>triaged[PID]: text", which a local socket's daemon expects: it adds time and host itself.
[[nodiscard]] std::string local_message(const Incident& incident, const SyslogSender& sender, std::size_t longest);

}  // namespace triaged::sinks

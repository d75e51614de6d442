// RFC 5424 throughout; the sections that each limit comes from stand beside it.
#include "sinks/syslog_message.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "values/incident_text.hpp"

namespace triaged::sinks {

namespace {

// 32473 is the enterprise number that RFC 5612 reserves for examples; triaged has none of its own.
constexpr std::string_view structured_data_id = "triaged@32473";
// With a header of at most 480 octets this leaves some 500 of 2048 for the text.
constexpr std::size_t longest_structured_data = 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // 6.4: marks MSG as UTF-8
constexpr std::string_view ellipsis = "…";

/// 6.2.1; table 2 of the severities.
unsigned severity_code(const Incident& incident) {
  if (incident.state == IncidentState::resolved) return 5;  // notice
  switch (incident.severity) {
    case Severity::critical:
      return 2;
    case Severity::error:
      return 3;
    case Severity::warning:
      return 4;
    case Severity::info:
      return 6;
  }
  return 6;
}

/// A header field: printable US-ASCII without blanks, at most `longest` octets (6.2), "-" when nothing is left.
std::string header_field(std::string_view text, std::size_t longest) {
  std::string field;
  for (const char byte : text.substr(0, longest)) field += byte > 32 && byte < 127 ? byte : '?';
  return field.empty() ? "-" : field;
}

/// 6.3.3: a value is UTF-8 with '"', '\' and ']' escaped.
std::string escaped_value(std::string_view text) {
  std::string value;
  for (const char byte : text) {
    if (byte == '"' || byte == '\\' || byte == ']') value += '\\';
    value += byte;
  }
  return value;
}

class StructuredData {
 public:
  /// Left out: what is empty, and what would make the whole too long. REQUIRES: `name` is an SD-NAME of ours.
  void add(std::string_view name, std::string_view value, std::size_t longest) {
    if (value.empty()) return;
    auto printable = to_printable(value);
    std::replace(printable.begin(), printable.end(), '\t', ' ');
    const auto parameter = fmt::format(" {}=\"{}\"", name, escaped_value(prefix_of(printable, longest)));
    if (data_.size() + parameter.size() + 1 <= longest_structured_data) data_ += parameter;
  }

  [[nodiscard]] std::string text() const { return data_ + ']'; }

 private:
  std::string data_ = "[" + std::string(structured_data_id);
};

/// Most important first: what does not fit is left out.
std::string structured_data(const Incident& incident) {
  StructuredData data;
  data.add("incident", incident.id, 64);
  data.add("key", incident.key, 64);
  data.add("change", name_of(incident.change), 16);
  data.add("severity", name_of(incident.severity), 16);
  if (!incident.causes.empty()) {
    data.add("cause", incident.causes.front().cause, 96);
    data.add("probability", percent(incident.causes.front().probability), 8);
    data.add("rule", incident.causes.front().rule, 128);
  }
  data.add("count", fmt::to_string(incident.count), 20);
  data.add("entityKind", incident.entity.kind, 64);
  data.add("entity", incident.entity.value, 128);
  data.add("host", incident.host, 128);
  return data.text();
}

/// Valid UTF-8 `text` in at most `longest` octets.
std::string shortened(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return std::string(text);
  return std::string(prefix_of(text, longest - ellipsis.size())).append(ellipsis);
}

/// The summary and the line that a person would look at first.
std::string text_of(const Incident& told, const TimeZone& zone) {
  const LocalClock clock{.zone = zone, .today = told.last_seen};
  const auto incident = in_local_time(told, clock);
  auto text = to_summary(incident);
  if (incident.state == IncidentState::resolved || incident.evidence.empty()) return text;
  const auto& evidence = incident.evidence.front();
  if (evidence.at != TimePoint{}) text += fmt::format(" At {}", clock.time_and_zone_of(evidence.at));
  for (const auto& part : {meaning_of(evidence), evidence.line}) {
    if (!part.empty()) text += fmt::format("{} {}", text.ends_with('.') ? "" : ":", part);
  }
  auto line = to_printable(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace

std::string rfc5424_message(const Incident& incident, const SyslogSender& sender, std::size_t longest) {
  // 6.2.3: the newest moment that the message speaks of. The daemon's own clock may be hours away when logs are
  // replayed.
  const auto time = incident.last_seen == TimePoint{} ? std::string("-") : to_rfc3339(incident.last_seen);
  auto message = fmt::format("<{}>1 {} {} {} {} {} {} ", sender.facility * 8 + severity_code(incident), time,
                             header_field(sender.host_name, 255), header_field(sender.app_name, 48), sender.process_id,
                             header_field(name_of(incident.change), 32), structured_data(incident));
  message += byte_order_mark;
  return message + shortened(text_of(incident, sender.zone), longest - message.size());
}

std::string local_message(const Incident& incident, const SyslogSender& sender, std::size_t longest) {
  auto message = fmt::format("<{}>{}[{}]: ", sender.facility * 8 + severity_code(incident),
                             header_field(sender.app_name, 48), sender.process_id);
  const auto tail = fmt::format(" [incident {}]", header_field(incident.id, 64));
  return message + shortened(text_of(incident, sender.zone), longest - message.size() - tail.size()) + tail;
}

}  // namespace triaged::sinks

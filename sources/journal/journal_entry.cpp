#include "sources/journal/journal_entry.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace triaged::sources {

namespace {

constexpr std::size_t longest_name = 256;  // NAME_MAX bounds units; a program may call itself anything

void take(std::string_view value, std::string& into) {
  if (into.empty()) into = value.substr(0, longest_name);
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::string first_of(std::string& first, std::string& second) { return std::move(first.empty() ? second : first); }

/// "gunicorn.service", "ssh.service/sshd", "kernel": short where the one says the other.
std::string stream_of(const std::string& group, const std::string& program) {
  if (group.empty()) return program.empty() ? "unknown" : program;
  return program.empty() || group == program || group == program + ".service" ? group : group + "/" + program;
}

// Times of a clock that was never set are of 1970; one that is too great would overflow what is counted from it.
constexpr std::int64_t latest_time = 253'402'300'799'000'000;  // of the year 9999

}  // namespace

void JournalFields::add(std::string_view field) {
  const auto end = field.find('=');
  if (end == std::string_view::npos || end == 0) return;
  const auto name = field.substr(0, end), value = field.substr(end + 1);
  if (name == "MESSAGE") {
    if (std::exchange(has_message_, true)) return;
    is_cut_ = value.size() > longest_message;
    message_ = value.substr(0, longest_message);
  } else if (name.front() == '_') {
    add_trusted(name.substr(1), value);
  } else {
    add_own(name, value);
  }
}

void JournalFields::add_trusted(std::string_view name, std::string_view value) {
  if (name == "HOSTNAME") return take(value, names_.host);
  if (name == "SYSTEMD_UNIT") return take(value, names_.unit);
  if (name == "SYSTEMD_USER_UNIT") return take(value, names_.user_unit);
  if (name == "COMM") return take(value, names_.command);
  if (name == "PID") return take(value, names_.process);
  if (name == "TRANSPORT") return take(value, names_.transport);
  if (name == "SOURCE_REALTIME_TIMESTAMP") return take(value, names_.source_time);
  if (name == "LINE_BREAK") return take(value, names_.line_break);
}

void JournalFields::add_own(std::string_view name, std::string_view value) {
  if (name == "SYSLOG_IDENTIFIER") return take(value, names_.identifier);
  if (name == "SYSLOG_PID") return take(value, names_.process_said);
  if (name == "PRIORITY") return take(value, names_.priority);
  if (name == "SYSLOG_FACILITY") return take(value, names_.facility);
  if (name == "UNIT") return take(value, names_.about_unit);
  if (name == "CONTAINER_NAME") return take(value, names_.container);
  if (name == "CONTAINER_ID") return take(value, names_.container_id);
  if (name == "CONTAINER_PARTIAL_MESSAGE") return take(value, names_.is_partial);
}

bool JournalFields::has_line() const {
  return has_message_ && names_.identifier != "triaged" && names_.command != "triaged";
}

/// journald reads /dev/kmsg, where the kernel's own facility is 0 and whoever writes there gets another one. Only
/// journald says _TRANSPORT.
bool JournalFields::is_kernel() const {
  return names_.transport == "kernel" && names_.facility == "0" && names_.identifier == "kernel";
}

JournalLine JournalFields::take_line(TimePoint received) {
  JournalLine line{.text = std::move(message_), .is_cut = is_cut_};
  while (line.text.ends_with('\n') || line.text.ends_with('\r')) line.text.pop_back();
  auto& envelope = line.envelope;
  envelope.is_kernel = is_kernel();
  envelope.is_partial = names_.line_break == "line-max" || names_.is_partial == "true";
  envelope.at = received;
  if (const auto time = number_in(names_.source_time); time && *time > 0 && *time <= latest_time) {
    envelope.at = TimePoint(Microseconds(*time));
  }
  if (const auto priority = number_in(names_.priority); priority && *priority <= 7) {
    envelope.priority = static_cast<int>(*priority);
  }
  envelope.program = first_of(names_.identifier, names_.command);
  envelope.container = first_of(names_.container, names_.container_id);
  const auto unit = first_of(names_.unit, names_.user_unit);
  envelope.stream = stream_of(envelope.container.empty() ? unit : envelope.container, envelope.program);
  // systemd speaks of units, and which one it means stands in another field.
  envelope.unit = unit == "init.scope" ? std::move(names_.about_unit) : unit;
  envelope.pid = first_of(names_.process, names_.process_said);
  envelope.host = std::move(names_.host);
  return line;
}

}  // namespace triaged::sources

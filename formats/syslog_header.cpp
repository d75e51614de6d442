// The header that rsyslog, journald and syslog-ng put before a program's line, and the one of a raw datagram:
//
//   2026-11-20T20:13:43.384442-05:00 web1 haproxy[32129]: …        rsyslog's own form (RFC 3339)
//   Nov 21 01:08:11 web1 haproxy[24684]: …                         the traditional one: no year, no zone
//   <134>Nov 21 01:08:11 haproxy[24684]: …                         as received: a priority, no host
//   <134>1 2026-11-21T01:08:11.000Z web1 haproxy 24684 - - …       RFC 5424
//
// What follows it is given to the reader of that program's lines.
#include <algorithm>

#include "formats/format_table.hpp"
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {
namespace {

using namespace std::string_view_literals;

struct Header {
  std::optional<TimePoint> time;
  std::optional<std::chrono::seconds> offset;
  std::string_view host, tag, program, pid, text;
};

[[nodiscard]] std::optional<std::chrono::seconds> offset_at_end(std::string_view time) {
  if (time.ends_with('Z') || time.ends_with('z')) return std::chrono::seconds(0);
  const std::size_t sign = time.find_last_of("+-");
  if (sign == std::string_view::npos || time.size() - sign < 5) return std::nullopt;
  const auto digit = [&](std::size_t at) { return time[at] - '0'; };
  const std::size_t minutes = time.size() - 2;
  const long value =
      (digit(sign + 1) * 10L + digit(sign + 2)) * 3600 + (digit(minutes) * 10L + digit(minutes + 1)) * 60;
  return std::chrono::seconds(time[sign] == '-' ? -value : value);
}

[[nodiscard]] bool read_time(Scanner& scanner, ReaderMemory& memory, Header& into) {
  const std::string_view text = scanner.rest();
  if (text.size() < 16) return false;
  std::size_t consumed = 0;
  if (is_digit(text[0]) && text[4] == '-' && text[10] == 'T') {
    const std::string_view token = text.substr(0, text.find(' '));
    into.time = memory.times.iso(token, consumed);
    if (consumed != token.size()) return false;
    into.offset = offset_at_end(token.substr(11));
  } else if (is_upper(text[0])) {
    into.time = memory.times.traditional(text, consumed);
  }
  if (!into.time) return false;
  scanner = Scanner(text.substr(consumed));
  return scanner.skip(" ");
}

/// `haproxy[32129]` or `kernel`, without the colon.
[[nodiscard]] bool read_tag(std::string_view tag, Header& into) {
  if (tag.empty() || tag.size() > 128) return false;
  into.tag = tag;
  into.program = tag.substr(0, tag.find('['));
  if (into.program.size() < tag.size()) {
    into.pid = tag.substr(into.program.size() + 1);
    if (!into.pid.ends_with(']')) return false;
    into.pid.remove_suffix(1);
  }
  return !into.program.empty();
}

/// `ERROR worker: …` behind a time is a program's own log line, not a host and a tag.
[[nodiscard]] bool is_level(std::string_view word) {
  for (const std::string_view level : {"TRACE"sv, "DEBUG"sv, "INFO"sv, "NOTICE"sv, "WARN"sv, "WARNING"sv, "ERROR"sv,
                                       "CRITICAL"sv, "FATAL"sv, "ALERT"sv, "PANIC"sv}) {
    if (word == level) return true;
  }
  return false;
}

/// Host and tag, or the tag alone.
[[nodiscard]] bool read_origin(Scanner& scanner, Header& into) {
  std::string_view word;
  if (!scanner.take_until(' ', word)) {
    word = scanner.rest();
    scanner = Scanner({});
  }
  if (!word.ends_with(':')) {
    into.host = word;
    if (word.empty() || is_level(word)) return false;
    if (!scanner.take_until(' ', word)) {
      word = scanner.rest();
      scanner = Scanner({});
    }
    if (!word.ends_with(':')) return false;
  }
  return read_tag(word.substr(0, word.size() - 1), into);
}

/// Structured data: `-` or `[id name="value"][…]`, in which a quoted value may hold an escaped quote or a bracket.
[[nodiscard]] bool skip_structured_data(Scanner& scanner) {
  std::string_view text = scanner.rest();
  if (scanner.skip("-")) return true;
  while (text.starts_with('[')) {
    bool quoted = false;
    std::size_t at = 1;
    for (; at < text.size() && (quoted || text[at] != ']'); ++at) {
      if (quoted && text[at] == '\\')
        ++at;
      else if (text[at] == '"')
        quoted = !quoted;
    }
    if (at >= text.size()) return false;
    text.remove_prefix(at + 1);
  }
  scanner = Scanner(text);
  return true;
}

/// RFC 5424 behind its version: time, host, program, pid, message id and structured data; `-` is "none".
[[nodiscard]] bool read_numbered_version(Scanner& scanner, ReaderMemory& memory, Header& into) {
  std::string_view message_id;
  if (!read_time(scanner, memory, into)) return false;
  if (!scanner.take_until(' ', into.host) || !scanner.take_until(' ', into.program)) return false;
  if (!scanner.take_until(' ', into.pid) || !scanner.take_until(' ', message_id)) return false;
  if (into.host == "-") into.host = {};
  if (into.pid == "-") into.pid = {};
  into.tag = into.program;
  if (!skip_structured_data(scanner)) return false;
  static_cast<void>(scanner.skip(" "));
  static_cast<void>(scanner.skip("\xEF\xBB\xBF"));  // the standard's mark for UTF-8
  return true;
}

[[nodiscard]] bool read_header(std::string_view line, ReaderMemory& memory, Header& into) {
  Scanner scanner(line);
  std::string_view priority;
  if (scanner.skip("<")) {
    if (!scanner.take_digits(priority) || priority.size() > 3 || !scanner.skip(">")) return false;
    if (scanner.skip("1 ")) {
      if (!read_numbered_version(scanner, memory, into)) return false;
      into.text = scanner.rest();
      return true;
    }
  }
  if (!read_time(scanner, memory, into) || !read_origin(scanner, into)) return false;
  into.text = scanner.rest();
  return true;
}

/// FNV-1a, never 0. Two programs with the same number are as one.
[[nodiscard]] std::uint32_t number_of(std::string_view program) {
  std::uint32_t number = 2166136261u;
  for (const char c : program) number = (number ^ static_cast<unsigned char>(c)) * 16777619u;
  return std::max(number, 1u);
}

/// These write no format of their own, but name users, hosts and commands of anybody: what looks like a format in their
/// lines was sent to them by somebody.
constexpr std::string_view programs_without_format[] = {
    "sshd",    "sshd-session", "sudo",           "su",          "login",    "CRON",           "cron",    "crond",
    "systemd", "polkitd",      "systemd-logind", "dbus-daemon", "rsyslogd", "NetworkManager", "dovecot", "named",
    "vsftpd",  "proftpd",      "fail2ban",       "auditd",      "postfix",  "exim",           "slapd",   "unix_chkpwd",
};

/// Is `word` one of the words between spaces?
[[nodiscard]] bool is_among(std::string_view word, std::string_view words) {
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

/// By the table: the formats that the program writes; 0: none of its own.
[[nodiscard]] std::uint32_t formats_in_table(std::string_view program) {
  std::uint32_t formats = 0;
  for (const auto& [facts, read] : format_table) {
    if (is_among(program, facts.programs)) formats |= bit_of(facts.family);
  }
  return formats;
}

/// What looks like a format that the program does not write was sent to it by somebody. Of any other program all count
/// but the kernel's words; also of HAProxy and the kernel, of which only access lines come here.
[[nodiscard]] std::uint32_t formats_of(std::string_view program) {
  if (program.starts_with("php")) program = "php-fpm";
  for (const auto name : programs_without_format) {
    if (program == name) return 0;
  }
  if (program.starts_with("postfix/")) return 0;
  const bool has_own_reader = program == "haproxy" || program == "kernel";
  const auto own = has_own_reader ? 0 : formats_in_table(program);
  return own != 0 ? own : all_formats_carried & ~bit_of(Format::kernel);
}

/// The line behind the header, by the reader that its program's lines have.
[[nodiscard]] bool read_text(const Header& header, ReaderMemory& memory, ReadLine& into) {
  // In an access log whose format begins with a client's header, that may be a header of syslog's, and words behind it.
  const bool is_access = ends_as_access(header.text, memory.times);
  if (!is_access && header.program == "haproxy") {
    return read_haproxy_request(header.text, memory, into) || read_haproxy_event(header.text, memory, into);
  }
  if (!is_access && header.program == "kernel") return read_kernel(header.text, memory, into);
  memory.carried = formats_of(header.program);
  const bool is_known = read_known(header.text, memory, into);
  memory.carried = all_formats_carried;
  return is_known;
}

}  // namespace

bool read_syslog(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  Header header;
  if (!read_header(line, memory, header)) return false;
  memory.program = header.program;
  memory.program_tag = header.tag;
  memory.header_offset = header.offset;
  memory.origin = number_of(header.program);
  memory.text_size = header.text.size() + memory.end_size;
  if (!read_text(header, memory, into)) {
    into.format = Format::syslog;
    if (!ends_as_access(header.text, memory.times)) into.message = header.text;
  }
  memory.program = memory.program_tag = {};
  memory.header_offset.reset();
  if (!into.time) into.time = header.time;
  into.host = header.host;
  into.fields.push_back({"program", header.program});
  if (!header.pid.empty() && into.field("pid").empty()) into.fields.push_back({"pid", header.pid});
  return true;
}

}  // namespace triaged::formats

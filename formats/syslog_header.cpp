// The header that rsyslog, journald and syslog-ng put before a program's line, and the one of a raw datagram:
//
//   2026-11-20T20:13:43.384442-05:00 web1 haproxy[32129]: …        rsyslog's own form (RFC 3339)
//   Nov 21 01:08:11 web1 haproxy[24684]: …                         the traditional one: no year, no zone
//   <134>Nov 21 01:08:11 haproxy[24684]: …                         as received: a priority, no host
//   <134>1 2026-11-21T01:08:11.000Z web1 haproxy 24684 - - …       RFC 5424
//   01:08:11 kernel: …                                             pasted without the date
//
// What follows it is given to the reader of that program's lines.
#include "formats/syslog_header.hpp"

#include <algorithm>

#include "formats/format_table.hpp"
#include "formats/own_lines.hpp"
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"
#include "formats/syslog_time.hpp"

namespace triaged::formats {
namespace {

using namespace std::string_view_literals;

[[nodiscard]] bool read_time(Scanner& scanner, LogTimes& times, SyslogHeader& into) {
  const auto found = syslog_time_at(scanner.rest(), times);
  if (!found) return false;
  into.time = found->time;
  into.offset = found->offset;
  scanner = Scanner(scanner.rest().substr(found->size));
  return scanner.skip(" ") || scanner.skip("\t");
}

/// `haproxy[32129]` or `kernel`, without the colon.
[[nodiscard]] bool read_tag(std::string_view tag, SyslogHeader& into) {
  if (tag.empty() || tag.size() > 128) return false;
  into.tag = tag;
  into.program = tag.substr(0, tag.find('['));
  if (into.program.size() < tag.size()) {
    into.pid = tag.substr(into.program.size() + 1);
    if (!into.pid.ends_with(']')) return false;
    into.pid.remove_suffix(1);
  }
  constexpr std::string_view unit = ".service";  // journalctl --output=with-unit
  if (into.program.ends_with(unit)) into.program.remove_suffix(unit.size());
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

[[nodiscard]] std::string_view take_word(Scanner& scanner) {
  const auto text = scanner.rest();
  const auto end = std::min(text.find_first_of(" \t"), text.size());
  scanner = Scanner(text.substr(std::min(end + 1, text.size())));
  return text.substr(0, end);
}

/// `haproxy[32129]:`; HAProxy's words stand also behind its tag without the colon (syslog-ng, tables of a log viewer).
[[nodiscard]] bool is_tag(std::string_view word) {
  return word.ends_with(':') || (word.starts_with("haproxy[") && word.ends_with(']'));
}

/// Host and tag, or the tag alone.
[[nodiscard]] bool read_origin(Scanner& scanner, SyslogHeader& into) {
  auto word = take_word(scanner);
  if (!is_tag(word)) {
    into.host = word;
    if (word.empty() || is_level(word)) return false;
    word = take_word(scanner);
    if (!is_tag(word)) return false;
  }
  if (word.ends_with(':')) word.remove_suffix(1);
  return read_tag(word, into);
}

/// `01:08:11 `, which is a header's only before the kernel's name or a program with its pid.
[[nodiscard]] bool read_clock(Scanner& scanner, LogTimes& times, SyslogHeader& into) {
  std::size_t size = 0;
  into.time = times.clock(scanner.rest(), size);
  if (!into.time) return false;
  scanner = Scanner(scanner.rest().substr(size));
  if (!scanner.skip(" ") || !read_origin(scanner, into)) return false;
  const bool is_pid = !into.pid.empty() && std::all_of(into.pid.begin(), into.pid.end(), is_digit);
  return is_pid || into.tag == "kernel";
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
[[nodiscard]] bool read_numbered_version(Scanner& scanner, LogTimes& times, SyslogHeader& into) {
  std::string_view message_id;
  if (!scanner.skip("- ") && !read_time(scanner, times, into)) return false;
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

/// What a program is called that claims to be the kernel and is not.
constexpr std::string_view forged_kernel = "user";

/// The line behind the header, by the reader that its program's lines have.
[[nodiscard]] bool read_text(const SyslogHeader& header, ReaderMemory& memory, ReadLine& into) {
  // In an access log whose format begins with a client's header, that may be a header of syslog's, and words behind it.
  const bool is_access = ends_as_access(header.text, memory.times);
  if (!is_access && header.program == "haproxy") {
    return read_own_log_format(header.text, memory, into) || read_haproxy_request(header.text, memory, into) ||
           read_haproxy_event(header.text, memory, into);
  }
  if (!is_access && header.program == "kernel") {
    return answered_request_in(header.text) == std::string_view::npos && read_kernel(header.text, memory, into);
  }
  memory.carried = formats_of(header.program);
  const bool is_known = read_known(header.text, memory, into);
  memory.carried = all_formats_carried;
  return is_known;
}

}  // namespace

bool read_syslog_header(std::string_view line, LogTimes& times, SyslogHeader& into) {
  Scanner scanner(line);
  std::string_view priority;
  if (scanner.skip("<")) {
    if (!scanner.take_digits(priority) || priority.size() > 3 || !scanner.skip(">")) return false;
    if (scanner.skip("1 ")) {
      if (!read_numbered_version(scanner, times, into)) return false;
      into.text = scanner.rest();
      return true;
    }
  }
  const bool has_date = read_time(scanner, times, into);
  if (has_date ? !read_origin(scanner, into) : !read_clock(scanner, times, into)) return false;
  into.text = scanner.rest();
  return true;
}

std::uint32_t formats_carried_by(std::string_view program) {
  if (program == "kernel" || program == "haproxy") return formats_in_table(program);
  return formats_of(program);
}

bool read_syslog(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  SyslogHeader header;
  if (!read_syslog_header(line, memory.times, header)) return false;
  if (is_own_program(header.program, memory.options)) {
    into.format = Format::syslog;
    into.time = header.time;
    into.is_own = true;
    return true;
  }
  if (header.program == "kernel" && !memory.may_be_kernels) header.program = forged_kernel;
  memory.program = header.program;
  memory.program_tag = header.tag;
  memory.header_offset = header.offset;
  memory.origin = number_of(header.program);
  memory.text_size = header.text.size() + memory.end_size;
  if (!read_text(header, memory, into)) {
    into.format = Format::syslog;
    const bool is_kernels = header.program == "kernel";
    const bool is_access = ends_as_access(header.text, memory.times) ||
                           (is_kernels && answered_request_in(header.text) != std::string_view::npos);
    if (!is_access) into.message = header.text;
  }
  note_line_above(into, memory);
  memory.program = memory.program_tag = {};
  memory.header_offset.reset();
  if (!into.time) into.time = header.time;
  into.host = header.host;
  into.fields.push_back({"program", header.program});
  if (!header.pid.empty() && into.field("pid").empty()) into.fields.push_back({"pid", header.pid});
  return true;
}

}  // namespace triaged::formats

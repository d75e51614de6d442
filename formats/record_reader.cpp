// Which reader gets a line. In order: the open record of a line that does not begin one of its own, the format of the
// line before, all others, a syslog header, and in the end nobody (text). Each reader turns down a foreign line by its
// first few bytes, so trying them all is cheap, and healthy traffic needs one try.
#include "formats/record_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "formats/access/log_template.hpp"
#include "formats/format_table.hpp"
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

bool is_wanted(Format family, const ReaderMemory& memory) {
  const auto& named = memory.options.format;
  return (memory.carried & bit_of(family)) != 0 && (!named || family == family_of(*named));
}

bool read_as(Format family, bool wanted, std::string_view line, ReaderMemory& memory, ReadLine& into) {
  for (const auto& [facts, read] : format_table) {
    // Stacks are text: all others are tried before them, also behind one.
    const bool is_family = facts.family == family && family != Format::text && facts.format != Format::python_traceback;
    if (read == nullptr || is_family != wanted || !is_wanted(facts.family, memory)) continue;
    if (read(line, memory, into)) return true;
  }
  return false;
}

/// A line of its own of the same program ends a traceback (Gunicorn's opens a new record anyway), and any other stack.
void end_traceback(Format format, ReaderMemory& memory) {
  OpenRecord& record = memory.record;
  if (family_of(format) != Format::text && memory.trace.program == memory.program_tag) memory.trace.header.clear();
  if (format == Format::gunicorn_error || record.stage == OpenRecord::Stage::none) return;
  if (record.program != memory.program_tag) return;
  record.header.clear();
  record.stage = OpenRecord::Stage::none;
}

/// In a line that may be of an access log of any form no header of a client's speaks for programs that log no requests.
std::uint32_t carried_by(std::string_view line, const ReaderMemory& memory) {
  constexpr auto without_requests =
      bit_of(Format::gunicorn_error) | bit_of(Format::php_fpm) | bit_of(Format::kernel) | bit_of(Format::text);
  const bool is_answered = memory.origin == 0 && answered_request_in(line) != std::string_view::npos;
  // Flask ends with the request's method: "Exception on /path [GET]".
  return is_answered && !line.ends_with(']') ? memory.carried & ~without_requests : memory.carried;
}

/// The format of the line before first, then the others; before all those that the server's configuration tells.
bool read_own(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  const auto last = family_of(memory.last);
  if (read_own_log_format(line, memory, into)) {
    memory.last = into.format;
    end_traceback(into.format, memory);
    return true;
  }
  if (last != Format::nginx_access || !read_as(last, true, line, memory, into)) {
    // An access record may begin with any words of a client's; those are no other program's.
    const bool is_access = ends_as_access(line, memory.times);
    const auto first = is_access ? Format::nginx_access : last;
    const auto others = [&] {
      return is_access ? read_as(Format::app_access, true, line, memory, into)
                       : read_as(last, false, line, memory, into);
    };
    if (!read_as(first, true, line, memory, into) && !others()) return false;
  }
  if (into.format == Format::python_traceback) return true;
  memory.last = into.format;
  end_traceback(into.format, memory);
  return true;
}

/// Could this line begin a record with a head (a time, a level, an address, a JSON object)? A traceback's text that
/// happens to begin so is read as its continuation when no format fits.
bool may_begin_record(std::string_view line) {
  return !line.empty() && (line[0] == '[' || line[0] == '{' || line[0] == '<' || (line[0] >= '0' && line[0] <= '9'));
}

/// What a program writes after a pause is no more of its traceback.
void end_old_traceback(ReaderMemory& memory) {
  OpenRecord& record = memory.record;
  if (record.stage == OpenRecord::Stage::none || memory.options.reference - record.read_at <= longest_pause) return;
  record = {};
}

/// A line of the open Gunicorn record: a client's path that a newline broke, or its traceback.
bool continues_gunicorn(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  const auto& record = memory.record;
  if (record.header.empty()) return false;
  if (record.stage != OpenRecord::Stage::none) {
    return !may_begin_record(line) && read_traceback(line, memory, into);
  }
  return record.traceback != OpenRecord::Traceback::optional && read_gunicorn_error(line, memory, into);
}

/// `ERROR 2026-11-29 09:02:14,714 django.request …`: behind a level, as many applications write it.
std::optional<TimePoint> time_behind_level(std::string_view line, LogTimes& times) {
  std::size_t level = 0, consumed = 0;
  while (level < line.size() && is_upper(line[level])) ++level;
  if (level < 3 || level + 1 >= line.size() || line[level] != ' ' || !is_digit(line[level + 1])) return std::nullopt;
  return times.iso(line.substr(level + 1), consumed);
}

/// Do lines of this format consist mostly of what clients sent?
bool is_of_requests(const std::optional<Format>& format) {
  return format && facts_in_table(family_of(*format)).opening == Opening::request;
}

/// Where the program speaks in a line of no known form: nowhere that a client may have written. A line with a request
/// in it is an access log of a form of its own, and what follows the first quote is a client's; without quotes, or as
/// JSON of unknown keys, nobody knows whose words are whose.
std::string_view message_of_text(std::string_view line, bool is_named_text) {
  if (line.starts_with('{') && !is_named_text) return {};
  if (line.find(" HTTP/") == std::string_view::npos) return line;
  const auto quote = line.find('"');
  return quote == std::string_view::npos ? std::string_view() : line.substr(0, quote);
}

/// "Not Found: /path": Django before 5.2.2 and 4.2.22 writes the path decoded, with nothing behind it.
bool ends_with_decoded_path(std::string_view line) {
  for (const std::string_view words : {"Not Found: /", "Bad Request: /", "Forbidden: /", "Forbidden (", "Gone: /",
                                       "Method Not Allowed (", "Unauthorized: /", "Internal Server Error: /"}) {
    if (line.starts_with(words)) return line.find(": /") != std::string_view::npos;
  }
  return false;
}

/// "Invalid user NAME": on its standard error sshd writes a name as it came.
bool names_user_of_sshd(std::string_view line) {
  for (const std::string_view words :
       {"Invalid user ", "Failed password for ", "Failed none for ", "Failed publickey for ",
        "Failed keyboard-interactive", "Connection closed by invalid user ",
        "Connection closed by authenticating user ", "Connection reset by invalid user ",
        "Connection reset by authenticating user ", "Disconnected from invalid user ",
        "Disconnected from authenticating user ", "Disconnecting invalid user ", "Disconnecting authenticating user ",
        "error: maximum authentication attempts exceeded for ", "Received disconnect from ",
        "Postponed keyboard-interactive", "Postponed publickey", "error: PAM: "}) {
    if (line.starts_with(words)) return true;
  }
  return false;
}

/// Nobody's line. Where the operator says that requests are logged, a line of another form says nothing.
void read_text(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  into.format = Format::text;
  into.time = leading_time(line, memory.times);
  if (is_of_requests(memory.options.format)) return;
  if (memory.options.format != Format::text && quotes_request_behind_zone(line, line.find('"'))) {
    memory.unescaped = {.bytes_ago = 0, .beside = 0};
    if (ends_in_quotes(line)) open_request(line, Format::text, memory);
    return;
  }
  if (names_user_of_sshd(line)) {
    memory.unescaped = {.bytes_ago = 0, .beside = 0};
    memory.sshd.bytes_ago = 0;
  }
  if (ends_with_decoded_path(line)) memory.unescaped = {.bytes_ago = 0, .beside = bit_of(Format::gunicorn_error)};
  const bool is_named_text = memory.options.format == Format::text;
  if (!is_named_text && (ends_as_access(line, memory.times) || answered_request_in(line) != std::string_view::npos)) {
    return;
  }
  into.message = message_of_text(line, is_named_text);
}

void clear(ReadLine& into) {
  into.format = Format::text;
  into.message = into.host = into.header = {};
  into.time.reset();
  into.fields.clear();
  into.disowned_bytes = into.bytes_of_parts_above = 0;
  into.doubt = {};
  into.wrappers.clear();
  into.streams.clear();
  into.is_silenced = into.is_own = false;
}

bool is_nginx_wanted(const ReaderMemory& memory) {
  return memory.options.format.value_or(Format::nginx_error) == Format::nginx_error &&
         (memory.carried & bit_of(Format::nginx_error)) != 0;
}

/// The end of a record without a syslog header is looked for before the line's beginning is taken for one: a client can
/// write that, too.
bool read_bare_orphan(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  const auto& suspects = memory.nginx.suspects;
  const bool may_be_end = std::any_of(suspects.begin(), suspects.end(), [](auto& each) { return each.origin == 0; }) ||
                          (memory.nginx.since_head < longest_nginx_record && !memory.nginx.is_wrapped);
  return may_be_end && is_nginx_wanted(memory) && read_nginx_orphan(line, memory, into);
}

bool read_syslog_line(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  const bool has_header = read_syslog(line, memory, into);
  if (has_header) memory.syslog_headers = true;
  return has_header;
}

bool read_bare_line(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (!read_known(line, memory, into)) return false;
  memory.syslog_headers = false;
  return true;
}

bool read_recognised(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (memory.options.format == Format::text) return false;
  if (!memory.syslog_headers) return read_bare_line(line, memory, into) || read_syslog_line(line, memory, into);
  return read_bare_orphan(line, memory, into) || read_syslog_line(line, memory, into) ||
         read_bare_line(line, memory, into);
}

void read_any(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  clear(into);
  if (!read_recognised(line, memory, into) && !read_format_of_output(line, memory, into)) {
    read_text(line, memory, into);
  }
  if (memory.origin == 0) note_line_above(into, memory);  // else read_syslog() has noted it
}

/// The line says nothing: a client may have written it into nginx's error log.
void silence(ReadLine& into) {
  into.format = Format::nginx_error;
  into.message = into.host = into.header = {};
  into.fields.clear();
  into.is_silenced = true;
  into.is_own = false;
}

/// Behind lines about requests that escape nothing, another program's line counts only when such lines were seen
/// before.
bool is_foreign(Format format, ReaderMemory& memory) {
  const bool is_nginxs = format == Format::nginx_error && (memory.origin != 0 || !is_near_wrapped_record(memory));
  if (!is_nginxs && is_foreign_to_nginx(format, memory)) return true;
  if (format == Format::text && memory.origin == 0 && memory.sshd.bytes_ago > 0 &&
      memory.sshd.bytes_ago < SshdNames::longest_record) {
    return true;
  }
  const auto& unescaped = memory.unescaped;
  if (unescaped.bytes_ago == 0 || unescaped.bytes_ago >= UnescapedRequests::reach) return false;
  const bool is_beside = memory.origin == 0 && (unescaped.beside & bit_of(format)) != 0;
  return !is_beside && !is_at_home(format, memory);
}

/// A line of another program that may stand in a record of nginx's, or in another's line about a request, leaves no
/// mark in the memory either.
void read_near_requests(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  auto before = memory;
  read_any(line, memory, into);
  if (!is_foreign(family_of(into.format), memory)) return;
  // A record of nginx's may be a true one all the same, and hold forged lines.
  if (into.format != Format::nginx_error) {
    before.origin = memory.origin;
    before.text_size = memory.text_size;
    memory = std::move(before);
  }
  silence(into);
}

/// Gunicorn's access log looks like nginx's. Of the two names in the source's, the last one decides:
/// "/srv/nginx-and-gunicorn/nginx-access.log" is nginx's.
bool writes_as_gunicorn(const LineReaderOptions& options) {
  if (options.format)
    return family_of(*options.format) == Format::gunicorn_error || *options.format == Format::gunicorn_access;
  const auto gunicorn = options.source_name.rfind("gunicorn");
  const auto nginx = options.source_name.rfind("nginx");
  return gunicorn != std::string::npos && (nginx == std::string::npos || nginx < gunicorn);
}

/// Does the operator say so, or the file's own name?
bool has_access_lines(const LineReaderOptions& options) {
  if (options.format) return family_of(*options.format) == Format::nginx_access;
  return contains(options.source_name.substr(options.source_name.rfind('/') + 1), "access");
}

using OwnedFields = std::vector<std::pair<std::string_view, std::string>>;

OwnedFields owned_fields(const ReadLine& read) {
  OwnedFields fields;
  for (const auto& [name, value] : read.fields) fields.emplace_back(name, value);
  return fields;
}

/// Of a line that may be read in several ways, what all of them say.
void keep_equal(const OwnedFields& fields, ReadLine& into) {
  const auto kept = std::remove_if(into.fields.begin(), into.fields.end(), [&](const FieldView& field) {
    return std::ranges::find(fields, std::pair(field.name, std::string(field.value))) == fields.end();
  });
  into.fields.erase(kept, into.fields.end());
}

/// journalctl indents the further lines of a message, which have no header of their own.
bool continues_own(std::string_view line, const ReaderMemory& memory) {
  return memory.is_own && (line.starts_with(' ') || line.starts_with('\t'));
}

}  // namespace

std::optional<TimePoint> leading_time(std::string_view line, LogTimes& times) {
  if (line.starts_with('[')) line.remove_prefix(1);
  if (line.empty()) return std::nullopt;
  std::size_t consumed = 0;
  if (line[0] < '0' || line[0] > '9') {
    if (auto time = times.ctime(line, consumed)) return time;
    return time_behind_level(line, times);
  }
  if (auto time = times.nginx_error(line, consumed)) return time;
  if (auto time = times.iso(line, consumed)) return time;
  if (auto time = times.haproxy(line, consumed)) return times.access(line, consumed);
  return times.php(line, consumed);
}

namespace {

bool read_own_log_format_of(bool output, std::string_view line, ReaderMemory& memory, ReadLine& into) {
  const auto& log_formats = memory.options.log_formats;
  const auto fits = [&](const OwnLogFormat& each, ReadLine& read) {
    const bool is_its = each.is_of_output == output && (each.program.empty() || each.program == memory.program);
    return is_its && is_wanted(family_of(each.format->format()), memory) && each.format->read(line, memory, read);
  };
  const auto first =
      std::find_if(log_formats.begin(), log_formats.end(), [&](const OwnLogFormat& each) { return fits(each, into); });
  if (first == log_formats.end()) return false;
  std::vector<OwnedFields> others;  // of each further format that fits
  for (auto other = std::next(first); other != log_formats.end(); ++other) {
    ReadLine read;
    if (fits(*other, read)) others.push_back(owned_fields(read));
  }
  if (others.empty()) return true;
  into.fields.clear();  // those readings may have written over them
  static_cast<void>(first->format->read(line, memory, into));
  for (const auto& fields : others) keep_equal(fields, into);
  return true;
}

}  // namespace

bool read_own_log_format(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  return read_own_log_format_of(false, line, memory, into);
}

bool read_format_of_output(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (!memory.is_inside || !read_own_log_format_of(true, line, memory, into)) return false;
  const bool is_unmistakable =
      !into.field("status").empty() && (into.time.has_value() || !into.field("method").empty());
  if (!is_unmistakable) clear(into);
  return is_unmistakable;
}

bool read_known(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (memory.record.is_over) memory.record = {};
  end_old_traceback(memory);
  if (is_nginx_wanted(memory) &&
      (read_nginx_continuation(line, memory, into) || read_nginx_orphan(line, memory, into))) {
    return true;
  }
  if (continues_request(line, memory, into)) return true;
  if (memory.carried == 0) return false;
  if (continues_gunicorn(line, memory, into)) return true;
  const auto carried = std::exchange(memory.carried, carried_by(line, memory));
  const bool is_own = read_own(line, memory, into);
  memory.carried = carried;
  return is_own;
}

RecordReader::RecordReader(const LineReaderOptions& options, bool is_inside) {
  memory_.is_inside = is_inside;
  memory_.times = LogTimes(options.zone.offset, options.reference);
  memory_.is_gunicorn = writes_as_gunicorn(options);
  memory_.is_access_log = has_access_lines(options);
  memory_.options = options;
}

void RecordReader::read(std::string_view line, ReadLine& into, std::size_t end_size, const Writer& writer) {
  if (continues_own(line, memory_)) {
    clear(into);
    into.is_own = true;
    return pass(line.size() + end_size);
  }
  memory_.origin = 0;
  memory_.program = writer.is_kernel.value_or(false) ? "kernel" : writer.program;
  memory_.carried = memory_.program.empty() ? all_formats_carried : formats_carried_by(memory_.program);
  memory_.may_be_kernels = writer.is_kernel.value_or(true);
  memory_.header_offset = writer.offset;
  if (!memory_.may_be_kernels) memory_.carried &= ~bit_of(Format::kernel);
  static_cast<void>(memory_.times.take_completed());
  memory_.end_size = end_size;
  memory_.line_size = memory_.text_size = line.size() + end_size;
  const bool is_alone =
      memory_.nginx.suspects.empty() || (may_have_nginx_head(line) && !is_near_wrapped_record(memory_));
  const bool is_request =  // uWSGI's own, most of its log
      line.starts_with("[pid: ") && (memory_.unescaped.beside & bit_of(Format::uwsgi)) != 0;
  if (is_alone && (is_request || memory_.unescaped.bytes_ago >= UnescapedRequests::reach)) {
    read_any(line, memory_, into);
  } else {
    read_near_requests(line, memory_, into);
  }
  if (is_in_opaque_record(memory_) || disown_behind_header(line, memory_, into)) silence(into);
  if (family_of(into.format) == Format::haproxy_http) add_haproxy_ending(into);
  memory_.is_own = into.is_own;
  note_home(family_of(into.format), memory_);
  pass_line(memory_);
  memory_.program = {};
  memory_.header_offset.reset();
  memory_.carried = all_formats_carried;
  memory_.may_be_kernels = true;
}

void RecordReader::pass(std::size_t bytes) {
  memory_.line_size = memory_.text_size = bytes;
  pass_line(memory_);
}

bool RecordReader::read_afresh(std::string_view line, ReadLine& into) const {
  auto memory = ReaderMemory();
  memory.times = memory_.times;
  memory.options.format = memory_.options.format;
  memory.is_gunicorn = memory_.is_gunicorn;
  memory.is_access_log = memory_.is_access_log;
  clear(into);
  return read_recognised(line, memory, into);
}

bool RecordReader::recognises(std::string_view line) const {
  ReadLine read;
  return read_afresh(line, read);
}

std::optional<Format> RecordReader::format_of(std::string_view line) const {
  ReadLine read;
  return read_afresh(line, read) ? std::optional(read.format) : std::nullopt;
}

bool RecordReader::recognises_by_head(std::string_view line) const {
  ReadLine read;
  if (!read_afresh(line, read)) return false;
  const bool has_bracket = line.starts_with('[');
  switch (read.format) {
    case Format::gunicorn_error:
      return has_bracket;
    case Format::python_traceback:
    case Format::kernel:
    case Format::nginx_error:
      return true;
    case Format::haproxy_event:
      return has_bracket || read.time.has_value();
    default:
      return read.time.has_value();
  }
}

bool RecordReader::is_near_client_text() const {
  return !memory_.nginx.suspects.empty() || memory_.request.bytes > 0 ||
         memory_.unescaped.bytes_ago < UnescapedRequests::reach || memory_.sshd.bytes_ago < SshdNames::longest_record ||
         is_in_opaque_record(memory_) || memory_.record.traceback != OpenRecord::Traceback::optional ||
         memory_.record.stage != OpenRecord::Stage::none;
}

void RecordReader::set_reference(TimePoint reference) {
  memory_.options.reference = reference;
  memory_.times.set_reference(reference);
}

std::optional<std::chrono::seconds> zone_written_in(std::string_view line) {
  if (line.starts_with('{')) return zone_behind_time(time_in_json(line));
  if (const auto zone = zone_behind_time(line)) return zone;
  for (auto at = line.find('['); at != std::string_view::npos; at = line.find('[', at + 1)) {
    if (const auto zone = zone_behind_time(line.substr(at + 1))) return zone;
  }
  return std::nullopt;
}

std::optional<TimePoint> date_written_in(std::string_view line) {
  LogTimes times(std::chrono::seconds(0), {});
  if (line.starts_with('{')) return leading_time(time_in_json(line), times);
  constexpr std::size_t farthest = 256;
  const auto ahead = line.substr(0, std::min(line.find('"'), farthest));  // behind a quote a client may have written it
  for (std::size_t at = 0; at < ahead.size(); at = std::min(ahead.find_first_of(" [", at), ahead.size() - 1) + 1) {
    if (const auto time = leading_time(ahead.substr(at), times)) return time;
  }
  return std::nullopt;
}

}  // namespace triaged::formats

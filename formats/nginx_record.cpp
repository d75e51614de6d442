// Records of nginx's error log that a newline inside a client's text broke into several lines, so that a client can
// write a line that looks like a record of its own ("GET /static/x%22%20%0A2026%2F11%2F21%2001%3A14%3A18%20%5Berror…").
//
// - A record of a connection that does not end on its first line is open: all that follows belongs to it, whatever it
//   looks like, until a line ends it or it has the 2,048 bytes that nginx gives a record.
// - A client can also write an end to its first line. Then the true end shows on a later line: an orphan without a
// head,
//   a head with two ends, or a line that is the last of exactly 2,048 bytes. It disowns the lines since the first one
//   above that may have been the record's beginning: one that quotes a text before its ", client: ".
#include <algorithm>

#include "formats/nginx_line.hpp"
#include "formats/reader_memory.hpp"

namespace triaged {

namespace {

void open_record(std::string_view line, const NginxHead& head, ReaderMemory& memory) {
  auto& record = memory.record;
  record = {};
  record.format = Format::nginx_error;
  record.header.assign(line);
  record.time = head.time;
  record.bytes = line.size() + 1;
}

/// How far above `line` the record may have begun that ends with it.
std::size_t bytes_to_beginning(std::string_view line, const ReaderMemory& memory) {
  const auto most = longest_nginx_record - std::min(longest_nginx_record, line.size() + 1);
  std::size_t farthest = 0;
  for (const auto& suspect : memory.nginx.suspects) {
    if (suspect.bytes_ago <= most) farthest = std::max<std::size_t>(farthest, suspect.bytes_ago);
  }
  return farthest > 0 ? farthest : most;
}

/// Does a record that was taken for a whole one, and that nginx cut, end with exactly this line?
bool ends_cut_record(std::string_view line, const ReaderMemory& memory) {
  return std::any_of(memory.nginx.suspects.begin(), memory.nginx.suspects.end(), [&](const NginxSuspect& suspect) {
    return suspect.may_end_anywhere && suspect.bytes_ago + line.size() + 1 == longest_nginx_record;
  });
}

void note_suspect(const NginxWords& words, NginxMemory& memory) {
  if (memory.suspects.size() == memory.suspects.capacity()) memory.suspects.erase(memory.suspects.begin());
  const bool has_error_number = words.before.empty() || words.before.ends_with("() ");
  memory.suspects.push_back({.bytes_ago = 0, .may_end_anywhere = words.is_cut && !has_error_number});
}

}  // namespace

void remember_nginx_line(std::string_view line, const NginxHead& head, const NginxWords& words, ReaderMemory& memory,
                         ReadLine& into) {
  memory.nginx.since_head = 0;
  memory.nginx.is_wrapped = !memory.program_tag.empty();
  if (words.is_forged) into.disowned_bytes = bytes_to_beginning(line, memory);
  if (words.may_be_broken) note_suspect(words, memory.nginx);
  if (!words.is_complete && line.size() + 1 < longest_nginx_record) open_record(line, head, memory);
}

bool read_nginx_continuation(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  auto& record = memory.record;
  if (record.header.empty() || record.format != Format::nginx_error) return false;
  record.bytes += line.size() + 1;
  if (record.bytes > longest_nginx_record) {  // so nginx cut it on the line before
    record = {};
    return false;
  }
  into.format = Format::nginx_error;
  into.header = record.header;
  into.time = record.time;
  record.is_over = record.bytes == longest_nginx_record || ends_nginx_record(line);
  return true;
}

bool read_nginx_orphan(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  const bool ends_cut = ends_cut_record(line, memory);
  const bool is_orphan = !may_have_nginx_head(line) && line.size() < longest_nginx_record &&
                         (memory.nginx.since_head < longest_nginx_record || line.starts_with('"')) &&
                         ends_nginx_record(line);
  if (!ends_cut && !is_orphan) return false;
  into.format = Format::nginx_error;
  into.disowned_bytes = bytes_to_beginning(line, memory);
  return true;
}

void pass_line(std::string_view line, NginxMemory& memory) {
  memory.since_head = std::min(memory.since_head + line.size() + 1, NginxMemory::long_ago);
  auto& suspects = memory.suspects;
  for (auto& suspect : suspects) suspect.bytes_ago += line.size() + 1;
  const auto is_near = [](const NginxSuspect& suspect) { return suspect.bytes_ago < longest_nginx_record; };
  suspects.erase(suspects.begin(), std::find_if(suspects.begin(), suspects.end(), is_near));
}

}  // namespace triaged

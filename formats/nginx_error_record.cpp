// Records of nginx's error log that a newline inside a client's text broke into several lines, so that a client can
// write a line that looks like a record of its own ("GET /static/x%22%20%0A2026%2F11%2F21%2001%3A14%3A18%20%5Berror…").
//
// - A record of a connection that does not end on its first line is open: all that follows belongs to it, whatever it
//   looks like, until a line ends it or it has the 2,048 bytes that nginx gives a record.
// - A client can also write an end to its first line, lines of its choice, and a head that takes over the true end. A
//   line that may begin such a record is a suspect. What stands between a suspect and a later line within 2,048 bytes
//   that may be its true end is the client's:
//
//   - An end without a head, a head with two ends, or an end whose request line holds an encoded line feed shows the
//     forgery. The line disowns everything since the first suspect.
//   - A record that nginx cut has exactly 2,048 bytes. So does what reaches from its suspect to its last line.
//   - Some texts leave no trace in the end: a user's name, what an application or a client sent raw. Then all but lines
//     of the same kind, which any client can cause by honest means, is in doubt between two of that kind.
//
// - Where a suspect is near, a line of another program counts only when lines of its format were seen in this stream
//   where no suspect was near. A client cannot bring that about.
#include <algorithm>
#include <utility>

#include "formats/nginx_error_line.hpp"
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

/// In a syslog file each line of a record has a header, and lines of other programs stand between.
constexpr std::size_t farthest_suspect = 8 * longest_nginx_record;

void open_record(std::string_view line, const NginxHead& head, ReaderMemory& memory) {
  auto& record = memory.record;
  record = {};
  record.format = Format::nginx_error;
  record.header.assign(line);
  record.time = head.time;
  record.bytes = line.size() + memory.end_size;
  record.program.assign(memory.program_tag);
}

/// What a record that begins at `suspect` has, with the line being read as its last; 0 when that is of another program.
/// A record without a syslog header may hold a line that looks as if it had one.
std::size_t bytes_with_line(const NginxSuspect& suspect, const ReaderMemory& memory) {
  if (suspect.origin == 0) return suspect.record_bytes + memory.line_size;
  // Receivers that keep a line feed write the header in front of a record's first line only.
  if (memory.origin == 0) return suspect.record_bytes + memory.line_size;
  return suspect.origin == memory.origin ? suspect.record_bytes + memory.text_size : 0;
}

/// The same where the receiver keeps line feeds: all that follows may belong to it, headers and all.
std::size_t bytes_as_received(const NginxSuspect& suspect, const ReaderMemory& memory) {
  return suspect.bytes_ago + memory.line_size - suspect.header_bytes;
}

/// Does a record that begins at `suspect` end with the line being read when nginx cut it?
bool fills_record(const NginxSuspect& suspect, const ReaderMemory& memory) {
  return bytes_with_line(suspect, memory) == longest_nginx_record ||
         (suspect.origin != 0 && bytes_as_received(suspect, memory) == longest_nginx_record);
}

/// The first suspect whose record may hold the line being read and for which `is_wanted` holds; nullptr: none.
template <typename Predicate>
const NginxSuspect* first_suspect(const ReaderMemory& memory, Predicate is_wanted) {
  for (const auto& suspect : memory.nginx.suspects) {
    const auto bytes = bytes_with_line(suspect, memory);
    if (bytes > 0 && bytes <= longest_nginx_record && is_wanted(suspect)) return &suspect;
  }
  return nullptr;
}

constexpr auto any_suspect = [](const NginxSuspect&) { return true; };

/// How far above the line the record may have begun that ends with it; 0: nowhere. Where little was read of the stream,
/// the record may have begun before.
std::size_t bytes_to_beginning(const ReaderMemory& memory) {
  if (const auto* suspect = first_suspect(memory, any_suspect)) return suspect->bytes_ago;
  const auto most = longest_nginx_record - std::min(longest_nginx_record, memory.text_size);
  return memory.nginx.bytes_read < longest_nginx_record ? most : 0;
}

/// Whether a record that nginx cut may end so. Its error number stays in it, if it has one.
bool ends_cut(const NginxSuspect& suspect, std::string_view line) {
  return suspect.may_end_anywhere || contains(line, nginx_cut_mark) || contains(line, ", client");
}

/// Records with such a text have several lines by honest means.
bool has_several_lines(NginxText text) { return text == NginxText::fastcgi || text == NginxText::proxy_header; }

/// Where a record of 2,048 bytes may end that begins at `cut`, a record with such a text is being read. Of equal honest
/// ones some make that many bytes together: what stands between may be forged, but not more of the same kind.
bool is_same_again(const NginxSuspect& cut, NginxText text) { return has_several_lines(text) && cut.text == text; }

/// The suspect from which a record that nginx cut reaches to exactly the end of this line.
const NginxSuspect* cut_record_ending_with(std::string_view line, const ReaderMemory& memory) {
  return first_suspect(
      memory, [&](const NginxSuspect& suspect) { return fills_record(suspect, memory) && ends_cut(suspect, line); });
}

/// The first suspect above the last `own` bytes whose record may end with these words and leave no trace in them.
const NginxSuspect* traceless_record_ending_with(std::string_view words, std::string_view suffix, std::size_t own,
                                                 const ReaderMemory& memory) {
  return first_suspect(memory, [&](const NginxSuspect& suspect) {
    return suspect.bytes_ago > own && hides_line_feeds(suspect.text, suffix) && ends_nginx_text(suspect.text, words);
  });
}

void doubt_since(const NginxSuspect& suspect, std::string_view words, std::string_view suffix, ReadLine& into) {
  into.doubt.bytes = suspect.bytes_ago;
  into.doubt.server = nginx_server_in(suffix);
  into.doubt.upstream = nginx_upstream_in(suffix);
  into.doubt.text = static_cast<int>(suspect.text);
  into.doubt.end = nginx_words_behind_text(words);
}

/// Its suffix may hold a decoded path, in which a line feed then stands, and nothing tells a forged rest.
bool is_broken_behind(const NginxWords& words) {
  return path_holds_line_feed(words.suffix) &&
         (contains(words.suffix, ", upstream: \"") || contains(words.suffix, ", subrequest: \""));
}

/// At level debug nginx writes request lines and headers as they came before it writes anything decoded from them.
bool may_announce_line_feed(std::string_view debug_words) {
  return holds_encoded_line_feed(debug_words) || contains(debug_words, "uthorization: ");
}

/// Files in nginx's own folders, which a request's body or an answer is written to.
bool names_own_file(const NginxWords& words) {
  return words.before == "pwrite() " || words.before == "pwritev() " || words.before == "write() " ||
         words.before == "writev() ";
}

void note_suspect(const NginxHead& head, const NginxWords& words, ReaderMemory& memory) {
  auto& suspects = memory.nginx.suspects;
  const bool is_debug = head.level == "debug" && !head.connection.empty();
  if (is_debug && may_announce_line_feed(head.rest)) memory.nginx.is_debug_opaque = true;
  const bool is_opaque = is_broken_behind(words) || (is_debug && memory.nginx.is_debug_opaque);
  const bool has_client_text = words.text != NginxText::none && !names_own_file(words);
  const bool may_hold_line_feed = has_client_text || !words.is_complete || words.is_forged;
  if (!may_hold_line_feed && !is_opaque) return;
  if (suspects.size() == NginxMemory::most_suspects) {  // nobody can tell any more which of them a line belongs to
    suspects.back().is_opaque = true;
    return;
  }
  const bool keeps_error_number = words.text == NginxText::path && words.before.ends_with("() ");
  suspects.push_back({.bytes_ago = 0,
                      .record_bytes = 0,
                      .header_bytes = memory.line_size - memory.text_size,
                      .origin = memory.origin,
                      .text = words.text == NginxText::none ? NginxText::path : words.text,
                      .may_end_anywhere = words.text != NginxText::none && !keeps_error_number,
                      .is_opaque = is_opaque});
}

/// Judges a whole line with a head of its own: may a client have written that head, and the line be the true end of a
/// record above? False: its words are not to be trusted.
bool judge_whole(std::string_view rest, const NginxWords& words, ReaderMemory& memory, ReadLine& into) {
  const auto* first = first_suspect(memory, any_suspect);
  if (first == nullptr) return true;
  // An end behind words that have none (debug), or two of them: the head may be a client's, and the end another's.
  const bool hides_end = words.suffix.empty() && contains(rest, nginx_client_mark);
  if (hides_end || path_holds_line_feed(words.suffix)) {
    into.disowned_bytes = first->bytes_ago;
    return false;
  }
  const auto has_all_bytes = [&](const NginxSuspect& each) { return fills_record(each, memory); };
  const bool looks_cut = !words.suffix.ends_with('"') || contains(words.all, nginx_cut_mark);
  if (const auto* cut = first_suspect(memory, [&](const NginxSuspect& each) {
        const bool is_same = each.text == words.text && ends_nginx_text(each.text, words.all);
        return has_all_bytes(each) && (looks_cut || (each.may_end_anywhere && !is_same));
      })) {
    into.disowned_bytes = cut->bytes_ago;
    return false;
  }
  const auto* suspect = traceless_record_ending_with(words.all, words.suffix, 0, memory);
  if (suspect == nullptr) {
    // Servers before 1.21.1 accept spaces in a request line, which may then look like the end of a suffix.
    suspect = first_suspect(
        memory, [&](const NginxSuspect& each) { return has_all_bytes(each) && ends_nginx_text(each.text, words.all); });
  }
  if (suspect == nullptr) return true;
  doubt_since(*suspect, words.all, words.suffix, into);
  return begins_nginx_text(suspect->text, words.before);
}

/// Judges a line with a head on which the record does not end. There is a line feed in it; another record, of which
/// this head is a part, may have begun above.
bool judge_beginning(std::string_view line, const NginxWords& words, ReaderMemory& memory, ReadLine& into) {
  if (has_several_lines(words.text) && !contains(line, nginx_client_mark)) return true;
  const auto* first = first_suspect(memory, any_suspect);
  if (first == nullptr) return true;
  into.disowned_bytes = first->bytes_ago;
  return false;
}

/// The text that began `own` bytes above; none: there is no suspect.
NginxText text_begun(std::size_t own, const ReaderMemory& memory) {
  const auto& suspects = memory.nginx.suspects;
  const auto begun =
      std::find_if(suspects.begin(), suspects.end(), [&](const NginxSuspect& each) { return each.bytes_ago == own; });
  return begun == suspects.end() ? NginxText::none : begun->text;
}

/// The last line of an open record: another may end here that began above it, with the open one's head inside.
void judge_end(std::string_view line, std::size_t own, const ReaderMemory& memory, ReadLine& into) {
  const auto* first = first_suspect(memory, any_suspect);
  if (first == nullptr || first->bytes_ago <= own) return;
  const auto client = line.find(nginx_client_mark);
  const auto words = line.substr(0, client);
  const auto suffix =
      client == std::string_view::npos ? std::string_view() : line.substr(client + nginx_client_mark.size());
  if (!has_several_lines(text_begun(own, memory)) || path_holds_line_feed(suffix) ||
      contains(suffix, nginx_client_mark)) {
    into.disowned_bytes = first->bytes_ago;
  } else if (const auto* suspect = traceless_record_ending_with(words, suffix, own, memory)) {
    doubt_since(*suspect, words, suffix, into);
  }
}

NginxHome* home_of(std::uint32_t origin, NginxMemory& memory) {
  for (auto& home : memory.homes) {
    if (home.origin == origin) return &home;
  }
  return nullptr;
}

std::uint64_t home_bit(Format format, const ReaderMemory& memory) {
  static_assert(format_count <= 32);
  return std::uint64_t{bit_of(format)} << (memory.origin != 0 ? 32 : 0);
}

}  // namespace

bool remember_nginx_error_line(std::string_view line, const NginxHead& head, const NginxWords& words,
                               ReaderMemory& memory, ReadLine& into) {
  auto& nginx = memory.nginx;
  nginx.since_head = 0;
  nginx.is_wrapped = !memory.program_tag.empty();
  if (home_of(memory.origin, nginx) == nullptr && nginx.homes.size() < NginxMemory::most_homes) {
    nginx.homes.push_back({memory.origin, 0});
  }
  const bool is_whole = words.is_complete && !head.connection.empty();
  // When it is no end of a cut record but a beginning, what follows belongs to it all the same.
  const auto* cut = is_whole ? nullptr : cut_record_ending_with(line, memory);
  if (cut != nullptr && !words.is_forged && is_same_again(*cut, words.text)) {
    doubt_since(*cut, {}, {}, into);
    cut = nullptr;
  }
  bool is_trusted = cut == nullptr && !words.is_forged;
  if (!is_trusted) into.disowned_bytes = cut != nullptr ? cut->bytes_ago : bytes_to_beginning(memory);
  if (is_whole && is_trusted) is_trusted = judge_whole(head.rest, words, memory, into);
  if (!words.is_complete && is_trusted) is_trusted = judge_beginning(line, words, memory, into);
  note_suspect(head, words, memory);
  if (!words.is_complete && memory.text_size < longest_nginx_record) open_record(line, head, memory);
  return is_trusted;
}

bool read_nginx_continuation(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  auto& record = memory.record;
  if (record.header.empty() || record.format != Format::nginx_error || record.program != memory.program_tag) {
    return false;
  }
  const bool is_over = std::exchange(record.may_be_over, false) && read_nginx_head(line, memory.times);
  const auto own = record.bytes;
  record.bytes += line.size() + memory.end_size;
  if (is_over || record.bytes > longest_nginx_record) {  // so nginx cut one on the line before
    record = {};
    return false;
  }
  into.format = Format::nginx_error;
  into.header = record.header;
  into.time = record.time;
  record.is_over = record.bytes == longest_nginx_record || ends_nginx_record(line);
  const auto* cut = cut_record_ending_with(line, memory);
  if (cut != nullptr && cut->bytes_ago <= own) cut = nullptr;
  if (cut != nullptr && !is_same_again(*cut, text_begun(own, memory))) {
    into.disowned_bytes = cut->bytes_ago;
    record.is_over = true;
  } else if (record.is_over || contains(line, nginx_client_mark)) {
    judge_end(line, own, memory, into);
  } else if (cut != nullptr) {
    doubt_since(*cut, {}, {}, into);
    record.may_be_over = true;
  }
  // It may be no part of the record: the open one may have been another's end, which nginx cut.
  if (const auto head = read_nginx_head(line, memory.times)) note_suspect(*head, split_nginx_words(*head), memory);
  return true;
}

bool read_nginx_orphan(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (line.size() >= longest_nginx_record) return false;
  const bool may_have_head = may_have_nginx_head(line);
  const auto* cut = cut_record_ending_with(line, memory);
  if (may_have_head && (cut == nullptr || read_nginx_head(line, memory.times))) return false;
  const bool is_near = memory.nginx.since_head < longest_nginx_record || line.starts_with('"') ||
                       first_suspect(memory, any_suspect) != nullptr;
  if (cut == nullptr && !(is_near && ends_nginx_record(line))) return false;
  into.format = Format::nginx_error;
  into.disowned_bytes = cut != nullptr ? cut->bytes_ago : bytes_to_beginning(memory);
  return true;
}

bool is_in_opaque_record(const ReaderMemory& memory) {
  return first_suspect(memory, [](const NginxSuspect& each) { return each.is_opaque && each.bytes_ago > 0; }) !=
         nullptr;
}

bool disown_behind_header(std::string_view line, const ReaderMemory& memory, ReadLine& into) {
  if (memory.origin == 0) return false;
  const auto text = line.substr(memory.line_size - memory.text_size);
  for (const auto& suspect : memory.nginx.suspects) {
    const auto bytes = bytes_as_received(suspect, memory);
    if (suspect.origin == 0 || suspect.origin == memory.origin || bytes > longest_nginx_record) continue;
    const bool is_cut = bytes == longest_nginx_record && ends_cut(suspect, text);
    if (!is_cut && !ends_nginx_record(text)) continue;
    into.disowned_bytes = std::max(into.disowned_bytes, suspect.bytes_ago);
    return true;
  }
  return false;
}

bool is_near_wrapped_record(const ReaderMemory& memory) {
  return first_suspect(memory, [](const NginxSuspect& suspect) { return suspect.origin != 0; }) != nullptr;
}

bool is_foreign_to_nginx(Format format, ReaderMemory& memory) {
  const auto bit = home_bit(format, memory);
  return first_suspect(memory, [&](const NginxSuspect& suspect) {
           const auto* home = home_of(suspect.origin, memory.nginx);
           return home != nullptr && (home->formats & bit) == 0;
         }) != nullptr;
}

bool is_at_home(Format format, ReaderMemory& memory) {
  const auto* home = home_of(0, memory.nginx);
  return home != nullptr && (home->formats & home_bit(format, memory)) != 0;
}

void note_home(Format format, ReaderMemory& memory) {
  if (memory.unescaped.bytes_ago < UnescapedRequests::reach) return;
  for (auto& home : memory.nginx.homes) {
    if (home.origin != 0 && home.origin != memory.origin) continue;
    const auto is_of_home = [&](const NginxSuspect& suspect) { return suspect.origin == home.origin; };
    if (first_suspect(memory, is_of_home) == nullptr) home.formats |= home_bit(format, memory);
  }
}

void pass_line(ReaderMemory& memory) {
  auto& nginx = memory.nginx;
  const auto size = memory.line_size;
  nginx.since_head = std::min(nginx.since_head + size, NginxMemory::long_ago);
  nginx.bytes_read = std::min(nginx.bytes_read + size, NginxMemory::long_ago);
  memory.unescaped.bytes_ago = std::min(memory.unescaped.bytes_ago + size, UnescapedRequests::reach);
  memory.trace.bytes += size;
  memory.sshd.bytes_ago = std::min(memory.sshd.bytes_ago + size, SshdNames::longest_record);
  auto& suspects = nginx.suspects;
  if (suspects.empty()) return;
  for (auto& suspect : suspects) {
    suspect.bytes_ago += size;
    if (const auto bytes = bytes_with_line(suspect, memory); bytes > 0) suspect.record_bytes = bytes;
  }
  const auto is_far = [](const NginxSuspect& suspect) {
    return suspect.record_bytes >= longest_nginx_record || suspect.bytes_ago >= farthest_suspect;
  };
  suspects.erase(std::remove_if(suspects.begin(), suspects.end(), is_far), suspects.end());
}

}  // namespace triaged::formats

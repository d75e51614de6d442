// nginx's error log, line by line: "2026/11/21 01:15:46 [error] 1851#1851: *115 connect() failed (111: Connection
// refused) while connecting to upstream, client: 127.0.3.235, server: shop.example.com, request: "GET / HTTP/1.1", …".
// nginx_error_line.cpp takes a line apart, nginx_error_record.cpp keeps track of records that a newline broke.
#include <algorithm>
#include <charconv>

#include "formats/nginx_error_line.hpp"
#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

void add(ReadLine& into, std::string_view name, std::string_view value) {
  if (!value.empty()) into.fields.push_back({name, value});
}

/// What stands between `mark` and the quote that ends it; empty when the mark is not there, or more than once: then a
/// client wrote one of them.
std::string_view only_quoted(std::string_view suffix, std::string_view mark) {
  const auto at = suffix.find(mark);
  if (at == std::string_view::npos || suffix.find(mark, at + 1) != std::string_view::npos) return {};
  const auto value = suffix.substr(at + mark.size());
  return value.substr(0, std::min(value.find("\", "), value.rfind('"')));
}

/// "127.0.0.1:8003", "unix:/run/x.sock" or "shop_app" of an upstream's URL.
std::string_view address_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  if (url.starts_with("unix:")) return url.substr(0, url.find(':', 5));
  return url.substr(0, url.find('/'));
}

void add_request(ReadLine& into, std::string_view request) {
  add(into, "request", request);
  const auto space = request.find(' ');
  if (space == std::string_view::npos) return;
  const auto target = request.substr(space + 1);
  add(into, "method", request.substr(0, space));
  add(into, "path", path_of(target.substr(0, target.find(' '))));
}

/// `suffix` is what follows ", client: ".
void add_suffix(ReadLine& into, std::string_view suffix) {
  if (suffix.empty()) return;
  add(into, "client", suffix.substr(0, suffix.find(", ")));
  add(into, "vhost", nginx_server_in(suffix));
  add_request(into, only_quoted(suffix, ", request: \""));
  add(into, "subrequest", only_quoted(suffix, ", subrequest: \""));
  const auto upstream = only_quoted(suffix, ", upstream: \"");
  add(into, "upstream", address_of(upstream));
  add(into, "upstream_url", upstream);
  add(into, "host_header", only_quoted(suffix, ", host: \""));
}

/// "connecting to upstream" of "connect() failed (111: …) while connecting to upstream".
std::string_view phase_of(std::string_view message) {
  const auto at = message.rfind(" while ");
  if (at == std::string_view::npos) return {};
  auto phase = message.substr(at + 7);
  phase = phase.substr(0, phase.find_first_of("\","));
  while (phase.ends_with(' ')) phase.remove_suffix(1);
  return phase;
}

/// The number N of the first "(N: text)".
std::string_view errno_of(std::string_view message) {
  for (auto at = message.find('('); at != std::string_view::npos; at = message.find('(', at + 1)) {
    Scanner scanner(message.substr(at + 1));
    std::string_view digits;
    if (scanner.take_digits(digits) && scanner.skip(": ")) return digits;
  }
  return {};
}

/// The path behind a system call's name, open() "…", and of a certificate that cannot be loaded.
std::string_view file_of(const NginxWords& words) {
  if (words.is_cut) return words.before.ends_with("() ") ? words.quoted : std::string_view();
  const auto quote = words.before.find('"');
  if (quote == std::string_view::npos) return {};
  const auto before = words.before.substr(0, quote);
  if (!before.ends_with("() ") && !before.starts_with("cannot load certificate")) return {};
  const auto path = words.before.substr(quote + 1);
  return path.substr(0, path.find('"'));
}

/// Is what looks like the end of this record nginx's? A line that ends inside the suffix may end inside the client's
/// text, with a suffix of the client's making in it, and so may one that has all the bytes that a record may have,
/// however it ends. But nginx keeps a system call's error when it cuts.
bool knows_end(const NginxWords& words, const ReaderMemory& memory) {
  const bool has_client_text = words.is_cut || words.text != NginxText::none;
  const bool has_all_bytes = memory.text_size >= longest_nginx_record;
  if (!has_client_text || (words.is_complete && !has_all_bytes)) return true;
  return has_all_bytes && words.before.ends_with("() ");
}

void set_message(std::string_view after, const NginxWords& words, ReaderMemory& memory, ReadLine& into) {
  into.message = words.before;
  if (!words.is_cut) return;
  memory.cut_message.assign(words.before).append("\"\"").append(after);
  into.message = memory.cut_message;
}

/// The values that stand in the suffix as a whole: of a record that nginx cut, the last one may not.
std::string_view whole_values(std::string_view suffix, const ReaderMemory& memory) {
  const bool is_cut = memory.text_size >= longest_nginx_record && !suffix.ends_with('"');
  return is_cut ? suffix.substr(0, std::min(suffix.rfind(", "), suffix.size())) : suffix;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned char byte = 0;
    const auto* const digits = text.data() + at + 1;
    const bool is_encoded =
        text[at] == '%' && at + 2 < text.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    decoded += is_encoded ? static_cast<char>(byte) : text[at];
    if (is_encoded) at += 2;
  }
  return decoded;
}

/// Does the request name the last part of that path, however often encoded? Then a client chose it.
bool is_requested(std::string_view file, std::string_view request) {
  const auto name = file.substr(file.rfind('/') + 1);
  if (contains(request, name)) return true;
  std::string decoded(request);
  for (int times = 0; times < 3 && contains(decoded, "%"); ++times) {
    decoded = percent_decoded(decoded);
    if (contains(decoded, name)) return true;
  }
  return false;
}

/// The file, and once more when neither the request nor an upstream can have named it, but only the configuration.
void add_file(std::string_view file, ReadLine& into) {
  add(into, "file", file);
  const auto request = into.field("request");
  const bool is_of_configuration = !request.empty() && into.field("upstream").empty() && !is_requested(file, request);
  if (is_of_configuration) add(into, "configured_file", file);
}

void add_words(const NginxWords& words, ReaderMemory& memory, ReadLine& into) {
  const bool has_end = knows_end(words, memory);
  set_message(has_end ? words.after : std::string_view(), words, memory, into);
  if (has_end) add_suffix(into, whole_values(words.suffix, memory));
  // Of a record whose end is not known, what follows a client's quote is not known to be the program's.
  add(into, "phase", phase_of(into.message));
  add(into, "errno", errno_of(into.message));
  if (has_end) add_file(file_of(words), into);
}

/// "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)" on standard error.
bool read_start_message(std::string_view line, ReadLine& into) {
  constexpr std::string_view program = "nginx: ";
  if (!line.starts_with(program)) return false;
  auto text = line.substr(program.size());
  const auto level = take_nginx_level(text);
  if (level.empty() && !text.starts_with("configuration file ") && !text.starts_with("the configuration file ")) {
    return false;
  }
  into.format = Format::nginx_error;
  into.message = text;
  add(into, "level", level);
  add(into, "errno", errno_of(text));
  add(into, "file", file_of({.before = text}));
  return true;
}

/// The same but for the paths.
bool is_same_server(std::string_view url, std::string_view other) { return address_of(url) == address_of(other); }

}  // namespace

DoubtedLine::DoubtedLine(std::string_view line) {
  LogTimes times(std::chrono::seconds(0), TimePoint());
  while (!line.empty() && !may_have_nginx_head(line)) line.remove_prefix(1);
  const auto head = read_nginx_head(line, times);
  if (!head) return;
  const auto words = split_nginx_words(*head);
  text = static_cast<int>(words.text);
  begins_as_text = begins_nginx_text(words.text, words.before);
  is_complete = words.is_complete;
  has_suffix = !words.suffix.empty();
  end = nginx_words_behind_text(words.all);
  server = nginx_server_in(words.suffix);
  upstream = nginx_upstream_in(words.suffix);
}

bool Doubt::spares(const DoubtedLine& line) const {
  const auto kind = static_cast<NginxText>(text);
  // A header that nginx could not read has several lines, and its record ends on the last one.
  const bool has_such_end = line.end == end || kind == NginxText::fastcgi ||
                            (kind == NginxText::proxy_header && !line.is_complete) ||
                            (kind == NginxText::user && may_stand_behind_user(line.end));
  return line.text == text && line.begins_as_text && has_such_end &&
         (!line.has_suffix || (line.server == server && is_same_server(line.upstream, upstream)));
}

bool read_nginx_error(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  const auto head = read_nginx_head(line, memory.times);
  if (!head) return read_start_message(line, into);
  into.format = Format::nginx_error;
  into.time = head->time;
  add(into, "level", head->level);
  add(into, "pid", head->pid);
  add(into, "connection", head->connection);
  const auto words = split_nginx_words(*head);
  // nginx writes client text into debug lines without any form.
  const auto answered = memory.origin == 0 ? answered_request_in(line) : std::string_view::npos;
  const bool is_access_log = answered != std::string_view::npos && !contains(line.substr(0, answered), ", client: ");
  const bool speaks = !is_access_log && (head->level != "debug" || head->connection.empty());
  if (remember_nginx_error_line(line, *head, words, memory, into) && speaks) add_words(words, memory, into);
  return true;
}

}  // namespace triaged::formats

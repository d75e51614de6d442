// nginx's error log: "2026/11/21 01:15:46 [error] 1851#1851: *115 WORDS, client: A, server: S, request: "R", …".
//
// The words are the program's, but it quotes what clients sent inside them, and it does so without escaping: a path is
// written decoded, so it may hold quotes, ", client: " and even newlines. What keeps a client's text out of the
// message:
//
// - Words before the first quote are the program's. What the quote holds is cut out, up to the last quote before
//   ", client: "; when that stands more than once on the line, nobody can tell which one is the program's, and all
//   behind the first quote is left out.
// - A record with a connection number always ends with ", client: …" (two exceptions: is_always_short). A line without
// it
//   is the beginning of a record that a newline broke; all that follows belongs to it, whatever it looks like, until
//   a line without a header ends it or it has the 2,048 bytes that nginx gives a record (NGX_MAX_ERROR_STR).
// - A client can also forge the end of its own line. Then the rest of the true record stands behind as a line without
//   a header: an orphan, which disowns what began inside the 2,048 bytes that end with it.
#include <algorithm>
#include <array>

#include "formats/reader_memory.hpp"

namespace triaged {

namespace {

constexpr std::size_t longest_record = 2048;  // NGX_MAX_ERROR_STR, line end included
constexpr std::string_view client_mark = ", client: ";

struct Head {
  std::optional<TimePoint> time;
  std::string_view level, pid, connection;
  std::string_view rest;  // the words and all behind them
};

bool is_level(std::string_view word) {
  static constexpr std::array<std::string_view, 8> levels = {"error", "info",  "notice", "warn",
                                                             "crit",  "alert", "emerg",  "debug"};
  return std::find(levels.begin(), levels.end(), word) != levels.end();
}

/// The digits that `text` begins with, taken from it.
std::string_view take_digits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= '0' && text[length] <= '9') ++length;
  const auto digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

bool take(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

/// "[error] " taken from `text`; empty when it is something else.
std::string_view take_level(std::string_view& text) {
  const auto end = text.substr(0, 16).find("] ");
  if (end == std::string_view::npos || text[0] != '[' || !is_level(text.substr(1, end - 1))) return {};
  const auto level = text.substr(1, end - 1);
  text.remove_prefix(end + 2);
  return level;
}

bool may_have_head(std::string_view line) { return line.size() > 22 && line[4] == '/' && line[20] == '['; }

std::optional<Head> read_head(std::string_view line, LogTimes& times) {
  if (!may_have_head(line)) return std::nullopt;
  Head head;
  std::size_t consumed = 0;
  head.time = times.nginx_error(line, consumed);
  if (!head.time) return std::nullopt;
  head.rest = line.substr(consumed + 1);
  head.level = take_level(head.rest);
  if (head.level.empty()) return std::nullopt;
  head.pid = take_digits(head.rest);
  if (head.pid.empty() || !take(head.rest, "#") || take_digits(head.rest).empty() || !take(head.rest, ": ")) {
    return std::nullopt;
  }
  auto behind = head.rest;
  if (take(behind, "*")) {
    const auto number = take_digits(behind);
    if (!number.empty() && take(behind, " ")) {
      head.connection = number;
      head.rest = behind;
    }
  }
  return head;
}

/// Is what is quoted behind these words written by the configuration or by the upstream?
bool quotes_no_client(std::string_view before) {
  return before.ends_with("by zone ") || before == "FastCGI sent in stderr: " ||
         (before.starts_with("upstream sent ") && before.ends_with(": ")) ||
         before == "upstream SSL certificate does not match " || before.ends_with("in upstream ");
}

/// Records with a connection number that end without ", client: ": nginx takes the log handler off a connection that it
/// closes between two requests, and never calls it for debug lines.
bool is_always_short(const Head& head) {
  return head.level == "debug" ||
         (head.rest.starts_with("client ") && head.rest.ends_with(" closed keepalive connection"));
}

struct Words {
  std::string_view before;  // up to the quote that opens a client's text, or all
  std::string_view quoted;  // a client's text, when it is known where it ends
  std::string_view after;   // behind the quote that closes it
  bool is_cut = false;      // there is a client's text between before and after
  std::string_view suffix;  // behind ", client: "; empty: there is none, or more than one
  bool is_complete = true;  // the record ends on this line
};

/// Words whose quoted text is not a client's: they end with the first ", client: " behind the closing quote.
Words words_of_program(std::string_view text, std::size_t quote) {
  const auto closing = text.find("\" while ", quote + 1);
  const auto client = text.find(client_mark, closing == std::string_view::npos ? quote : closing);
  if (client == std::string_view::npos) return {.before = text, .is_complete = false};
  return {.before = text.substr(0, client), .suffix = text.substr(client + client_mark.size())};
}

/// Words behind a client's quoted text `segment` (all between the opening quote and ", client: ").
std::size_t closing_quote(std::string_view before, std::string_view segment) {
  if (before == "user ") {
    const auto not_found = segment.rfind("\" was not found in \"");
    if (not_found != std::string_view::npos) return not_found;
  }
  return segment.rfind('"');
}

Words words_around_client(std::string_view text, std::size_t quote, std::size_t client) {
  Words words{.before = text.substr(0, quote), .is_cut = true};
  if (client == std::string_view::npos) {
    words.is_complete = false;
    return words;
  }
  if (text.find(client_mark, client + 1) != std::string_view::npos) return words;
  const auto segment = text.substr(quote + 1, client - quote - 1);
  words.suffix = text.substr(client + client_mark.size());
  const auto closing = closing_quote(words.before, segment);
  if (closing == std::string_view::npos) return words;
  words.quoted = segment.substr(0, closing);
  words.after = segment.substr(closing + 1);
  return words;
}

Words split_words(const Head& head) {
  const auto text = head.rest;
  if (head.connection.empty()) return {.before = text};
  const auto quote = text.find('"');
  const auto client = text.find(client_mark);
  if (is_always_short(head)) {
    return {.before = text.substr(0, quote), .is_cut = quote != std::string_view::npos};
  }
  if (quote == std::string_view::npos || client < quote) {
    if (client == std::string_view::npos) return {.before = text, .is_complete = false};
    return {.before = text.substr(0, client), .suffix = text.substr(client + client_mark.size())};
  }
  if (quotes_no_client(text.substr(0, quote))) return words_of_program(text, quote);
  return words_around_client(text, quote, client);
}

void add(ReadLine& into, std::string_view name, std::string_view value) {
  if (!value.empty()) into.fields.push_back({name, value});
}

/// What stands between `mark` and the next `", ` or the line's end; empty when the mark is not there, or more than
/// once: then a client wrote one of them.
std::string_view only_quoted(std::string_view suffix, std::string_view mark) {
  const auto at = suffix.find(mark);
  if (at == std::string_view::npos || suffix.find(mark, at + 1) != std::string_view::npos) return {};
  const auto value = suffix.substr(at + mark.size());
  const auto end = std::min(value.find("\", "), value.rfind('"'));
  return value.substr(0, end);
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
  add(into, "path", target.substr(0, target.find_first_of("? ")));
}

/// `suffix` is what follows ", client: ".
void add_suffix(ReadLine& into, std::string_view suffix) {
  if (suffix.empty()) return;
  add(into, "client", suffix.substr(0, suffix.find(", ")));
  const auto server = suffix.find(", server: ");
  const auto request = suffix.find(", request: \"");
  if (server != std::string_view::npos && server < request) {
    const auto name = suffix.substr(server + 10);
    add(into, "vhost", name.substr(0, name.find(", ")));
  }
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
    auto behind = message.substr(at + 1);
    const auto digits = take_digits(behind);
    if (!digits.empty() && behind.starts_with(": ")) return digits;
  }
  return {};
}

/// The path that a system call's name stands before: open() "…", and of a certificate that cannot be loaded.
std::string_view file_of(const Words& words) {
  if (words.is_cut) return words.before.ends_with("() ") ? words.quoted : std::string_view();
  const auto quote = words.before.find('"');
  if (quote == std::string_view::npos) return {};
  const auto before = words.before.substr(0, quote);
  if (!before.ends_with("() ") && !before.starts_with("cannot load certificate")) return {};
  const auto path = words.before.substr(quote + 1);
  return path.substr(0, path.find('"'));
}

void set_message(const Words& words, ReaderMemory& memory, ReadLine& into) {
  if (!words.is_cut) {
    into.message = words.before;
    return;
  }
  memory.cut_message.assign(words.before).append("\"\"").append(words.after);
  into.message = memory.cut_message;
}

void open_record(std::string_view line, const Head& head, ReaderMemory& memory) {
  auto& record = memory.record;
  record = {};
  record.format = Format::nginx_error;
  record.header.assign(line);
  record.time = head.time;
  record.bytes = line.size() + 1;
}

/// "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)" on standard error.
bool read_start_message(std::string_view line, ReaderMemory&, ReadLine& into) {
  auto text = line;
  if (!take(text, "nginx: ")) return false;
  const auto level = take_level(text);
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

void set_continuation(const ReaderMemory& memory, ReadLine& into) {
  into.format = Format::nginx_error;
  into.header = memory.record.header;
  into.time = memory.record.time;
}

}  // namespace

bool read_nginx_error(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  const auto head = read_head(line, memory.times);
  if (!head) return read_start_message(line, memory, into);
  into.format = Format::nginx_error;
  into.time = head->time;
  add(into, "level", head->level);
  add(into, "pid", head->pid);
  add(into, "connection", head->connection);
  const auto words = split_words(*head);
  set_message(words, memory, into);
  add_suffix(into, words.suffix);
  add(into, "phase", phase_of(into.message));
  add(into, "errno", errno_of(into.message));
  add(into, "file", file_of(words));
  if (!words.is_complete && line.size() + 1 < longest_record) open_record(line, *head, memory);
  memory.since_nginx_error = line.size() + 1;
  return true;
}

bool read_nginx_continuation(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  auto& record = memory.record;
  if (record.header.empty() || record.format != Format::nginx_error) return false;
  record.bytes += line.size() + 1;
  if (record.bytes > longest_record) {  // nginx cut the record short: this line is not of it
    record = {};
    return false;
  }
  set_continuation(memory, into);
  memory.since_nginx_error += line.size() + 1;
  const bool is_end = line.find(client_mark) != std::string_view::npos && !may_have_head(line);
  if (is_end || record.bytes == longest_record) record.is_over = true;
  return true;
}

bool read_nginx_orphan(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  static constexpr std::array marks = {client_mark, std::string_view("\", upstream: \""),
                                       std::string_view("\", host: \"")};
  if (may_have_head(line) || line.size() >= longest_record) return false;
  if (memory.since_nginx_error >= longest_record && !line.starts_with('"')) return false;
  const bool is_tail =
      std::any_of(marks.begin(), marks.end(), [&](auto mark) { return line.find(mark) != std::string_view::npos; });
  if (!is_tail) return false;
  into.format = Format::nginx_error;
  into.disowned_bytes = memory.syslog_headers ? 2 * longest_record : longest_record - line.size() - 1;
  memory.since_nginx_error += line.size() + 1;
  return true;
}

}  // namespace triaged

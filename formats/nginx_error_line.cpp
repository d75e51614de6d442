// nginx quotes what clients sent without escaping it: a path is written decoded, so it may hold quotes, ", client: "
// and newlines. What keeps it out of the message:
//
// - Words before the first quote are the program's. The quoted text is cut out, up to the last quote before the mark
//   ", client: ". When that stands more than once, nobody can tell which one is the program's, and all behind the first
//   quote goes.
// - A client can end its own line early and write a record of its own on the next one. Whatever it writes there, nginx
//   puts the rest of the true record behind it. When it stands on the same line, that line has a second ", client: "
//   outside of any value of the suffix, or, cut at the record's greatest length, nginx's "... (2: No such file".
#include "formats/nginx_error_line.hpp"

#include <algorithm>
#include <array>

#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

bool is_level(std::string_view word) {
  static constexpr std::array<std::string_view, 8> levels = {"error", "info",  "notice", "warn",
                                                             "crit",  "alert", "emerg",  "debug"};
  return std::find(levels.begin(), levels.end(), word) != levels.end();
}

/// Is what is quoted behind these words written by the configuration or by the upstream?
bool quotes_no_client(std::string_view before) {
  return before.ends_with("by zone ") || before == "FastCGI sent in stderr: " ||
         (before.starts_with("upstream sent ") && before.ends_with(": ")) ||
         before == "upstream SSL certificate does not match " || before.ends_with("in upstream ");
}

/// Records of a connection that end without ", client: ": nginx takes the log handler off a connection that it closes
/// between two requests, and never calls it for debug lines.
bool is_always_short(const NginxHead& head) {
  return head.level == "debug" ||
         (head.rest.starts_with("client ") && head.rest.ends_with(" closed keepalive connection"));
}

/// "127.0.0.1, server: shop.example.com, request: "GET / HTTP/1.1", …", no quote inside a value.
bool is_well_formed(std::string_view suffix) {
  static constexpr std::array<std::string_view, 6> names = {"request", "subrequest", "upstream",
                                                            "host",    "referrer",   "login"};
  suffix.remove_prefix(std::min(suffix.find(", "), suffix.size()));
  if (suffix.starts_with(", server: ")) suffix.remove_prefix(std::min(suffix.find(", ", 2), suffix.size()));
  while (suffix.starts_with(", ")) {
    const auto colon = suffix.find(": \"");
    if (colon == std::string_view::npos) return false;
    if (std::find(names.begin(), names.end(), suffix.substr(2, colon - 2)) == names.end()) return false;
    const auto closing = suffix.find('"', colon + 3);
    if (closing == std::string_view::npos) return false;
    suffix.remove_prefix(closing + 1);
  }
  return suffix.empty();
}

bool holds_another_end(std::string_view suffix) {
  return contains(suffix, nginx_client_mark) ? !is_well_formed(suffix) : contains(suffix, nginx_cut_mark);
}

/// A subrequest's path and an upstream's URL may be written decoded, so a newline may break the record there.
bool is_broken_in_suffix(std::string_view suffix) { return contains(suffix, ": \"") && !suffix.ends_with('"'); }

constexpr std::string_view not_resolved = " could not be resolved (";

/// "evil.example.com could not be resolved (3: Host not found)": the name may be a part of a decoded path.
std::size_t end_of_name(std::string_view words) {
  const auto at = words.rfind(not_resolved);
  const bool is_cut =
      at != std::string_view::npos && words.substr(0, at).find_first_of(" \"(") != std::string_view::npos;
  return is_cut ? at : std::string_view::npos;
}

NginxText unquoted_text_in(std::string_view words) {
  const bool is_of_client = words.starts_with("[lua] ") || words.starts_with("js: ") || contains(words, not_resolved);
  return is_of_client ? NginxText::path : NginxText::none;
}

NginxWords words_before(std::string_view text, std::size_t client) {
  if (client == std::string_view::npos) {
    return {.before = text, .is_complete = false, .all = text, .text = unquoted_text_in(text)};
  }
  NginxWords words{.before = text.substr(0, client)};
  words.all = words.before;
  words.text = unquoted_text_in(words.all);
  if (const auto name = end_of_name(words.before); name != std::string_view::npos) words.before.remove_prefix(name);
  const auto suffix = text.substr(client + nginx_client_mark.size());
  words.is_forged = holds_another_end(suffix);
  if (words.is_forged) return words;
  words.suffix = suffix;
  words.is_complete = !is_broken_in_suffix(suffix);
  return words;
}

/// What is quoted behind these words.
NginxText text_behind(std::string_view before) {
  if (before == "user ") return NginxText::user;
  if (before == "FastCGI sent in stderr: ") return NginxText::fastcgi;
  if (before == "broken header: ") return NginxText::proxy_header;
  return before.starts_with("client sent ") ? NginxText::header : NginxText::path;
}

/// Words whose quoted text is not a client's: they end with the first ", client: " behind the closing quote.
NginxWords words_with_own_quote(std::string_view text, std::size_t quote) {
  const auto kind = text_behind(text.substr(0, quote));
  const auto closing = text.find("\" while ", quote + 1);
  const bool is_closed = closing != std::string_view::npos || kind != NginxText::fastcgi;
  const auto end_of_words = closing == std::string_view::npos ? quote : closing;
  auto words = words_before(text, is_closed ? text.find(nginx_client_mark, end_of_words) : std::string_view::npos);
  if (!text.substr(0, quote).ends_with("by zone ")) words.text = kind;
  return words;
}

/// Where a client's text ends in `segment`, which is all between the quote that opens it and ", client: ". A user that
/// is not known is named before the password file: user "bob" was not found in "/etc/nginx/htpasswd".
std::size_t closing_quote(std::string_view before, std::string_view segment) {
  constexpr std::string_view not_found = "\" was not found in \"";
  const auto last = segment.rfind('"');
  if (before != "user " || last + 1 != segment.size()) return last;
  const auto file = segment.substr(0, last).rfind('"');
  const bool names_file = file != std::string_view::npos && segment.substr(0, file + 1).ends_with(not_found);
  return names_file ? file + 1 - not_found.size() : last;
}

NginxWords words_around_client(std::string_view text, std::size_t quote, std::size_t client) {
  NginxWords words{.before = text.substr(0, quote), .is_cut = true, .all = text.substr(0, client)};
  words.text = text_behind(words.before);
  if (client == std::string_view::npos) {
    words.is_complete = false;
    return words;
  }
  const auto suffix = text.substr(client + nginx_client_mark.size());
  if (contains(suffix, nginx_client_mark)) return words;
  const auto segment = text.substr(quote + 1, client - quote - 1);
  const auto closing = closing_quote(words.before, segment);
  words.suffix = suffix;
  words.is_complete = !is_broken_in_suffix(suffix);
  if (closing == std::string_view::npos) return words;
  words.quoted = segment.substr(0, closing);
  words.after = segment.substr(closing + 1);
  return words;
}

/// Behind a header nginx says what it was doing, if it was doing anything.
bool ends_header(std::string_view words) {
  const auto closing = words.rfind('"');
  if (closing == std::string_view::npos) return false;
  return closing + 1 == words.size() || words.substr(closing + 1).starts_with(" while ");
}

/// Behind a path nginx says what became of it.
bool ends_path(std::string_view words) {
  return words.ends_with('"') || contains(words, "\" failed (") || contains(words, "\" is not found (") ||
         contains(words, "\" is forbidden");
}

}  // namespace

bool may_have_nginx_head(std::string_view line) { return line.size() > 22 && line[4] == '/' && line[20] == '['; }

std::string_view take_nginx_level(std::string_view& text) {
  if (!text.starts_with('[')) return {};
  const auto end = text.substr(0, 16).find("] ");
  if (end == std::string_view::npos || !is_level(text.substr(1, end - 1))) return {};
  const auto level = text.substr(1, end - 1);
  text.remove_prefix(end + 2);
  return level;
}

std::optional<NginxHead> read_nginx_head(std::string_view line, LogTimes& times) {
  if (!may_have_nginx_head(line)) return std::nullopt;
  NginxHead head;
  std::size_t consumed = 0;
  head.time = times.nginx_error(line, consumed);
  if (!head.time) return std::nullopt;
  auto text = line.substr(consumed + 1);
  head.level = take_nginx_level(text);
  if (head.level.empty()) return std::nullopt;
  Scanner scanner(text);
  std::string_view thread, number;
  if (!scanner.take_digits(head.pid) || !scanner.skip("#") || !scanner.take_digits(thread) || !scanner.skip(": ")) {
    return std::nullopt;
  }
  head.rest = scanner.rest();
  if (scanner.skip("*") && scanner.take_digits(number) && scanner.skip(" ")) {
    head.connection = number;
    head.rest = scanner.rest();
  }
  return head;
}

NginxWords split_nginx_words(const NginxHead& head) {
  const auto text = head.rest;
  if (head.connection.empty()) {
    return {.before = text, .is_forged = contains(text, nginx_client_mark) || contains(text, nginx_cut_mark)};
  }
  const auto quote = text.find('"');
  const bool has_quote = quote != std::string_view::npos;
  if (is_always_short(head)) {
    return {.before = text.substr(0, quote),
            .is_cut = has_quote,
            .all = text,
            .text = has_quote ? NginxText::path : NginxText::none};
  }
  const auto client = text.find(nginx_client_mark);
  if (!has_quote || client < quote) return words_before(text, client);
  if (quotes_no_client(text.substr(0, quote))) return words_with_own_quote(text, quote);
  return words_around_client(text, quote, client);
}

bool begins_nginx_text(NginxText text, std::string_view before) {
  static constexpr std::array<std::string_view, 8> of_header = {"client sent header ",
                                                                "client sent invalid header name: ",
                                                                "client sent invalid header line: ",
                                                                "client sent too long header line: ",
                                                                "client sent duplicate header line: ",
                                                                "client sent duplicate host header: ",
                                                                "client sent unknown pseudo-header ",
                                                                "client sent unknown "};
  static constexpr std::array<std::string_view, 5> of_path = {
      "", "directory index of ", "rewrite or internal redirection cycle while internally redirecting to ",
      "rewrite or internal redirection cycle while processing ",
      "rewrite or internal redirection cycle while redirect to named location "};
  const auto is_one_of = [&](const auto& known) {
    return std::find(known.begin(), known.end(), before) != known.end();
  };
  switch (text) {
    case NginxText::fastcgi:
      return before.starts_with("FastCGI sent in stderr: ");
    case NginxText::header:
      return is_one_of(of_header);
    case NginxText::path:
      return is_one_of(of_path) || (before.ends_with("() ") && before.find(' ') + 1 == before.size());
    default:
      return text_behind(before) == text;
  }
}

bool ends_nginx_text(NginxText text, std::string_view words) {
  switch (text) {
    case NginxText::none:
      return false;
    case NginxText::path:
      return ends_path(words);
    case NginxText::user:
      return words.ends_with("\": password mismatch") || contains(words, "\" was not found in \"");
    case NginxText::fastcgi:
      return contains(words, "\" while ") && words.ends_with(" upstream");
    case NginxText::proxy_header:
      return words.ends_with("\" while reading PROXY protocol");
    case NginxText::header:
      return ends_header(words);
  }
  return false;
}

bool hides_line_feeds(NginxText text, std::string_view suffix) {
  if (text != NginxText::path) return text != NginxText::none;
  // The path of the header X-Accel-Redirect or Destination, and that of a subrequest, are not those of the request.
  return contains(suffix, ", upstream: \"") || contains(suffix, ", subrequest: \"") ||
         contains(suffix, ", request: \"COPY ") || contains(suffix, ", request: \"MOVE ");
}

std::string_view nginx_words_behind_text(std::string_view words) {
  return words.substr(closing_quote("user ", words) + 1);
}

bool may_stand_behind_user(std::string_view words) {
  constexpr std::string_view not_found = " was not found in \"/";
  return words == ": password mismatch" ||
         (words.starts_with(not_found) && !contains(words.substr(not_found.size()), " "));
}

std::string_view nginx_server_in(std::string_view suffix) {
  constexpr std::string_view mark = ", server: ";
  const auto server = suffix.find(mark);
  if (server == std::string_view::npos || server > suffix.find('"')) return {};
  const auto name = suffix.substr(server + mark.size());
  return name.substr(0, name.find(", "));
}

std::string_view nginx_upstream_in(std::string_view suffix) {
  constexpr std::string_view mark = ", upstream: \"";
  const auto upstream = suffix.rfind(mark);
  if (upstream == std::string_view::npos) return {};
  const auto url = suffix.substr(upstream + mark.size());
  return url.substr(0, url.find('"'));
}

bool holds_encoded_line_feed(std::string_view text) {
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    auto digits = text.substr(at + 1);
    while (digits.starts_with("25")) digits.remove_prefix(2);
    if (digits.starts_with("0A") || digits.starts_with("0a")) return true;
  }
  return false;
}

bool path_holds_line_feed(std::string_view suffix) {
  constexpr std::string_view mark = ", request: \"";
  const auto request = suffix.find(mark);
  if (request == std::string_view::npos) return holds_encoded_line_feed(suffix);  // nobody knows what that is
  suffix.remove_prefix(request + mark.size());
  // A request line may hold quotes, and before 1.21.1 blanks: only the last host is known to stand behind it.
  suffix = suffix.substr(0, suffix.rfind("\", host: \""));
  return holds_encoded_line_feed(suffix.substr(0, suffix.find('?')));
}

bool ends_nginx_record(std::string_view line) {
  if (may_have_nginx_head(line)) {
    LogTimes times(std::chrono::seconds(0), TimePoint());
    const auto head = read_nginx_head(line, times);
    return head && split_nginx_words(*head).is_forged;
  }
  static constexpr std::array marks = {nginx_client_mark, nginx_cut_mark, std::string_view("\", upstream: \""),
                                       std::string_view("\", host: \"")};
  return std::any_of(marks.begin(), marks.end(), [&](auto mark) { return contains(line, mark); });
}

}  // namespace triaged::formats

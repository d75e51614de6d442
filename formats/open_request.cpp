// Lines about requests that a raw line feed broke. Gunicorn writes the user's name of basic authentication as it was
// decoded, and before 22 the values of headers as they came: "127.0.0.1 - x", any line, and the rest of the true one.
//
// Quotes it does escape, and a user's name has no colon. So neither can hold an access line of its own: the next whole
// one ends what is open.
#include <algorithm>
#include <utility>

#include "formats/reader_memory.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

/// More than a server accepts of a request's line and headers.
constexpr std::size_t longest_request = 64 * 1024;

bool is_digits(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

/// `127.0.0.1`, `::1`, `[::1]:8080`, `shop.example.com:443`, `unix:`, `localhost`, `-`; not `upload:` and
/// `ERROR:9.9.9.9`.
bool is_host(std::string_view word) {
  if (word.empty() || word.size() > 255) return false;
  if (word == "-" || word == "localhost" || word.starts_with("unix:")) return true;
  std::size_t colons = 0;
  bool has_dot = false, is_hexadecimal = true;
  for (const char c : word) {
    const bool is_plain = is_digit(c) || is_lower(c) || is_upper(c) || c == '-' || c == '_' || c == '[' || c == ']';
    if (!is_plain && c != '.' && c != ':') return false;
    colons += c == ':' ? 1 : 0;
    has_dot = has_dot || c == '.';
    is_hexadecimal = is_hexadecimal && (!is_plain || is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
  }
  if (colons == 0) return has_dot;
  if (word[0] == '[' || colons == 1) {
    return word.ends_with(']') || is_digits(word.substr(word.rfind(':') + 1));
  }
  return is_hexadecimal && (contains(word, "::") || colons >= 6);
}

/// A server's name, a port, a request's number: what an access log may have in front of the address. In other logs an
/// application's words may stand there, and a client's behind them.
bool is_plain_word(std::string_view word) {
  return !word.empty() && word.size() <= 64 && std::all_of(word.begin(), word.end(), [](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || c == '-' || c == '_' || c == '.';
  });
}

bool is_access(Format format) { return format == Format::nginx_access || format == Format::gunicorn_access; }

/// With this line the client's text is over: `] "` behind a user's name, `=> generated 521 bytes`, `(request: "GET
/// /x.php") execution timed out`.
bool ends_request(std::string_view line, OpenRequest& request, LogTimes& times) {
  if (request.format == Format::uwsgi) {
    request.is_in_user = request.is_in_user && end_of_uwsgi_head(line, times) == std::string_view::npos;
    return !request.is_in_user && ends_uwsgi_request(line);
  }
  if (request.format == Format::php_fpm) return contains(line, "\") ");
  const bool has_odd_quotes = ends_in_quotes(line);
  if (request.is_in_quotes) return has_odd_quotes;
  if (!contains(line, "] \"")) return false;
  request.is_in_quotes = has_odd_quotes;
  return !has_odd_quotes;
}

}  // namespace

std::optional<AccessStart> read_access_start(std::string_view line, bool is_access_log) {
  // By hand: what stands before is shorter than memchr is worth. Of several addresses, as proxies list them, or of a
  // virtual host and an address, the last one is the client.
  if (line.starts_with(" - ")) return AccessStart{{}, 3};  // Gunicorn behind a Unix socket
  std::size_t begin = 0;
  for (int words = 0; words < 8; ++words) {
    std::size_t end = begin;
    while (end < line.size() && line[end] != ' ') ++end;
    if (end == line.size()) return std::nullopt;
    auto word = line.substr(begin, end - begin);
    const bool has_more = word.ends_with(',');
    if (has_more) word.remove_suffix(1);
    const bool is_client = is_host(word);
    if (!is_client && !(is_access_log && !has_more && is_plain_word(word))) return std::nullopt;
    if (is_client && !has_more && line.substr(end, 3) == " - ") return AccessStart{word, end + 3};
    begin = end + 1;
  }
  return std::nullopt;
}

bool quotes_request_behind_zone(std::string_view line, std::size_t quote) {
  if (quote == std::string_view::npos || quote < 8) return false;
  const auto zone = line.substr(quote - 6, 6);
  return (zone[0] == '+' || zone[0] == '-') && zone.ends_with(' ') && line[quote - 7] == ' ' &&
         zone.substr(1, 4).find_first_not_of("0123456789") == std::string_view::npos;
}

bool ends_in_quotes(std::string_view text) {
  bool is_quoted = false;
  for (auto at = text.find('"'); at != std::string_view::npos; at = text.find('"', at + 1)) {
    if (at == 0 || text[at - 1] != '\\') is_quoted = !is_quoted;
  }
  return is_quoted;
}

void open_request(std::string_view line, Format format, ReaderMemory& memory) {
  memory.request = {.format = format,
                    .bytes = line.size() + 1,
                    .is_in_quotes = ends_in_quotes(line),
                    .program = std::string(memory.program_tag)};
}

bool continues_request(std::string_view line, ReaderMemory& memory, ReadLine& into) {
  if (memory.request.bytes == 0 || memory.request.program != memory.program_tag) return false;
  auto request = std::exchange(memory.request, {});
  request.bytes += line.size() + 1;
  if (request.bytes > longest_request) return false;
  if (is_access(request.format) && read_access(line, memory, into)) return true;
  // The reach of a program that escapes nothing begins where the request ends.
  if (memory.unescaped.bytes_ago < UnescapedRequests::reach) memory.unescaped.bytes_ago = 0;
  into.format = request.format;
  if (!ends_request(line, request, memory.times)) memory.request = std::move(request);
  return true;
}

}  // namespace triaged::formats

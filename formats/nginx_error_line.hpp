// One line of nginx's error log taken apart: its head, the program's words, the client's text that stands among them,
// and the part that nginx adds to every record of a connection (", client: A, server: S, request: "R", …").
#pragma once

#include <optional>
#include <string_view>

#include "formats/log_time.hpp"

namespace triaged::formats {

/// NGX_MAX_ERROR_STR: no record is longer, line end included; one that would be is cut to exactly this.
inline constexpr std::size_t longest_nginx_record = 2048;

/// With this the part begins that nginx adds; every record of a connection has it (see is_always_short()).
inline constexpr std::string_view nginx_client_mark = ", client: ";

/// ngx_log_errno() makes room for the error in a record that is too long: "... (2: No such file or directory)".
inline constexpr std::string_view nginx_cut_mark = "... (";

/// "2026/11/21 01:15:46 [error] 1851#1851: *115 ".
struct NginxHead {
  std::optional<TimePoint> time;
  std::string_view level, pid;
  std::string_view connection;  // empty: none
  std::string_view rest;        // the words and all behind them
};

/// Which kind of client's text stands among the words of a record: it decides how the record's true end looks, and
/// whether that end shows that a line feed stands in the text.
enum class NginxText {
  none,          // nothing in which a line feed may stand
  path,          // a decoded path: its line feed stands in the request line too, as %0A
  user,          // decoded from the Authorization header, which is not logged
  fastcgi,       // what an application wrote to FastCGI's standard error
  proxy_header,  // raw bytes in the place of a PROXY header
  header,        // raw bytes in the place of a header
};

struct NginxWords {
  std::string_view before;  // up to the quote that opens a client's text, or all of the words
  std::string_view quoted;  // the client's text, when it is known where it ends
  std::string_view after;   // behind the quote that closes it
  bool is_cut = false;      // a client's text stands between `before` and `after`
  std::string_view suffix;  // behind ", client: "; empty: there is none, or nobody can say which one is nginx's
  bool is_complete = true;  // the record ends on this line
  std::string_view all;     // up to ", client: ", the client's text included
  NginxText text = NginxText::none;
  bool is_forged = false;  // the line ends with the end of another record: a client wrote what stands before it
};

/// Cheap, and false for every line without a head.
[[nodiscard]] bool may_have_nginx_head(std::string_view line);
[[nodiscard]] std::optional<NginxHead> read_nginx_head(std::string_view line, LogTimes& times);

[[nodiscard]] NginxWords split_nginx_words(const NginxHead& head);

/// Does the program write exactly this in front of a client's text of that kind?
[[nodiscard]] bool begins_nginx_text(NginxText text, std::string_view before);
/// May these words end a record with a client's text of that kind?
[[nodiscard]] bool ends_nginx_text(NginxText text, std::string_view words);
/// Does the suffix of a record with such a text show nothing of a line feed in it?
[[nodiscard]] bool hides_line_feeds(NginxText text, std::string_view suffix);
/// What the program itself writes behind the text, as far as that can be told from the words alone.
[[nodiscard]] std::string_view nginx_words_behind_text(std::string_view words);
/// Are these words such as nginx writes behind a user's name, with no more than one word of somebody else's in them?
[[nodiscard]] bool may_stand_behind_user(std::string_view words);
/// "shop.example.com" of "127.0.0.1, server: shop.example.com, request: …".
[[nodiscard]] std::string_view nginx_server_in(std::string_view suffix);
/// The URL behind the last ", upstream: ".
[[nodiscard]] std::string_view nginx_upstream_in(std::string_view suffix);
/// "%0A", also when it was encoded more than once.
[[nodiscard]] bool holds_encoded_line_feed(std::string_view text);
/// The same in the path of the request line: the part of a suffix that nginx decodes. Queries and referrers hold line
/// feeds by honest means (GraphQL and PromQL in a GET), and nobody decodes them.
[[nodiscard]] bool path_holds_line_feed(std::string_view suffix);

/// Does this line end with the end of a record that began on another one?
[[nodiscard]] bool ends_nginx_record(std::string_view line);

/// The level in "[emerg] ", taken from the start of `text`; empty when something else stands there.
[[nodiscard]] std::string_view take_nginx_level(std::string_view& text);

}  // namespace triaged::formats

// The product's first promise: what a client sent is never taken for the program's words. Random texts with everything
// that means something in a log line are put wherever a client can put them, escaped as each program escapes them.
#include <functional>

#include <gtest/gtest.h>

#include "tests/support/log_lines.hpp"

namespace triaged {
namespace {

const std::vector<std::string> meaningful = {"\"",
                                             "\\",
                                             "\\\"",
                                             ", client: ",
                                             "\" ",
                                             "[error]",
                                             "{",
                                             "}",
                                             "]",
                                             "[",
                                             "] \"",
                                             " HTTP/1.1\" 502 1 \"",
                                             "(111: ",
                                             "(2: ",
                                             " while ",
                                             "... (2: ",
                                             " failed ",
                                             "\" failed (",
                                             "\": ",
                                             "\" was not found in \"",
                                             ", host: \"",
                                             ", server: ",
                                             ", ",
                                             ", upstream: \"http://",
                                             ", request: \"GET ",
                                             ", subrequest: \"",
                                             "\", referrer: \"",
                                             "by zone ",
                                             "\" while ",
                                             "FastCGI sent in stderr: ",
                                             "127.0.0.1",
                                             "connect() failed (111: Connection refused) while connecting to upstream",
                                             "\t",
                                             "\xff",
                                             "\x80\xc3",
                                             "[21/Nov/2026:01:15:44 +0000]",
                                             "\",\"status\":502,\"",
                                             ":",
                                             "- -",
                                             " 502 "};

/// As nginx's access log writes what is not plain text: \x22.
std::string with_hexadecimal(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
      constexpr std::string_view digits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      escaped += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    } else {
      escaped += c;
    }
  }
  return escaped;
}

/// As Gunicorn's access log does, which leaves backslashes alone.
std::string with_quotes_escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '"' ? "\\\"" : std::string(1, c);
  return escaped;
}

/// As nginx does for escape=json.
std::string as_json(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c == '\t' ? ' ' : c;
  }
  return escaped;
}

using Template = std::function<std::string(const std::string&)>;

struct Place {
  std::string name, source;
  Template line;
};

std::ostream& operator<<(std::ostream& out, const Place& place) { return out << place.name; }

/// A line of nginx's error log with a client's text in its words, its request, its host or its referrer.
Place in_error(const std::string& name, const std::string& before, const std::string& after) {
  return {name, "error.log", [=](const std::string& text) {
            return "2026/11/21 01:14:18 [error] 386#386: *115 " + before + text + after;
          }};
}

const std::string request_part = R"(, request: "GET / HTTP/1.1", host: "shop.example.com")";
const std::string client_part = ", client: 127.0.1.66, server: shop.example.com";
const std::string refused = "connect() failed (111: Connection refused) while connecting to upstream";

const Place places[] = {
    in_error("OpenedFile", "open() \"/srv/www/",
             "\" failed (2: No such file or directory)" + client_part + request_part),
    in_error("MissingIndex", "\"/srv/www/", "/index.html\" is not found (2: No such file or directory)" + client_part),
    in_error("ForbiddenFolder", "directory index of \"/srv/www/", "/\" is forbidden" + client_part + request_part),
    in_error("UnknownUser", "user \"", "\" was not found in \"/etc/nginx/htpasswd\"" + client_part + request_part),
    in_error("WrongPassword", "user \"", "\": password mismatch" + client_part + request_part),
    in_error("RewriteCycle", "rewrite or internal redirection cycle while internally redirecting to \"/",
             "\"" + client_part + request_part),
    in_error("ErrorRequest", refused + client_part + ", request: \"GET /",
             " HTTP/1.1\", upstream: \"http://127.0.0.1:8000/\", host: \"h\""),
    in_error("ErrorHost", refused + client_part + ", request: \"GET / HTTP/1.1\", host: \"", "\""),
    in_error("ErrorReferrer",
             refused + client_part + ", request: \"GET / HTTP/1.1\", host: \"shop.example.com\", referrer: \"", "\""),
    {"AccessRequest", "access.log",
     [](const std::string& text) {
       return "127.0.0.1 - - [21/Nov/2026:01:06:54 +0000] \"GET /" + with_hexadecimal(text) +
              " HTTP/1.1\" 200 515 \"-\" \"-\"";
     }},
    {"AccessUser", "access.log",
     [](const std::string& text) {
       return "127.0.0.1 - " + with_hexadecimal(text) +
              " [21/Nov/2026:01:06:54 +0000] \"GET / HTTP/1.1\" 200 515 \"-\" \"-\"";
     }},
    {"AccessReferrerAndAgent", "access.log",
     [](const std::string& text) {
       return "127.0.0.1 - - [21/Nov/2026:01:06:54 +0000] \"GET / HTTP/1.1\" 200 515 \"" + with_hexadecimal(text) +
              "\" \"" + with_hexadecimal(text) + "\"";
     }},
    {"GunicornRequest", "gunicorn-access.log",
     [](const std::string& text) {
       return "127.0.0.1 - - [21/Nov/2026:01:06:54 +0000] \"GET /" + with_quotes_escaped(text) +
              " HTTP/1.1\" 200 515 \"-\" \"-\"";
     }},
    {"GunicornUser", "gunicorn-access.log",
     [](const std::string& text) {
       return "127.0.0.1 - " + with_quotes_escaped(text) +
              " [21/Nov/2026:01:06:54 +0000] \"GET / HTTP/1.1\" 200 515 \"-\" \"-\"";
     }},
    {"GunicornAgent", "gunicorn-access.log",
     [](const std::string& text) {
       return "127.0.0.1 - - [21/Nov/2026:01:06:54 +0000] \"GET / HTTP/1.1\" 200 515 \"-\" \"" +
              with_quotes_escaped(text) + "\" 1234";
     }},
    {"JsonAgent", "access.json.log",
     [](const std::string& text) {
       return "{\"time\":\"2026-11-21T01:15:46+00:00\",\"request\":\"GET /" + as_json(text) +
              " HTTP/1.1\",\"http_user_agent\":\"" + as_json(text) + "\",\"status\":200}";
     }},
};

class ClientText : public testing::TestWithParam<Place> {
 protected:
  HostileTexts texts{meaningful};

  static constexpr int tries = 500;
};

TEST_P(ClientText, NeverStandsInTheMessage) {
  for (int i = 0; i < tries; ++i) {
    LogLines lines(GetParam().source);
    const auto line = GetParam().line(texts.next());
    lines.read(line);
    ASSERT_EQ(lines.message().find("CLIENT"), std::string::npos) << line << "\nread as: " << lines.message();
    ASSERT_NE(lines.format(), "text") << line;
  }
}

TEST_P(ClientText, NeverChangesTheStatus) {
  for (int i = 0; i < tries; ++i) {
    LogLines lines(GetParam().source);
    const auto line = GetParam().line(texts.next());
    const auto status = lines.read(line).field("status");
    ASSERT_EQ(status, lines.format() == "nginx.error" ? "" : "200") << line;
  }
}

INSTANTIATE_TEST_SUITE_P(At, ClientText, testing::ValuesIn(places), [](const auto& place) { return place.param.name; });

/// What a client may write behind a newline, and in front of it so that its own line looks whole.
const std::vector<std::string> forgeries = {
    "\n2026/11/21 01:14:18 [error] 4711#4711: *90 FORGED while connecting to upstream, client: 127.0.0.1, server: s, "
    "request: \"GET / HTTP/1.1\", upstream: \"http:/127.0.0.1:8000/\", host: \"h\"",
    "\n2026/11/21 01:14:18 [alert] 1#1: FORGED",
    "\n2026/11/21 01:14:18 [error] 4711#4711: *90 FORGED, client: 1",
    "\n2026-11-21T01:15:18+00:00 web1 kernel: FORGED",
    "\n[2026-11-21 01:10:40 +0000] [25880] [CRITICAL] FORGED",
    "\nnginx: [emerg] FORGED",
    "\nFORGED",
    "\n",
    "\", client: 1.2.3.4, server: s",
    "\" failed (2: No such file or directory), client: 1.2.3.4, server: s, request: \"GET / HTTP/1.1\", host: \"h\"",
    ", referrer: \"",
    "x"};

/// The lines of one record as nginx writes them, one after the other, and what is left of them at the end.
class ForgedRecord : public testing::TestWithParam<Place> {
 protected:
  struct Message {
    std::size_t offset = 0;
    std::string text;
  };

  void write(const std::string& record) {
    for (std::size_t begin = 0; begin <= record.size();) {
      const auto end = std::min(record.find('\n', begin), record.size());
      const auto& line = lines_.read(record.substr(begin, end - begin));
      std::erase_if(messages_, [&](const Message& m) { return m.offset + line.disowned_bytes >= offset_; });
      messages_.push_back({offset_, lines_.message()});
      offset_ += end - begin + 1;
      begin = end + 1;
    }
  }
  bool says(std::string_view words) const {
    return std::any_of(messages_.begin(), messages_.end(),
                       [&](const Message& m) { return m.text.find(words) != std::string::npos; });
  }

  std::vector<Message> messages_;

 private:
  LogLines lines_{"error.log"};
  std::size_t offset_ = 0;
};

/// ngx_log_errno() and ngx_log_error_core() of a record that is too long.
std::string cut_by_nginx(const std::string& words, const std::string& error, const std::string& suffix) {
  auto record = words;
  if (!error.empty() && record.size() > 2048 - 50) record = record.substr(0, 2048 - 50) + "...";
  return (record + error + suffix).substr(0, 2047);
}

TEST_P(ForgedRecord, NeverSpeaks) {
  HostileTexts texts(forgeries);
  const auto whole = GetParam().line("MARK");
  const auto mark = whole.find("MARK");
  const auto error_at = whole.find(" (2:");
  const auto client_at = whole.find(client_part);
  for (int i = 0; i < 500; ++i) {
    std::string text;
    for (int part = 0; part < 3; ++part) text += texts.next() + "x";
    if (i % 3 == 0) text += std::string(2048, 'y');
    const auto words_end = std::min(error_at, client_at);
    const auto record = cut_by_nginx(whole.substr(0, mark) + text + whole.substr(mark + 4, words_end - mark - 4),
                                     whole.substr(words_end, client_at - words_end), whole.substr(client_at));
    write(record);
    ASSERT_FALSE(says("FORGED")) << record;
    write(std::string(2048, '-') + "\n" + std::string(2048, '-'));
    messages_.clear();
  }
}

INSTANTIATE_TEST_SUITE_P(At, ForgedRecord, testing::ValuesIn(std::begin(places), std::begin(places) + 6),
                         [](const auto& place) { return place.param.name; });

}  // namespace
}  // namespace triaged

// The product's first promise: what a client sent is never taken for the program's words. Random texts with everything
// that means something in a log line are put wherever a client can put them, escaped as each program escapes them.
#include <cctype>
#include <functional>

#include <gtest/gtest.h>

#include "tests/support/log_lines.hpp"

namespace triaged::formats {
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

/// As a path stands in a request line.
std::string with_percents(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '.' || c == '-') {
      encoded += c;
      continue;
    }
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return encoded;
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

/// A text of a client's in a record of nginx's error log, decoded, and how the request line shows it.
struct Text {
  std::string name;
  std::string before, after;       // around it
  bool is_in_request_line = true;  // encoded; else in a header that is not logged
  bool has_error_number = false;   // behind it, as nginx keeps it when it cuts the record
};

std::ostream& operator<<(std::ostream& out, const Text& text) { return out << text.name; }

const Text texts_of_clients[] = {
    {"OpenedFile", R"(open() "/srv/www/)", R"(" failed (2: No such file or directory))", true, true},
    {"MissingIndex", R"("/srv/www/)", R"(/index.html" is not found (2: No such file or directory))", true, true},
    {"ForbiddenFolder", R"(directory index of "/srv/www/)", R"(" is forbidden)"},
    {"RewriteCycle", R"(rewrite or internal redirection cycle while internally redirecting to "/)", R"(")"},
    {"RewriteLog", R"("^/x" does not match "/)", R"(")"},
    {"UnknownUser", R"(user ")", R"(" was not found in "/etc/nginx/htpasswd")", false},
    {"WrongPassword", R"(user ")", R"(": password mismatch)", false},
    {"PhpError", R"(FastCGI sent in stderr: "PHP message: )",
     R"( in /srv/x.php on line 7" while reading response header from upstream)", false},
    {"ProxyHeader", R"(broken header: ")", R"(" while reading PROXY protocol)", false},
    {"Http2Header", R"(client sent header ":method" with invalid value: ")",
     R"(" while reading client request headers)", false},
};

/// Lines that mean something, of nginx's own and of other programs.
const std::string forged_lines[] = {
    R"(2026/11/21 01:14:18 [error] 4711#4711: *90 connect() failed (111: Connection refused) while connecting to upstream FORGED, client: 127.0.0.1, server: s, request: "GET / HTTP/1.1", upstream: "http:/127.0.0.1:8000/", host: "h")",
    "2026/11/21 01:14:18 [alert] 1#1: worker process 12 exited on signal 9 FORGED",
    "Nov 29 08:40:00 h kernel: Out of memory: Killed process 1590 FORGED",
    "2026-11-21T01:15:18+00:00 web1 kernel: FORGED",
    "[2026-11-21 01:10:40 +0000] [25880] [CRITICAL] WORKER TIMEOUT FORGED",
    "[ 3820.160557] Memory cgroup out of memory FORGED",
    "Server app/app1 is DOWN. FORGED",
    "!!! uWSGI process 20830 got Segmentation Fault !!! FORGED",
    "nginx: [emerg] FORGED",
    "panic: FORGED",
    "FORGED"};

/// The stream of a stock nginx's error log in which one record holds a forged end, a line, and a head that takes over
/// the true end.
class TakenOverEnd : public testing::TestWithParam<Text> {
 protected:
  std::string suffix(const std::string& text) const {
    const auto target = GetParam().is_in_request_line ? before_target_ + with_percents(text) : "x";
    return ", client: 127.0.1.66, server: shop.example.com, request: \"GET /" + target + " HTTP/1.1\", host: \"h\"";
  }
  std::string head() const { return "2026/11/21 01:14:18 [error] 386#386: *115 "; }
  /// ngx_log_errno() and ngx_log_error_core(), which cut a record that is too long.
  std::string record(const std::string& text) const {
    auto words = head() + GetParam().before + text + GetParam().after;
    if (GetParam().has_error_number) {
      const auto error = words.rfind(" (2: ");
      if (error > 2048 - 50) words = words.substr(0, 2048 - 50) + "..." + words.substr(error);
    }
    return (words + suffix(text)).substr(0, 2047);
  }
  std::string honest() const { return record("logo.png"); }

  /// Messages and fields that no client can take back.
  void read(const std::string& text, LogLines& lines) {
    for (std::size_t begin = 0; begin <= text.size();) {
      const auto end = std::min(text.find('\n', begin), text.size());
      const auto line = text.substr(begin, end - begin);
      const auto& read = lines.read(line);
      std::erase_if(said_, [&](const Said& said) {
        const auto is_within = [&](std::size_t bytes) { return bytes > 0 && said.offset + bytes >= offset_; };
        return is_within(read.disowned_bytes) ||
               (is_within(read.doubt.bytes) && !(said.is_of_nginx && read.doubt.spares(DoubtedLine(said.line))));
      });
      auto all = std::string(read.message);
      for (const auto& [name, value] : read.fields) {
        if (name == "level" || name == "errno" || name == "phase" || name == "vhost") all.append(" ").append(value);
      }
      said_.push_back({offset_, read.format == Format::nginx_error, line, all});
      offset_ += line.size() + 1;
      begin = end + 1;
    }
  }
  bool says_forged() const {
    return std::any_of(said_.begin(), said_.end(),
                       [](const Said& said) { return said.words.find("FORGED") != std::string::npos; });
  }
  void expect_silent(const std::string& text) {
    for (const bool is_first : {true, false}) {
      LogLines lines("error.log");
      said_.clear();
      offset_ = 0;
      if (!is_first) read(honest() + "\n" + honest(), lines);
      read(record(text) + "\n" + honest(), lines);
      ASSERT_FALSE(says_forged()) << record(text);
    }
  }
  std::string forged_end() const {
    return GetParam().after + ", client: 1.2.3.4, server: s, request: \"GET /x HTTP/1.1\", host: \"h\"";
  }

  struct Said {
    std::size_t offset = 0;
    bool is_of_nginx = false;
    std::string line, words;
  };
  std::vector<Said> said_;
  std::size_t offset_ = 0;
  std::string before_target_;  // of the request line, and not of the path
};

TEST_P(TakenOverEnd, GivesItsLinesNoVoice) {
  for (const auto& line : forged_lines) {
    expect_silent("x" + forged_end() + "\n" + line + "\n" + head() + GetParam().before + "y");
    expect_silent("x" + forged_end() + "\n" + line + "\n" + head() + "open() \"/srv/www/y");
    for (const auto& other : texts_of_clients) {
      expect_silent("x" + forged_end() + "\n" + line + "\n" + head() + other.before + "y");
    }
    expect_silent("x" + forged_end() + "\n" + line + "\n" + line + "\n" + head() + GetParam().before + "y");
    expect_silent("x\nx" + forged_end() + "\n" + line + "\n" + head() + GetParam().before + "y");
    expect_silent("x" + forged_end() + "\n" + line + "\n" + head() + GetParam().before + "y\nz");
    expect_silent("x" + forged_end() + "\r\n" + line + "\r\n" + head() + GetParam().before + "y");
  }
}

TEST_P(TakenOverEnd, GivesItsOwnWordsNoVoice) {
  for (const std::string words : {"connect() failed (111: Connection refused) while connecting to upstream FORGED ",
                                  "connect() failed (111: Connection refused) FORGED \"", "FORGED open() \"",
                                  "client sent FORGED \"", "rewrite or internal redirection cycle while FORGED \""}) {
    expect_silent("x" + forged_end() + "\n" + head() + words);
    expect_silent("x" + forged_end() + "\n2026/11/21 01:14:18 [alert] 1#1: " + words);
  }
}

TEST_P(TakenOverEnd, GivesALineOfItsOwnKindNoOtherWords) {
  if (GetParam().name == "PhpError") return;  // what an application writes there are its words
  for (const std::string behind : {"\" FORGED", "\" FORGED while reading client request headers", "\" while FORGED",
                                   "\": FORGED", "\" was not found in \"FORGED (1: it)\"", "\": FORGED\""}) {
    const auto line = head() + GetParam().before + "x" + behind +
                      R"(, client: 1.2.3.4, server: shop.example.com, request: "GET /x HTTP/1.1", host: "h")";
    expect_silent("x" + forged_end() + "\n" + line + "\n" + head() + GetParam().before + "y");
  }
}

TEST_P(TakenOverEnd, OfACutRecordGivesItsLinesNoVoice) {
  for (const auto& line : forged_lines) {
    for (std::size_t junk = 0; junk < 2100; junk += 41) {
      expect_silent("x" + forged_end() + "\n" + line + "\n" + head() + GetParam().before + std::string(junk, 'y'));
    }
  }
}

TEST_P(TakenOverEnd, WhoseRequestLineNginxCutBeforeTheLineFeedGivesItsLinesNoVoice) {
  for (int i = 0; i < 1000; ++i) before_target_ += "./";  // nginx takes them out of the path
  for (const auto& line : forged_lines) {
    expect_silent("x" + forged_end() + "\n" + line + "\n" + head() + GetParam().before + "y");
    expect_silent("x" + forged_end() + "\n" + line + "\n" + line + "\n" + head() + GetParam().before + "y\nz");
  }
}

TEST_P(TakenOverEnd, IsFoundBehindAsManyHeadsAsARecordHolds) {
  for (const auto& line : forged_lines) {
    std::string text = "x" + forged_end() + "\n" + line;
    for (int i = 0; i < 12; ++i) text += "\n2026/11/21 01:14:18 [warn] 1#1: *1 \"";
    expect_silent(text + "\n" + head() + GetParam().before + "y");
  }
}

INSTANTIATE_TEST_SUITE_P(Of, TakenOverEnd, testing::ValuesIn(texts_of_clients),
                         [](const auto& text) { return text.param.name; });

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
    auto suffix = whole.substr(client_at);
    if (const auto target = suffix.find("GET /"); target != std::string::npos) {
      suffix.insert(target + 5, with_percents(text));
    }
    const auto record = cut_by_nginx(whole.substr(0, mark) + text + whole.substr(mark + 4, words_end - mark - 4),
                                     whole.substr(words_end, client_at - words_end), suffix);
    write(record);
    ASSERT_FALSE(says("FORGED")) << record;
    write(std::string(2048, '-') + "\n" + std::string(2048, '-'));
    messages_.clear();
  }
}

INSTANTIATE_TEST_SUITE_P(At, ForgedRecord, testing::ValuesIn(std::begin(places), std::begin(places) + 6),
                         [](const auto& place) { return place.param.name; });

}  // namespace
}  // namespace triaged::formats

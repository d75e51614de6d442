// The server as clients meet it, over loopback.
#include "admin/http_server.hpp"

#include <cstring>
#include <future>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/must.hpp"

namespace triaged::admin {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class HttpServerTest : public testing::Test {
 protected:
  /// A client's socket, connected and with `text` sent.
  [[nodiscard]] int client_that_sends(const std::string& text) const {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr generic{};
    static_assert(sizeof(generic) == sizeof(address));
    std::memcpy(&generic, &address, sizeof(address));
    EXPECT_EQ(::connect(client, &generic, sizeof(generic)), 0);
    for (std::size_t sent = 0; sent < text.size();) {
      const auto count = ::send(client, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
    return client;
  }

  /// Everything that comes until the server ends the connection.
  [[nodiscard]] std::string answer_to(const std::string& text) const {
    const int client = client_that_sends(text);
    std::string answer;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::recv(client, buffer, sizeof(buffer), 0)) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(client);
    return answer;
  }

  static constexpr auto health_request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

  AdminRequest seen;
  std::promise<void> may_end;
  std::shared_future<void> end = may_end.get_future().share();
  std::unique_ptr<HttpServer> server =
      must(HttpServer::open({.host = "127.0.0.1", .port = 0},
                            {.answer =
                                 [this](const AdminRequest& request) {
                                   if (request.path != "/healthz") seen = request;
                                   if (request.path == "/broken") throw std::runtime_error("out of order");
                                   if (request.path == "/slow") end.wait();
                                   return AdminAnswer{.body = "hello\n"};
                                 },
                             .comes_first = [](const AdminRequest& request) { return request.path == "/healthz"; }}));
};

TEST_F(HttpServerTest, GivesTheRequestDecodedAndSendsTheAnswer) {
  const auto answer = answer_to(
      "POST /a%20b/c?all=1&q=x+y HTTP/1.1\r\nHost: localhost\r\nX-Thing: one\r\nContent-Length: 8\r\n"
      "Connection: close\r\n\r\nworked=1");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none';"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello\n"));
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/a b/c");
  EXPECT_EQ(seen.query.at("q"), "x y");
  EXPECT_EQ(seen.header("x-thing"), "one");
  EXPECT_EQ(seen.header("host"), "localhost");
  EXPECT_EQ(seen.body, "worked=1");
}

TEST_F(HttpServerTest, AnswersSeveralRequestsOfOneConnection) {
  const auto answer =
      answer_to("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("hello\nHTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(seen.path, "/2");
}

TEST_F(HttpServerTest, RefusesAHeaderThatDecidesWhoMayAskWhenItComesTwice) {
  for (const std::string name : {"Host", "Origin", "Sec-Fetch-Site", "Authorization"}) {
    const auto lower = std::string(1, static_cast<char>(std::tolower(name[0]))) + name.substr(1);
    const auto answer = answer_to("GET /x HTTP/1.1\r\n" + std::string(name == "Host" ? "" : "Host: localhost\r\n") +
                                  name + ": localhost\r\n" + lower + ": localhost\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << name;
    EXPECT_THAT(answer, EndsWith("the request has more than one header '" + name + "'\n"));
  }
  EXPECT_EQ(seen.path, "");
}

TEST_F(HttpServerTest, SendsOnlyTheHeaderToHead) {
  const auto answer = answer_to("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(HttpServerTest, RefusesWhatIsTooLargeOrNoRequest) {
  EXPECT_THAT(answer_to("\x16\x03\x01\x02\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  const std::string large(HttpServer::largest_header + 1, 'x');
  EXPECT_THAT(answer_to("GET / HTTP/1.1\r\nX: " + large + "\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(seen.method, "");
}

TEST_F(HttpServerTest, SaysSoWhenAnAnswerFailsAndGoesOn) {
  const auto broken = "GET /broken HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  for (std::size_t i = 0; i <= HttpServer::most_connections; ++i) {
    const auto answer = answer_to(broken);
    ASSERT_THAT(answer, StartsWith("HTTP/1.1 500 ")) << i;
    ASSERT_THAT(answer, EndsWith("\r\n\r\ntriaged could not answer: out of order\n")) << i;
  }
  EXPECT_THAT(answer_to("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), EndsWith("hello\n"));
}

TEST_F(HttpServerTest, HasRoomForANewClientWhenAllOthersAreSlow) {
  std::vector<int> slow;
  for (std::size_t i = 0; i < 2 * HttpServer::most_connections; ++i) {
    slow.push_back(client_that_sends("GET /healthz HTTP/1.1\r\nHost: loc"));
  }
  EXPECT_THAT(answer_to(health_request), EndsWith("hello\n"));
  // Who came last of the slow ones is still being waited for.
  const std::string rest = "alhost\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(::send(slow.back(), rest.data(), rest.size(), MSG_NOSIGNAL), static_cast<ssize_t>(rest.size()));
  char beginning[13] = {};
  EXPECT_EQ(::recv(slow.back(), beginning, 12, MSG_WAITALL), 12);
  EXPECT_STREQ(beginning, "HTTP/1.1 200");
  for (const int client : slow) ::close(client);
}

TEST_F(HttpServerTest, AnswersWhatComesFirstWhileAllConnectionsWaitForOneAnswer) {
  std::vector<int> others;
  for (std::size_t i = 0; i < HttpServer::most_connections; ++i) {
    others.push_back(client_that_sends("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }
  EXPECT_THAT(answer_to(health_request), EndsWith("hello\n"));
  for (const int client : others) ::close(client);
  may_end.set_value();
}

TEST_F(HttpServerTest, EndsTheConnectionsOfIdleClientsWhenItEnds) {
  std::vector<int> idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(client_that_sends("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }
  for (const int client : idle) {
    char answer[12] = {};
    EXPECT_EQ(::recv(client, answer, sizeof(answer), MSG_WAITALL), static_cast<ssize_t>(sizeof(answer)));
  }
  // The server takes one thing after another: it waits for the next request of each of them now.
  EXPECT_THAT(answer_to(health_request), EndsWith("hello\n"));
  server.reset();
  for (const int client : idle) {
    char buffer[4096];
    while (::recv(client, buffer, sizeof(buffer), 0) > 0) {
    }
    ::close(client);
  }
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  const auto second = HttpServer::open({.host = "127.0.0.1", .port = server->port()}, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            "cannot listen at 127.0.0.1:" + std::to_string(server->port()) + ": Address already in use");
}

}  // namespace
}  // namespace triaged::admin

#include "admin/http_server.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "admin/form.hpp"
#include "base/utf8.hpp"

namespace triaged::admin {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

namespace {

constexpr auto without_exceptions = asio::as_tuple(asio::use_awaitable);
constexpr auto accept_pause = std::chrono::milliseconds(100);  // when the system has no descriptor left
// When most_connections are all being answered just now, so many more may ask.
constexpr std::size_t most_beyond = 16;

using Message = http::request<http::string_body>;
using Reply = http::response<http::string_body>;

AdminRequest request_of(const Message& message) {
  AdminRequest request{.method = std::string(message.method_string()), .body = message.body()};
  const std::string_view target(message.target().data(), message.target().size());
  const auto question = std::min(target.find('?'), target.size());
  request.path = decoded(target.substr(0, question), false).value_or("");
  if (question < target.size()) {
    for (auto& [name, value] : form_fields(target.substr(question + 1)).value_or(FormFields())) {
      request.query.emplace(std::move(name), std::move(value));
    }
  }
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    request.headers.emplace(std::move(name), std::string(field.value()));
  }
  return request;
}

// No page needs more than its own style and forms; nothing of it may be framed, sniffed or kept.
Reply reply_of(AdminAnswer answer, unsigned version, bool keeps_open) {
  Reply reply(static_cast<http::status>(answer.status), version);
  reply.set(http::field::content_type, answer.type);
  reply.set(http::field::cache_control, "no-store");
  reply.set("X-Content-Type-Options", "nosniff");
  reply.set("Referrer-Policy", "no-referrer");
  reply.set(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
  if (!answer.location.empty()) reply.set(http::field::location, answer.location);
  reply.body() = std::move(answer.body);
  reply.keep_alive(keeps_open);
  reply.prepare_payload();
  return reply;
}

class BeastServer final : public HttpServer {
 public:
  explicit BeastServer(Answers answers) : answers_(std::move(answers)), acceptor_(io_) {}
  ~BeastServer() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    slow_answers_.stop();
    slow_answers_.join();
  }

  boost::system::error_code listen(const AdminAddress& address) {
    boost::system::error_code failure;
    const auto host = asio::ip::make_address(address.host, failure);
    const tcp::endpoint endpoint(host, address.port);
    if (!failure) acceptor_.open(endpoint.protocol(), failure);
    if (!failure) acceptor_.set_option(asio::socket_base::reuse_address(true), failure);
    if (!failure) acceptor_.bind(endpoint, failure);
    if (!failure) acceptor_.listen(asio::socket_base::max_listen_connections, failure);
    if (failure) return failure;
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
    return {};
  }

  unsigned short port() const override {
    boost::system::error_code failure;
    return acceptor_.local_endpoint(failure).port();
  }

 private:
  struct Connection {
    beast::tcp_stream stream;
    beast::flat_buffer buffer = {};
  };

  /// While it lives, the server waits for the client of `connection`, and may give it up for another one.
  class Waiting {
   public:
    Waiting(BeastServer& server, Connection& connection) : server_(server), connection_(connection) {
      server_.waiting_.push_back(&connection);
      connection.stream.expires_after(longest_silence);
    }
    ~Waiting() { std::erase(server_.waiting_, &connection_); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    BeastServer& server_;
    Connection& connection_;
  };

  asio::awaitable<void> accept() {
    for (;;) {
      auto [failure, socket] = co_await acceptor_.async_accept(without_exceptions);
      if (failure || connections_ >= most_connections) give_up_slowest();
      if (failure) {
        asio::steady_timer pause(io_, accept_pause);
        co_await pause.async_wait(without_exceptions);
      } else if (connections_ < most_connections + most_beyond) {
        ++connections_;
        asio::co_spawn(io_, serve({beast::tcp_stream(std::move(socket))}), [this](const std::exception_ptr& /*why*/) {
          --connections_;  // whatever went wrong, it was this connection's
        });
      }
    }
  }

  void give_up_slowest() {
    if (waiting_.empty()) return;
    waiting_.front()->stream.close();
    waiting_.erase(waiting_.begin());
  }

  asio::awaitable<void> serve(Connection connection) {
    bool goes_on = true;
    while (goes_on) goes_on = co_await serve_one(connection);
    boost::system::error_code ignored;
    connection.stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  /// False: the connection is over.
  asio::awaitable<bool> serve_one(Connection& connection) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(largest_body);
    parser.header_limit(largest_header);
    boost::system::error_code failure;
    {
      const Waiting waiting(*this, connection);
      auto [read, bytes] = co_await http::async_read(connection.stream, connection.buffer, parser, without_exceptions);
      failure = read;
    }
    if (failure && !is_answered(failure)) co_return false;
    const auto version = failure ? 11 : parser.get().version();
    const bool keeps_open = !failure && parser.get().keep_alive();
    AdminAnswer answer;
    if (failure) {
      answer = refusal_of(failure);
    } else {
      answer = co_await answer_to(parser.get());
    }
    auto reply = reply_of(std::move(answer), version, keeps_open);
    if (!failure && parser.get().method() == http::verb::head) reply.body().clear();
    const Waiting waiting(*this, connection);
    const auto [broken, written] = co_await http::async_write(connection.stream, reply, without_exceptions);
    co_return !broken && keeps_open;
  }

  /// Of two, a proxy in front may have judged the other one.
  static std::optional<AdminAnswer> refusal_of_doubles(const Message& message) {
    for (const auto* name : {"Host", "Origin", "Sec-Fetch-Site", "Authorization"}) {
      if (message.count(name) < 2) continue;
      return AdminAnswer{.status = 400, .body = fmt::format("the request has more than one header '{}'\n", name)};
    }
    return std::nullopt;
  }

  asio::awaitable<AdminAnswer> answer_to(const Message& message) {
    if (auto refused = refusal_of_doubles(message)) co_return *std::move(refused);
    const auto request = request_of(message);
    if (answers_.comes_first && answers_.comes_first(request)) co_return safely_answered(request);
    co_return co_await asio::co_spawn(
        slow_answers_, [this, &request]() -> asio::awaitable<AdminAnswer> { co_return safely_answered(request); },
        asio::use_awaitable);
  }

  AdminAnswer safely_answered(const AdminRequest& request) const {
    try {
      return answers_.answer(request);
    } catch (const std::exception& failure) {
      spdlog::error("admin: {} {} could not be answered: {}", request.method, to_printable(request.path),
                    failure.what());
      return {.status = 500, .body = fmt::format("triaged could not answer: {}\n", failure.what())};
    }
  }

  /// Who sent half a request and left, or nothing, gets no answer.
  static bool is_answered(const boost::system::error_code& failure) {
    return failure.category() == http::make_error_code(http::error::bad_method).category() &&
           failure != http::error::end_of_stream && failure != http::error::partial_message;
  }

  static AdminAnswer refusal_of(const boost::system::error_code& failure) {
    if (failure == http::error::body_limit) return {.status = 413, .body = "the body is too large\n"};
    if (failure == http::error::header_limit) return {.status = 431, .body = "the header is too large\n"};
    return {.status = 400, .body = fmt::format("this is no HTTP request: {}\n", failure.message())};
  }

  const Answers answers_;
  // For their clients, the one that waits longest first. Before io_: connections that end with it leave here.
  std::vector<Connection*> waiting_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  std::size_t connections_ = 0;
  std::thread thread_;
  asio::thread_pool slow_answers_{1};  // after io_: what waits for an answer here leaves before it
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::open(const AdminAddress& address, Answers answers) {
  const auto refused = [&](const std::string& why) {
    return error(fmt::format("cannot listen at {}: {}", address.text(), why));
  };
  try {
    auto server = std::make_unique<BeastServer>(std::move(answers));
    if (const auto failure = server->listen(address)) return refused(failure.message());
    return std::unique_ptr<HttpServer>(std::move(server));
  } catch (const std::exception& failure) {  // no descriptor or thread is left
    return refused(failure.what());
  }
}

}  // namespace triaged::admin

// Receivers on this machine for tests of what sends: HTTP, UDP, TCP and local sockets, on free ports, each with a
// thread of its own. They are waited for, never slept for.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace triaged {

/// What a receiver got, in order. take() waits for the next and fails a test that would wait for ever.
template <typename Item>
class Received {
 public:
  void put(Item item) {
    {
      const std::lock_guard lock(mutex_);
      items_.push_back(std::move(item));
    }
    arrived_.notify_all();
  }

  Item take() {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, std::chrono::seconds(20), [&] { return !items_.empty(); })) {
      throw std::runtime_error("nothing was received");
    }
    Item item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

  [[nodiscard]] std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Item> items_;
};

/// A socket that closes itself; the thread that serves it ends when stop() is called.
class LoopbackSocket {
 public:
  explicit LoopbackSocket(int number) : number_(number) {
    if (number < 0) throw std::runtime_error(std::strerror(errno));
  }
  ~LoopbackSocket() { ::close(number_); }
  LoopbackSocket(const LoopbackSocket&) = delete;
  LoopbackSocket& operator=(const LoopbackSocket&) = delete;

  [[nodiscard]] int get() const { return number_; }

  /// Binds to a free port of 127.0.0.1 and gives it back.
  int bind_to_loopback(int port = 0) const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const int yes = 1;
    ::setsockopt(number_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    socklen_t size = sizeof(address);
    if (::bind(number_, reinterpret_cast<sockaddr*>(&address), size) != 0)
      throw std::runtime_error(std::strerror(errno));
    ::getsockname(number_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

  void bind_to_path(const std::filesystem::path& path) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (::bind(number_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      throw std::runtime_error(std::strerror(errno));
    }
  }

 private:
  int number_;
};

/// True when `socket` can be read before `stopping` is set.
inline bool wait_to_read(int socket, const std::atomic<bool>& stopping) {
  while (!stopping) {
    pollfd waiting{socket, POLLIN, 0};
    if (::poll(&waiting, 1, 10) > 0) return true;
  }
  return false;
}

/// Takes datagrams, UDP or local.
class DatagramReceiver {
 public:
  DatagramReceiver() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)), port_(socket_.bind_to_loopback()) { start(); }
  explicit DatagramReceiver(const std::filesystem::path& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    socket_.bind_to_path(path);
    start();
  }
  ~DatagramReceiver() {
    stopping_ = true;
    thread_.join();
  }

  [[nodiscard]] int port() const { return port_; }
  std::string take() { return received_.take(); }

 private:
  void start() {
    thread_ = std::thread([this] {
      std::string bytes(65536, '\0');
      while (wait_to_read(socket_.get(), stopping_)) {
        const auto size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
        if (size >= 0) received_.put(bytes.substr(0, static_cast<std::size_t>(size)));
      }
    });
  }

  LoopbackSocket socket_;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  Received<std::string> received_;
  std::thread thread_;
};

/// Accepts connections, TCP or local, one after the other, and hands over what each brings. close_connection() ends the
/// one that is open from this side.
class StreamReceiver {
 public:
  StreamReceiver() : socket_(::socket(AF_INET, SOCK_STREAM, 0)), port_(socket_.bind_to_loopback()) { start(); }
  explicit StreamReceiver(const std::filesystem::path& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    socket_.bind_to_path(path);
    start();
  }
  ~StreamReceiver() {
    stopping_ = true;
    thread_.join();
  }

  [[nodiscard]] int port() const { return port_; }

  /// The next `size` bytes that arrived, over whatever connections.
  std::string take(std::size_t size) {
    while (buffer_.size() < size) buffer_ += received_.take();
    const auto bytes = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return bytes;
  }
  /// Bytes up to and with `end`.
  std::string take_until(char end) {
    while (buffer_.find(end) == std::string::npos) buffer_ += received_.take();
    return take(buffer_.find(end) + 1);
  }
  /// Returns when the connection is closed.
  void close_connection() {
    closing_ = true;
    while (closing_) std::this_thread::yield();
  }

 private:
  void start() {
    if (::listen(socket_.get(), 8) != 0) throw std::runtime_error(std::strerror(errno));
    thread_ = std::thread([this] {
      while (wait_to_read(socket_.get(), stopping_)) {
        const LoopbackSocket connection(::accept(socket_.get(), nullptr, nullptr));
        read_all(connection.get());
      }
    });
  }

  void read_all(int connection) {
    std::array<char, 65536> bytes{};
    while (!stopping_) {
      if (closing_) {
        ::shutdown(connection, SHUT_RDWR);
        closing_ = false;
        return;
      }
      pollfd waiting{connection, POLLIN, 0};
      if (::poll(&waiting, 1, 5) <= 0) continue;
      const auto size = ::recv(connection, bytes.data(), bytes.size(), 0);
      if (size <= 0) return;
      received_.put(std::string(bytes.data(), static_cast<std::size_t>(size)));
    }
  }

  LoopbackSocket socket_;
  int port_ = 0;
  std::atomic<bool> stopping_ = false, closing_ = false;
  Received<std::string> received_;
  std::string buffer_;  // the test's thread only
  std::thread thread_;
};

struct HttpRequest {
  std::string line;  // "POST /hook HTTP/1.1"
  std::string headers;
  std::string body;

  /// The value of a header by its exact name; empty when it is not there.
  [[nodiscard]] std::string header(const std::string& name) const {
    const auto at = headers.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const auto begin = at + name.size() + 4;
    return headers.substr(begin, headers.find("\r\n", begin) - begin);
  }
};

/// Answers HTTP requests with what the test queued, in order, and "200 ok" after that. One connection at a time, closed
/// after each answer. An empty answer closes the connection without a word; never_answer() lets it hang until the end.
class LoopbackServer {
 public:
  LoopbackServer() : socket_(::socket(AF_INET, SOCK_STREAM, 0)), port_(socket_.bind_to_loopback()) {
    if (::listen(socket_.get(), 8) != 0) throw std::runtime_error(std::strerror(errno));
    thread_ = std::thread([this] {
      while (wait_to_read(socket_.get(), stopping_)) {
        const LoopbackSocket connection(::accept(socket_.get(), nullptr, nullptr));
        serve(connection.get());
      }
    });
  }
  ~LoopbackServer() {
    stopping_ = true;
    thread_.join();
  }

  [[nodiscard]] std::string url(const std::string& path = "/hook") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] std::string place() const { return url(""); }

  /// `head` is the status and the headers: "429 Too Many Requests\r\nRetry-After: 7".
  void answer(const std::string& head, const std::string& body = "") {
    const std::lock_guard lock(mutex_);
    answers_.push_back("HTTP/1.1 " + head + "\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\nConnection: close\r\n\r\n" + body);
  }
  void answer_raw(const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(bytes);
  }
  void never_answer() { is_silent_ = true; }

  HttpRequest take() { return received_.take(); }
  [[nodiscard]] std::size_t waiting() const { return received_.waiting(); }

 private:
  void serve(int connection) {
    std::string bytes;
    std::array<char, 65536> chunk{};
    while (!is_complete(bytes)) {
      if (!wait_to_read(connection, stopping_)) return;
      const auto size = ::recv(connection, chunk.data(), chunk.size(), 0);
      if (size <= 0) return;
      bytes.append(chunk.data(), static_cast<std::size_t>(size));
    }
    const auto line_end = bytes.find("\r\n"), head_end = bytes.find("\r\n\r\n");
    received_.put(
        {bytes.substr(0, line_end), bytes.substr(line_end, head_end + 2 - line_end), bytes.substr(head_end + 4)});
    if (is_silent_) return void(wait_to_read(connection, stopping_));
    const auto answer = next_answer();
    (void)!::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
  }

  static bool is_complete(const std::string& bytes) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const auto length = bytes.find("\r\nContent-Length: ");
    if (length == std::string::npos || length > end) return true;
    return bytes.size() >= end + 4 + std::stoul(bytes.substr(length + 18));
  }

  std::string next_answer() {
    const std::lock_guard lock(mutex_);
    if (answers_.empty()) return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    auto answer = answers_.front();
    answers_.pop_front();
    return answer;
  }

  LoopbackSocket socket_;
  int port_;
  std::atomic<bool> stopping_ = false, is_silent_ = false;
  Received<HttpRequest> received_;
  std::mutex mutex_;
  std::deque<std::string> answers_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace triaged

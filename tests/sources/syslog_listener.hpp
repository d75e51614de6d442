// Syslog as it is received at real sockets, and senders.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/descriptor.hpp"
#include "sources/make_source.hpp"
#include "sources/syslog/syslog_source.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::sources {

/// One sender: a socket that is connected to an address.
class Sending {
 public:
  explicit Sending(const ListenAddress& to, const char* from = nullptr)
      : socket_(::socket(to.is_unix() ? AF_UNIX : AF_INET, to.is_datagram() ? SOCK_DGRAM : SOCK_STREAM, 0)) {
    if (from != nullptr) bind_to(from);
    if (to.is_unix()) {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      to.path.copy(address.sun_path, sizeof(address.sun_path) - 1);
      connect_to(address);
    } else {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(to.port);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      connect_to(address);
    }
  }

  void send(std::string_view text) const {
    ASSERT_EQ(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  /// False: the other side has closed it.
  [[nodiscard]] bool is_open() const {
    char byte = 0;
    return ::recv(socket_.get(), &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }
  void close() { socket_.close(); }

 private:
  template <class Address>
  void connect_to(const Address& address) const {
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      throw std::runtime_error(std::strerror(errno));
    }
  }
  void bind_to(const char* from) const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, from, &address.sin_addr);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }

  Descriptor socket_;
};

inline std::uint16_t free_port(int type) {
  const Descriptor socket(::socket(AF_INET, type, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

class SyslogAt : public testing::Test {
 protected:
  using Lines = std::vector<std::string>;

  void listen(const std::string& address) {
    options.listen.push_back(must(read_listen_address(address)));
    open();
  }
  void open() {
    const SourceOrigin origin{.checkpoint = checkpoint, .now = now, .kept = kept};
    source.reset();
    source = must(SyslogSource::open(options, origin));
  }
  [[nodiscard]] Sending sender(std::size_t index = 0, const char* from = nullptr) const {
    return Sending(options.listen.at(index), from);
  }
  [[nodiscard]] std::string path(std::string_view name) const { return (folder_.path() / name).string(); }
  std::string unixgram() const { return "unixgram://" + path("log"); }

  std::optional<LineBatch> next(Microseconds later = {}) { return source->next(now += later); }
  /// All that is there, each with the stream that it is of.
  Lines lines() {
    Lines all;
    for (auto batch = next(); batch; batch = next()) {
      for (const auto& line : batch->lines) {
        all.push_back(batch->envelope(line)->stream + ": " + std::string(batch->text(line)));
      }
      last = batch->cursor;
    }
    return all;
  }
  Lines texts() {
    auto all = lines();
    for (auto& line : all) line.erase(0, line.find(": ") + 2);
    return all;
  }
  void commit() { source->on_committed(std::vector{last}); }

  [[nodiscard]] double metric(std::string_view name, std::string_view label = {}) const {
    std::vector<Metric> metrics;
    source->add_to(metrics);
    double sum = 0;
    for (const auto& each : metrics) {
      if (each.name != name) continue;
      for (const auto& value : each.values) {
        const bool fits =
            label.empty() || std::ranges::any_of(value.labels, [&](const auto& pair) { return pair.second == label; });
        if (fits) sum += value.value;
      }
    }
    return sum;
  }
  [[nodiscard]] bool is_readable() const {
    pollfd asked{.fd = source->descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&asked, 1, 0) == 1;
  }

  TimePoint now{std::chrono::seconds(1'800'000'000)};
  SyslogOptions options;
  KeptStates kept;
  std::vector<Cursor> checkpoint;
  std::unique_ptr<Source> source;
  Cursor last;

 private:
  TemporaryFolder folder_;
};

}  // namespace triaged::sources

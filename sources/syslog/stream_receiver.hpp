// Receives syslog over connections: TCP, TLS, or a unix socket.
//
// Connections are read in turns, 64 KiB at most in each. While nothing is asked for none is read, so that their senders
// wait: nothing is lost here. When there are too many, the one that was silent for longest is closed, of the sender
// that has most of them: nobody can keep others out by holding connections open.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>

#include "sources/syslog/bound_socket.hpp"
#include "sources/syslog/connection.hpp"
#include "sources/syslog/receiver.hpp"

namespace triaged::sources {

class StreamReceiver final : public Receiver {
 public:
  /// `bound` listens. Throws std::system_error when no descriptor is left.
  StreamReceiver(const ListenAddress& address, BoundSocket bound, const SyslogOptions& options,
                 std::shared_ptr<TlsServer> tls);

  void receive(MessageBatch& batch, Microseconds elapsed) override;
  [[nodiscard]] bool has_more() const override { return !unfinished_.empty() || !ending_.empty(); }
  [[nodiscard]] int descriptor() const override { return watch_.get(); }
  void look(Microseconds elapsed) override;
  [[nodiscard]] Result<void> use(const SyslogOptions& options) override;
  [[nodiscard]] std::vector<std::string> take_messages() override;
  void add_to(std::vector<Metric>& metrics, const std::string& name) const override;

 private:
  using Slot =
      std::uint32_t;  // of a connection: the lowest that is free, so that a sender that comes back gets it again
  static constexpr Slot listening = 0xffffffff;

  void accept_all(Microseconds elapsed);
  void add_connection(Descriptor socket, Sender sender, Microseconds elapsed);
  [[nodiscard]] Slot free_slot() const;
  [[nodiscard]] Slot least_missed() const;
  [[nodiscard]] bool read_round(MessageBatch& batch, Microseconds elapsed);
  void read(Slot slot, MessageBatch& batch, Microseconds elapsed);
  void watch(Slot slot, int socket, int operation, std::uint32_t events);
  void close_soon(Slot slot);
  void end(Slot slot);
  void say_failures(Microseconds elapsed);

  const ListenAddress address_;
  BoundSocket bound_;
  std::size_t max_connections_;
  Microseconds idle_timeout_;
  std::shared_ptr<TlsServer> tls_;  // nullptr: plain
  Descriptor watch_;                // an epoll
  bool is_accepting_ = true;        // false: no descriptor is left, and the listening socket is not watched
  std::map<Slot, std::unique_ptr<Connection>> connections_;
  std::set<Slot> writing_;     // that wait for room to write, too
  std::set<Slot> unfinished_;  // with bytes in TLS that no descriptor tells of
  std::set<Slot> ending_;      // closed by us; what came of their last message is to be given out
  MessageCounts counts_;
  std::uint64_t accepted_ = 0, closed_idle_ = 0, pushed_out_ = 0, failed_ = 0, said_failed_ = 0;
  std::string last_failure_;
  Microseconds say_at_{0};
  std::vector<std::string> messages_;
};

}  // namespace triaged::sources

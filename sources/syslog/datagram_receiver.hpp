// Receives syslog as datagrams, by UDP or a unix socket: one datagram, one message.
//
// The kernel keeps datagrams in one buffer for all senders, and drops what comes when it is full. So it is emptied at
// once, into a queue for each sender (fair_queue.hpp), as often as triaged gets to it; what one sender has too much of
// is dropped there. Both kinds of loss are counted: received and dropped by the kernel add up to what was sent, and
// received are given out, waiting or dropped.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <sys/socket.h>

#include "sources/syslog/bound_socket.hpp"
#include "sources/syslog/fair_queue.hpp"
#include "sources/syslog/receiver.hpp"

namespace triaged::sources {

class DatagramReceiver final : public Receiver {
 public:
  /// `bound` is of a datagram socket.
  DatagramReceiver(const ListenAddress& address, BoundSocket bound);
  ~DatagramReceiver() override;

  void receive(MessageBatch& batch, Microseconds elapsed) override;
  void hold_back() override { drain(); }
  [[nodiscard]] bool has_more() const override { return !waiting_.is_empty(); }
  [[nodiscard]] int descriptor() const override { return bound_.socket.get(); }
  void look(Microseconds elapsed) override;
  [[nodiscard]] Result<void> use(const SyslogOptions& options) override;
  [[nodiscard]] std::vector<std::string> take_messages() override;
  void add_to(std::vector<Metric>& metrics, const std::string& name) const override;

 private:
  struct Arrivals;

  void drain();
  void take(std::size_t index);
  [[nodiscard]] std::uint64_t dropped_by_kernel() const;
  void say_losses(Microseconds elapsed);

  const ListenAddress address_;
  BoundSocket bound_;
  std::unique_ptr<Arrivals> arrivals_;
  FairQueue waiting_;
  std::uint64_t received_ = 0, cut_ = 0;
  std::array<std::uint64_t, sender_classes> dropped_{};  // by the queue
  mutable std::uint64_t kernel_drops_ = 0;
  mutable std::uint32_t last_kernel_count_ = 0;  // which begins anew at 2^32
  std::uint64_t said_ = 0;                       // losses of both kinds that the operator knows of
  Microseconds say_at_{0};
  std::vector<std::string> messages_;
};

}  // namespace triaged::sources

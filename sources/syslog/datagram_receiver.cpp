#include "sources/syslog/datagram_receiver.hpp"

#include <cstring>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

namespace triaged::sources {

namespace {

constexpr std::size_t most_at_once = 64;
constexpr std::size_t longest_message = 64 * 1024;
// Eight times what a flood of 100,000 datagrams a second leaves between two looks (10 ms). Twice as much of it is
// accounted for, and every datagram as at least 768 bytes.
constexpr int kernel_buffer_bytes = 8 * 1024 * 1024;
constexpr std::size_t most_waiting_bytes = 16 * 1024 * 1024;
// What one call reads, before the caller gets a chance to do something else.
constexpr std::size_t most_in_a_call = 8192;
constexpr Microseconds say_every = std::chrono::minutes(1);

FairQueue::Key key_of(const sockaddr_storage& address) {
  FairQueue::Key key{0, 0};
  if (address.ss_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &address, sizeof(ipv4));
    key.second = 0xffff'0000'0000 | ipv4.sin_addr.s_addr;
  } else if (address.ss_family == AF_INET6) {
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &address, sizeof(ipv6));
    std::memcpy(&key.first, &ipv6.sin6_addr.s6_addr[0], 8);
    std::memcpy(&key.second, &ipv6.sin6_addr.s6_addr[8], 8);
  }
  return key;
}

}  // namespace

struct DatagramReceiver::Arrivals {
  std::unique_ptr<char[]> bytes = std::make_unique_for_overwrite<char[]>(most_at_once * longest_message);
  std::array<iovec, most_at_once> parts{};
  std::array<sockaddr_storage, most_at_once> from{};
  std::array<std::array<char, CMSG_SPACE(sizeof(ucred))>, most_at_once> beside{};
  std::array<mmsghdr, most_at_once> headers{};

  void prepare(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      parts[i] = {.iov_base = bytes.get() + i * longest_message, .iov_len = longest_message};
      headers[i].msg_hdr = {.msg_name = &from[i],
                            .msg_namelen = sizeof(from[i]),
                            .msg_iov = &parts[i],
                            .msg_iovlen = 1,
                            .msg_control = beside[i].data(),
                            .msg_controllen = beside[i].size(),
                            .msg_flags = 0};
    }
  }

  /// Of a unix socket; 0: not known.
  [[nodiscard]] pid_t pid_of(std::size_t index) {
    auto& header = headers[index].msg_hdr;
    for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS) continue;
      ucred who{};
      std::memcpy(&who, CMSG_DATA(part), sizeof(who));
      return who.pid;
    }
    return 0;
  }
};

DatagramReceiver::DatagramReceiver(const ListenAddress& address, BoundSocket bound)
    : address_(address),
      bound_(std::move(bound)),
      arrivals_(std::make_unique<Arrivals>()),
      waiting_(most_waiting_bytes) {
  const int socket = bound_.socket.get();
  const int size = kernel_buffer_bytes, yes = 1;
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0) {
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));  // as far as net.core.rmem_max allows
  }
  if (address_.is_unix()) ::setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes));
  arrivals_->prepare(most_at_once);
}

DatagramReceiver::~DatagramReceiver() = default;

void DatagramReceiver::drain() {
  for (std::size_t read = 0; read < most_in_a_call;) {
    const int count = ::recvmmsg(bound_.socket.get(), arrivals_->headers.data(), most_at_once, MSG_DONTWAIT, nullptr);
    if (count <= 0) return;
    const auto arrived = static_cast<std::size_t>(count);
    for (std::size_t i = 0; i < arrived; ++i) take(i);
    arrivals_->prepare(arrived);
    read += arrived;
    if (arrived < most_at_once) return;
  }
}

void DatagramReceiver::take(std::size_t index) {
  const auto& [header, length] = arrivals_->headers[index];
  ++received_;
  if ((header.msg_flags & MSG_TRUNC) != 0) ++cut_;
  const std::string_view text(arrivals_->bytes.get() + index * longest_message, length);
  if (address_.is_unix()) {
    const auto pid = arrivals_->pid_of(index);
    const auto key = FairQueue::Key{1, static_cast<std::uint64_t>(pid)};
    if (!waiting_.push(key, text, [&] { return sender_with_pid(pid); })) {
      ++dropped_[static_cast<std::size_t>(SenderClass::local)];
    }
    return;
  }
  const auto& from = arrivals_->from[index];
  if (waiting_.push(key_of(from), text, [&] { return sender_at(from); })) return;
  ++dropped_[static_cast<std::size_t>(sender_at(from).sender_class)];
}

void DatagramReceiver::receive(MessageBatch& batch, Microseconds) {
  drain();
  while (!batch.is_full() && waiting_.pop([&](const Sender& sender, std::string_view message) {
    batch.add(message, sender.stream, sender.host, Framing::whole);
  })) {
  }
}

/// The same number that SO_RXQ_OVFL puts beside a datagram, without waiting for one to come through.
std::uint64_t DatagramReceiver::dropped_by_kernel() const {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof(memory);
  if (::getsockopt(bound_.socket.get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) return kernel_drops_;
  kernel_drops_ += memory[SK_MEMINFO_DROPS] - std::exchange(last_kernel_count_, memory[SK_MEMINFO_DROPS]);
  return kernel_drops_;
}

void DatagramReceiver::look(Microseconds elapsed) { say_losses(elapsed); }

void DatagramReceiver::say_losses(Microseconds elapsed) {
  const auto by_kernel = dropped_by_kernel();
  const auto by_queue = std::accumulate(dropped_.begin(), dropped_.end(), std::uint64_t{0});
  const auto lost = by_kernel + by_queue;
  if (lost == said_ || elapsed < say_at_) return;
  messages_.push_back(
      fmt::format("{} datagrams to {} were lost since it was opened ({} dropped by the kernel, {} of senders that sent "
                  "more than their share): send less, send by TCP, or give the kernel more room (net.core.rmem_max)",
                  lost, address_.text(), by_kernel, by_queue));
  said_ = lost;
  say_at_ = elapsed + say_every;
}

Result<void> DatagramReceiver::use(const SyslogOptions& options) { return bound_.file.set_mode(options.socket_mode); }

std::vector<std::string> DatagramReceiver::take_messages() { return std::exchange(messages_, {}); }

void DatagramReceiver::add_to(std::vector<Metric>& metrics, const std::string& name) const {
  const auto add = [&](Metric metric) {
    metric.values.front().labels.push_back({"source", name});
    add_metric(std::move(metric), metrics);
  };
  add(counter("triaged_syslog_messages_total", "messages received at the address", received_));
  add(counter("triaged_syslog_cut_messages_total",
              "messages that were too long, or not whole when their connection ended", cut_));
  add(counter("triaged_syslog_kernel_dropped_total", "datagrams that the kernel dropped because its buffer was full",
              dropped_by_kernel()));
  for (std::size_t i = 0; i < dropped_.size(); ++i) {
    auto metric =
        counter("triaged_syslog_dropped_total",
                "datagrams that were received and dropped because their sender had too many waiting", dropped_[i]);
    metric.values.front().labels.push_back({"sender", std::string(name_of(static_cast<SenderClass>(i)))});
    add(std::move(metric));
  }
  int size = 0;
  socklen_t length = sizeof(size);
  ::getsockopt(bound_.socket.get(), SOL_SOCKET, SO_RCVBUF, &size, &length);
  add(gauge("triaged_syslog_kernel_buffer_bytes", "room that the kernel has for datagrams that were not read yet",
            static_cast<std::uint64_t>(size)));
  add(gauge("triaged_syslog_waiting_bytes", "received datagrams that were not given to the matchers yet",
            waiting_.bytes()));
}

}  // namespace triaged::sources

#include "sources/syslog/stream_receiver.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace triaged::sources {

namespace {

constexpr Microseconds handshake_timeout = std::chrono::seconds(10);
constexpr Microseconds say_every = std::chrono::minutes(1);
constexpr int events_at_once = 16;
constexpr int most_accepted = 64;  // in a round
constexpr int most_rounds = 16;    // in a call, before the caller gets a chance to do something else

Sender sender_of(const Descriptor& socket, const sockaddr_storage& address) {
  if (address.ss_family != AF_UNIX) return sender_at(address);
  ucred who{};
  socklen_t size = sizeof(who);
  const bool is_known = ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &who, &size) == 0;
  return sender_with_pid(is_known ? who.pid : 0);
}

}  // namespace

StreamReceiver::StreamReceiver(const ListenAddress& address, BoundSocket bound, const SyslogOptions& options,
                               std::shared_ptr<TlsServer> tls)
    : address_(address),
      bound_(std::move(bound)),
      max_connections_(options.max_connections),
      idle_timeout_(options.idle_timeout),
      tls_(std::move(tls)),
      watch_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!watch_.is_open()) throw std::system_error(errno, std::generic_category());
  watch(listening, bound_.socket.get(), EPOLL_CTL_ADD, EPOLLIN);
}

void StreamReceiver::watch(Slot slot, int socket, int operation, std::uint32_t events) {
  epoll_event event{.events = events, .data = {.u32 = slot}};
  if (::epoll_ctl(watch_.get(), operation, socket, &event) != 0) {
    throw std::system_error(errno, std::generic_category());
  }
}

StreamReceiver::Slot StreamReceiver::free_slot() const {
  Slot slot = 0;
  for (const auto& [taken, connection] : connections_) {
    if (taken != slot) break;
    ++slot;
  }
  return slot;
}

/// The connection that was silent for longest, of the sender that has most.
StreamReceiver::Slot StreamReceiver::least_missed() const {
  std::map<std::string_view, std::size_t> held;
  for (const auto& [slot, connection] : connections_) {
    if (!ending_.contains(slot)) ++held[connection->sender().name];
  }
  const auto rank = [&](const auto& entry) {
    return std::pair(ending_.contains(entry.first) ? 0 : held[entry.second->sender().name], -entry.second->read_at());
  };
  return std::ranges::max_element(connections_, {}, rank)->first;
}

void StreamReceiver::accept_all(Microseconds elapsed) {
  sockaddr_storage from{};
  for (int accepted = 0; accepted < most_accepted; ++accepted) {
    socklen_t size = sizeof(from);
    Descriptor socket(
        ::accept4(bound_.socket.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.is_open()) {
      auto sender = sender_of(socket, from);
      add_connection(std::move(socket), std::move(sender), elapsed);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      messages_.push_back(fmt::format("cannot accept a connection to {}: {} (will try again): raise LimitNOFILE",
                                      address_.text(), std::strerror(errno)));
      watch(listening, bound_.socket.get(), EPOLL_CTL_DEL, 0);
      is_accepting_ = false;
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;
    }
  }
}

void StreamReceiver::add_connection(Descriptor socket, Sender sender, Microseconds elapsed) {
  if (connections_.size() - ending_.size() >= max_connections_) {
    ++pushed_out_;
    close_soon(least_missed());
  }
  const int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));  // a host that has gone says no farewell
  std::unique_ptr<TlsSession> session;
  if (tls_ && !(session = tls_->accept(socket.get()))) return;
  ++accepted_;
  const auto slot = free_slot();
  watch(slot, socket.get(), EPOLL_CTL_ADD, EPOLLIN);
  auto stream = fmt::format("{} {}", sender.stream, slot);
  connections_.emplace(slot, std::make_unique<Connection>(std::move(socket), std::move(sender), std::move(stream),
                                                          std::move(session), elapsed));
}

void StreamReceiver::read(Slot slot, MessageBatch& batch, Microseconds elapsed) {
  const auto known = connections_.find(slot);
  if (known == connections_.end() || ending_.contains(slot)) return;
  auto& connection = *known->second;
  const auto progress = connection.read(batch, counts_, elapsed);
  unfinished_.erase(slot);
  if (progress == Connection::Progress::is_over) {
    if (!connection.failure().empty() && !connection.has_shaken_hands()) {
      ++failed_;
      last_failure_ = fmt::format("{}: {}", connection.sender().name, connection.failure());
    }
    return end(slot);
  }
  if (progress == Connection::Progress::has_more) unfinished_.insert(slot);
  if (connection.wants_to_write() == writing_.contains(slot)) return;
  connection.wants_to_write() ? static_cast<void>(writing_.insert(slot)) : static_cast<void>(writing_.erase(slot));
  watch(slot, connection.socket(), EPOLL_CTL_MOD, connection.wants_to_write() ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

// Whoever was read and has more comes last in the list of an epoll, so all get their turn.
void StreamReceiver::receive(MessageBatch& batch, Microseconds elapsed) {
  for (const auto slot : std::exchange(ending_, {})) {
    connections_.at(slot)->finish(batch, counts_);
    end(slot);
  }
  for (const auto slot : std::set(unfinished_)) {
    if (!batch.is_full()) read(slot, batch, elapsed);
  }
  for (int round = 0; round < most_rounds && !batch.is_full() && read_round(batch, elapsed); ++round) {
  }
}

/// False: nothing more is there now.
bool StreamReceiver::read_round(MessageBatch& batch, Microseconds elapsed) {
  std::array<epoll_event, events_at_once> events{};
  const int count = ::epoll_wait(watch_.get(), events.data(), events_at_once, 0);
  for (int i = 0; i < count; ++i) {
    const Slot slot = events[static_cast<std::size_t>(i)].data.u32;
    if (slot == listening) {
      accept_all(elapsed);
    } else if (!batch.is_full()) {
      read(slot, batch, elapsed);
    }
  }
  return count > 0;
}

void StreamReceiver::close_soon(Slot slot) {
  unfinished_.erase(slot);
  if (ending_.insert(slot).second) watch(slot, connections_.at(slot)->socket(), EPOLL_CTL_DEL, 0);
}

void StreamReceiver::end(Slot slot) {
  unfinished_.erase(slot);
  writing_.erase(slot);
  connections_.erase(slot);
}

void StreamReceiver::look(Microseconds elapsed) {
  if (!std::exchange(is_accepting_, true)) watch(listening, bound_.socket.get(), EPOLL_CTL_ADD, EPOLLIN);
  for (const auto& [slot, connection] : connections_) {
    const bool is_late = !connection->has_shaken_hands() && elapsed - connection->accepted_at() > handshake_timeout;
    const bool is_idle = elapsed - connection->read_at() > idle_timeout_ && !connection->has_arrivals();
    if (ending_.contains(slot) || (!is_late && !is_idle)) continue;
    ++closed_idle_;
    close_soon(slot);
  }
  say_failures(elapsed);
}

void StreamReceiver::say_failures(Microseconds elapsed) {
  if (failed_ == said_failed_ || elapsed < say_at_) return;
  messages_.push_back(fmt::format("{} connections to {} failed before TLS was set up, the last one of {}",
                                  failed_ - said_failed_, address_.text(), last_failure_));
  said_failed_ = failed_;
  say_at_ = elapsed + say_every;
}

Result<void> StreamReceiver::use(const SyslogOptions& options) {
  if (address_.transport == SyslogTransport::tls) {
    auto tls = TlsServer::make(options.tls);
    if (!tls) return tls.error();
    tls_ = std::move(*tls);
  }
  max_connections_ = options.max_connections;
  idle_timeout_ = options.idle_timeout;
  return bound_.file.set_mode(options.socket_mode);
}

std::vector<std::string> StreamReceiver::take_messages() { return std::exchange(messages_, {}); }

void StreamReceiver::add_to(std::vector<Metric>& metrics, const std::string& name) const {
  const auto add = [&](Metric metric) {
    metric.values.front().labels.push_back({"source", name});
    add_metric(std::move(metric), metrics);
  };
  add(counter("triaged_syslog_messages_total", "messages received at the address", counts_.received));
  add(counter("triaged_syslog_cut_messages_total",
              "messages that were too long, or not whole when their connection ended", counts_.cut));
  add(gauge("triaged_syslog_connections", "connections that are open", connections_.size()));
  add(counter("triaged_syslog_connections_total", "connections that were accepted", accepted_));
  const auto add_closed = [&](std::string_view why, std::uint64_t count) {
    auto metric = counter("triaged_syslog_closed_connections_total", "connections that triaged closed, by why", count);
    metric.values.front().labels.push_back({"why", std::string(why)});
    add(std::move(metric));
  };
  add_closed("idle", closed_idle_);
  add_closed("too-many", pushed_out_);
  add_closed("tls", failed_);
}

}  // namespace triaged::sources

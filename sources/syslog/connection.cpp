#include "sources/syslog/connection.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

namespace triaged::sources {

Connection::Connection(Descriptor socket, Sender sender, std::string stream, std::unique_ptr<TlsSession> tls,
                       Microseconds elapsed)
    : socket_(std::move(socket)),
      sender_(std::move(sender)),
      stream_(std::move(stream)),
      tls_(std::move(tls)),
      accepted_at_(elapsed),
      read_at_(elapsed) {}

ConnectionRead Connection::read_bytes(std::span<char> into) {
  using Outcome = ConnectionRead::Outcome;
  if (tls_) return read_tls(into);
  const auto count = ::recv(socket_.get(), into.data(), into.size(), MSG_DONTWAIT);
  if (count > 0) return {Outcome::bytes, static_cast<std::size_t>(count)};
  if (count == 0) return {Outcome::ended};
  if (errno == EAGAIN || errno == EINTR) return {};
  return {Outcome::failed, 0, std::strerror(errno)};
}

/// TLS gives out one record at a time, and what it holds no descriptor tells of: as many as there are.
ConnectionRead Connection::read_tls(std::span<char> into) {
  using Outcome = ConnectionRead::Outcome;
  if (end_) return *end_;
  std::size_t bytes = 0;
  while (bytes < into.size()) {
    auto result = tls_->read(into.subspan(bytes));
    if (result.outcome == Outcome::nothing) break;
    if (result.outcome != Outcome::bytes) {
      end_ = std::move(result);
      break;
    }
    bytes += result.bytes;
  }
  if (bytes > 0) return {Outcome::bytes, bytes};
  return end_.value_or(ConnectionRead());
}

/// Counted messages stand on their own, so those of one sender are told apart by their headers. Lines do not: a
/// connection is read as the file into which a syslog daemon would have written them.
void Connection::add(const FramedMessage& message, MessageBatch& batch, MessageCounts& counts) const {
  ++counts.received;
  counts.cut += message.is_cut ? 1 : 0;
  if (message.is_counted) return batch.add(message.text, sender_.stream, sender_.host, Framing::whole);
  batch.add(message.text, stream_, sender_.host, Framing::line);
}

Connection::Progress Connection::read(MessageBatch& batch, MessageCounts& counts, Microseconds elapsed) {
  using Outcome = ConnectionRead::Outcome;
  const auto room = framer_.room();
  const auto result = read_bytes(room);
  if (result.outcome == Outcome::nothing) return Progress::waits;
  if (result.outcome != Outcome::bytes) {
    failure_ = result.why;
    finish(batch, counts);
    return Progress::is_over;
  }
  read_at_ = elapsed;
  framer_.add(result.bytes);
  while (const auto message = framer_.next()) add(*message, batch, counts);
  return end_ || result.bytes == room.size() ? Progress::has_more : Progress::waits;
}

bool Connection::has_arrivals() const {
  pollfd asked{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&asked, 1, 0) > 0;
}

void Connection::finish(MessageBatch& batch, MessageCounts& counts) {
  if (const auto rest = framer_.finish()) add(*rest, batch, counts);
}

}  // namespace triaged::sources

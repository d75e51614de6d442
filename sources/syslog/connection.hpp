// One connection over which syslog is received, plain or by TLS.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/descriptor.hpp"
#include "base/time.hpp"
#include "sources/syslog/message_batch.hpp"
#include "sources/syslog/message_framer.hpp"
#include "sources/syslog/sender.hpp"
#include "sources/syslog/tls.hpp"

namespace triaged::sources {

/// What the messages of all connections at an address came to.
struct MessageCounts {
  std::uint64_t received = 0, cut = 0;
};

class Connection {
 public:
  /// `stream`: of the lines that this connection brings, Envelope::stream. `tls`: nullptr: it is plain.
  Connection(Descriptor socket, Sender sender, std::string stream, std::unique_ptr<TlsSession> tls,
             Microseconds elapsed);

  enum class Progress {
    waits,     // nothing more is there now
    has_more,  // its descriptor need not tell
    is_over,   // it has ended, and what had come of its last message is in the batch; failure() says whether by a
               // mistake
  };
  /// Reads up to 64 KiB, and adds the messages that are whole then.
  [[nodiscard]] Progress read(MessageBatch& batch, MessageCounts& counts, Microseconds elapsed);
  /// Adds what has come of its last message. Nothing may be read after that.
  void finish(MessageBatch& batch, MessageCounts& counts);

  /// Something has come that was not read.
  [[nodiscard]] bool has_arrivals() const;

  [[nodiscard]] int socket() const { return socket_.get(); }
  [[nodiscard]] const Sender& sender() const { return sender_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] bool wants_to_write() const { return tls_ && tls_->wants_to_write(); }
  [[nodiscard]] bool has_shaken_hands() const { return !tls_ || tls_->has_shaken_hands(); }
  [[nodiscard]] Microseconds accepted_at() const { return accepted_at_; }
  /// When the last bytes came.
  [[nodiscard]] Microseconds read_at() const { return read_at_; }

 private:
  [[nodiscard]] ConnectionRead read_bytes(std::span<char> into);
  [[nodiscard]] ConnectionRead read_tls(std::span<char> into);
  void add(const FramedMessage& message, MessageBatch& batch, MessageCounts& counts) const;

  Descriptor socket_;
  Sender sender_;
  std::string stream_;
  std::unique_ptr<TlsSession> tls_;
  std::optional<ConnectionRead> end_;  // of TLS, behind what was read
  MessageFramer framer_;
  std::string failure_;
  Microseconds accepted_at_, read_at_;
};

}  // namespace triaged::sources

// The server's end of TLS (RFC 5425) over sockets that do not block. OpenSSL stays in tls.cpp.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/result.hpp"
#include "sources/syslog/syslog_options.hpp"

namespace triaged::sources {

/// What reading from a connection came to.
struct ConnectionRead {
  enum class Outcome {
    bytes,
    nothing,  // now
    ended,    // the other side has closed it
    failed,   // `why` says what went wrong
  };
  Outcome outcome = Outcome::nothing;
  std::size_t bytes = 0;
  std::string why = {};
};

class TlsSession;

/// Certificate, key and the CA of clients. TLS 1.2 and later.
class TlsServer {
 public:
  /// Reads the files. The error names the one that is wrong, and why.
  [[nodiscard]] static Result<std::shared_ptr<TlsServer>> make(const TlsFiles& files);
  ~TlsServer();

  /// For a connection that was accepted. It keeps what it needs of this. nullptr: memory ran out.
  [[nodiscard]] std::unique_ptr<TlsSession> accept(int socket) const;

 private:
  struct Context;
  explicit TlsServer(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

class TlsSession {
 public:
  ~TlsSession();

  /// Shakes hands first. A client that shows no valid certificate where one is asked for fails.
  [[nodiscard]] ConnectionRead read(std::span<char> into);
  [[nodiscard]] bool has_shaken_hands() const;
  /// read() waits until the socket can be written to.
  [[nodiscard]] bool wants_to_write() const { return wants_to_write_; }

 private:
  friend class TlsServer;
  struct Connection;
  explicit TlsSession(std::unique_ptr<Connection> connection);

  std::unique_ptr<Connection> connection_;
  bool wants_to_write_ = false;
};

}  // namespace triaged::sources

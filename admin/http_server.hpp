// Serves HTTP/1.1 at one address. Bounded: so many connections at a time, so large a request, so long a wait for a
// client. Whatever a client sends, nothing but its own connection suffers.
//
// Some requests come first (is the daemon well?): they are answered on the server's own thread and never wait for
// another request, and never for room. When all connections are taken, the one whose client has kept the server waiting
// longest makes room for a new one.
#pragma once

#include <functional>
#include <memory>

#include "admin/access.hpp"
#include "admin/admin_message.hpp"
#include "base/result.hpp"

namespace triaged::admin {

class HttpServer {
 public:
  static constexpr std::size_t most_connections = 64;       // for one more the slowest client's is closed
  static constexpr std::size_t largest_body = 64 * 1024;    // a larger one is answered with 413
  static constexpr std::size_t largest_header = 16 * 1024;  // with 431
  static constexpr std::chrono::seconds longest_silence{10};

  struct Answers {
    std::function<AdminAnswer(const AdminRequest&)> answer;
    /// Whether `answer` takes this request on the server's own thread, at once: it must not wait for anything. All
    /// others are answered on a second thread, one at a time. None: no request comes first.
    std::function<bool(const AdminRequest&)> comes_first = {};
  };

  /// Port 0 is any free one. Fails when the address cannot be listened at.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> open(const AdminAddress& address, Answers answers);
  /// Ends what is under way.
  virtual ~HttpServer() = default;

  [[nodiscard]] virtual unsigned short port() const = 0;
};

}  // namespace triaged::admin

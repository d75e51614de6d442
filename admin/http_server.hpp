// Serves HTTP/1.1 at one address on a thread of its own. Bounded: so many connections at a time, so large a request, so
// long a wait for a client. Whatever a client sends, nothing but its own connection suffers.
#pragma once

#include <functional>
#include <memory>

#include "admin/access.hpp"
#include "admin/admin_message.hpp"

#include "base/result.hpp"

namespace triaged {

class HttpServer {
 public:
  static constexpr std::size_t most_connections = 64;       // one more is closed at once
  static constexpr std::size_t largest_body = 64 * 1024;    // a larger one is answered with 413
  static constexpr std::size_t largest_header = 16 * 1024;  // with 431
  static constexpr std::chrono::seconds longest_silence{10};

  /// `answer` is called on the server's thread, one request at a time. Port 0 is any free one. Fails when the address
  /// cannot be listened at.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> open(const AdminAddress& address,
                                                                std::function<AdminAnswer(const AdminRequest&)> answer);
  /// Ends what is under way.
  virtual ~HttpServer() = default;

  [[nodiscard]] virtual unsigned short port() const = 0;
};

}  // namespace triaged

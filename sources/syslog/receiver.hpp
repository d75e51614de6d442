// Receives syslog at one address. io thread only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "sources/syslog/listen_address.hpp"
#include "sources/syslog/message_batch.hpp"
#include "sources/syslog/syslog_options.hpp"
#include "values/metric.hpp"

namespace triaged::sources {

class Receiver {
 public:
  virtual ~Receiver() = default;

  /// Reads what is there, without waiting, and adds messages until the batch is full or nothing is left.
  /// `elapsed`: since some beginning; it never goes back.
  virtual void receive(MessageBatch& batch, Microseconds elapsed) = 0;
  /// To be called instead when no batch can be taken: datagrams are read nevertheless, so that each sender keeps its
  /// share of what can wait; connections are not, so that their senders wait.
  virtual void hold_back() {}
  /// Whether receive() has something although the descriptor is silent.
  [[nodiscard]] virtual bool has_more() const = 0;

  /// An epoll or a socket, readable when receive() may have something. The same as long as it lives.
  [[nodiscard]] virtual int descriptor() const = 0;
  /// What is to be done from time to time: silent connections are closed, losses are said. Once a second.
  virtual void look(Microseconds elapsed) = 0;

  /// A reload has other options for the same address.
  [[nodiscard]] virtual Result<void> use(const SyslogOptions& options) = 0;

  [[nodiscard]] virtual std::vector<std::string> take_messages() = 0;
  /// Adds its own counts, with the label source=`name`.
  virtual void add_to(std::vector<Metric>& metrics, const std::string& name) const = 0;
};

/// Listens at `address`. The error says why that cannot be, and what to do.
[[nodiscard]] Result<std::unique_ptr<Receiver>> make_receiver(const ListenAddress& address,
                                                              const SyslogOptions& options);

}  // namespace triaged::sources

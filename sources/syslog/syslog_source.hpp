// The source of kind `syslog`: messages that programs and other hosts send, at the addresses of one entry of the
// configuration.
//
// What can be lost. A sender keeps nothing of what it has sent, so batches are kept in memory until they are committed,
// and a reload gives out again what the road had not committed. When the process dies (kill -9), messages that were
// received and not committed, usually those of the last tenth of a second, are gone. When too much is not committed,
// connections are not read, so their senders wait; datagrams are dropped and counted (datagram_receiver.hpp).
//
// A reload keeps sockets and connections of addresses that the new configuration has, too, and with them what waits in
// the kernel's buffers. An address where nothing can listen now (it is in use) is tried again.
//
// An address is one stream, whose cursor counts what was given out; senders in it are told apart by Envelope::stream.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "sources/source.hpp"
#include "sources/syslog/syslog_options.hpp"

namespace triaged::sources {

/// The part of an address that a reload keeps.
struct SyslogState;
class MessageBatch;

/// io thread only.
class SyslogSource final : public Source {
 public:
  /// Goes on with what `origin.kept` has of the same addresses. Throws std::system_error when no descriptor is left.
  [[nodiscard]] static Result<std::unique_ptr<Source>> open(const SyslogOptions& options, const SourceOrigin& origin);
  ~SyslogSource() override;

  [[nodiscard]] std::optional<LineBatch> next(TimePoint now) override;
  [[nodiscard]] int descriptor() const override { return watch_.get(); }
  [[nodiscard]] TimePoint next_deadline() const override;
  [[nodiscard]] std::vector<std::string> take_messages() override;
  void add_to(std::vector<Metric>& metrics) const override;
  [[nodiscard]] std::string summary() const override;
  [[nodiscard]] bool wants_commits() const override { return true; }
  void on_committed(std::span<const Cursor> cursors) override;

 private:
  struct Address {
    ListenAddress listen;
    std::string name;    // "syslog udp://127.0.0.1:5514"
    std::string stream;  // "syslog:udp://127.0.0.1:5514"
    std::shared_ptr<SyslogState> state;
    std::string said_trouble;  // empty: somebody listens
    Microseconds open_at{0};   // when that is to be tried
    bool is_watched = false;
  };

  SyslogSource(const SyslogOptions& options, const SourceOrigin& origin);

  void take_over(Address& address);
  void try_to_open(Address& address);
  void say_trouble(Address& address, const std::string& trouble);
  void watch(Address& address, bool is_wanted);
  [[nodiscard]] std::optional<LineBatch> next(Address& address);
  [[nodiscard]] LineBatch finished(Address& address, MessageBatch& messages);
  void look();

  const SyslogOptions options_;
  Descriptor watch_;  // an epoll
  std::vector<Address> addresses_;
  std::size_t turn_ = 0;  // of which of them the next batch may be
  TimePoint now_;
  Microseconds elapsed_{0};  // since it was made; never goes back
  Microseconds look_at_{0};
  std::vector<std::string> messages_;
};

}  // namespace triaged::sources

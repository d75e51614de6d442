// Makes a batch of messages as they were received. A message becomes one line, whatever line feeds stand in it, with an
// Envelope of what is known about it beside its text: who sent it, its priority, and that its text does not speak for
// the kernel. What its header says (time, host, program, pid) is read by formats/.
#pragma once

#include <cstdint>
#include <string_view>

#include "sources/syslog/sender.hpp"
#include "values/line_batch.hpp"

namespace triaged::sources {

/// How a message was framed, which decides what a line feed in a client's text can do.
enum class Framing {
  whole,  // a datagram, or a counted message: all of its text is one program's one message
  line,   // whatever stands between two line feeds: a program that writes one makes two messages of its own one
};

/// "<134>" in front of a message; nothing when there is none.
struct SyslogPriority {
  int severity = -1;     // 0 (emergency) to 7 (debug)
  std::size_t size = 0;  // bytes
};
[[nodiscard]] SyslogPriority priority_of(std::string_view message);

class MessageBatch {
 public:
  /// `offset`: where in the stream the batch begins. `trusts_kernel`: its messages may be the kernel's.
  MessageBatch(std::uint64_t offset, bool trusts_kernel) : offset_(offset), trusts_kernel_(trusts_kernel) {}

  /// `stream`: tells apart what must not be read as one text, such as "10.0.0.7". An empty message adds nothing.
  void add(std::string_view message, std::string_view stream, std::string_view host, Framing framing);

  [[nodiscard]] bool is_empty() const { return batch_.lines.empty(); }
  /// It is time to give it out; more may still be added.
  [[nodiscard]] bool is_full() const;

  /// The batch, without source, name and cursor.
  [[nodiscard]] LineBatch take() { return std::move(batch_); }

 private:
  LineBatch batch_;
  std::uint64_t offset_;
  bool trusts_kernel_;
};

}  // namespace triaged::sources

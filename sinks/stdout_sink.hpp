// Diagnoses on standard output: as a page for people, with colour on a terminal, or as one line of JSON each.
#pragma once

#include <memory>

#include "sinks/sink.hpp"
#include "sinks/sink_options.hpp"

namespace triaged {

class StdoutSink : public Sink {
 public:
  enum class Format { text, json };

  /// Writes to `descriptor`, which must stay open.
  StdoutSink(int descriptor, Format format) : descriptor_(descriptor), format_(format) {}

  [[nodiscard]] Delivery deliver(const Notification& notification) override;

 private:
  int descriptor_;
  Format format_;
};

/// Fields: format.
[[nodiscard]] std::unique_ptr<Sink> read_stdout_sink(SinkOptions& options);

}  // namespace triaged

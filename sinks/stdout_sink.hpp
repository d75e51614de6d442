// Diagnoses on standard output: as a page for people, with colour on a terminal, or as one line of JSON each.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/options.hpp"
#include "base/time_zone.hpp"
#include "sinks/sink.hpp"

namespace triaged::sinks {

class StdoutSink : public Sink {
 public:
  enum class Format { text, json };

  /// Writes to `descriptor`, which must stay open, and waits at most `limit` for whoever reads it.
  StdoutSink(int descriptor, Format format, TimeZone zone = {},
             std::chrono::milliseconds limit = std::chrono::seconds(5))
      : descriptor_(descriptor), format_(format), zone_(std::move(zone)), limit_(limit) {}

  [[nodiscard]] Delivery deliver(const Notification& notification) override;

 private:
  int descriptor_;
  Format format_;
  TimeZone zone_;
  std::chrono::milliseconds limit_;
  // What was begun is ended before anything else, so that half a line never stands before a whole one.
  std::string rest_, rest_of_;  // the bytes, and the idempotency key of what they belong to
};

[[nodiscard]] std::vector<OptionFacts> stdout_options();
[[nodiscard]] std::unique_ptr<Sink> read_stdout_sink(YamlMapReader& fields, const TimeZone& zone);

}  // namespace triaged::sinks

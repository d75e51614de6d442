// Diagnoses as syslog messages, one each: RFC 5424 over UDP, TCP (octet counting) or a local socket.
#pragma once

#include <memory>
#include <string>

#include "base/options.hpp"
#include "base/time_zone.hpp"
#include "sinks/sink.hpp"
#include "sinks/syslog_connection.hpp"
#include "sinks/syslog_message.hpp"

namespace triaged::sinks {

struct SyslogSinkOptions {
  enum class Format { rfc5424, local };
  std::string address;  // as the operator wrote it, for messages
  SyslogTarget target;
  SyslogSender sender;
  Format format = Format::rfc5424;
};

class SyslogSink : public Sink {
 public:
  explicit SyslogSink(SyslogSinkOptions options) : options_(std::move(options)), connection_(options_.target) {}

  [[nodiscard]] Delivery deliver(const Notification& notification) override;
  [[nodiscard]] std::string program() const override { return options_.sender.app_name; }

 private:
  const SyslogSinkOptions options_;
  SyslogConnection connection_;
};

[[nodiscard]] std::vector<OptionFacts> syslog_options();
[[nodiscard]] std::unique_ptr<Sink> read_syslog_sink(YamlMapReader& fields, const TimeZone& zone);

}  // namespace triaged::sinks

// Diagnoses as incident JSON, posted to an address of the operator's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/time_zone.hpp"
#include "sinks/http_post.hpp"
#include "sinks/sink.hpp"

namespace triaged::sinks {

struct WebhookOptions {
  HttpTarget target;
  std::vector<std::string> headers;  // "Name: value", added to ours; may hold tokens
  std::string hmac_secret;           // empty: bodies are not signed
};

class WebhookSink : public Sink {
 public:
  explicit WebhookSink(WebhookOptions options) : options_(std::move(options)), http_(options_.target) {}

  [[nodiscard]] Delivery deliver(const Notification& notification) override;

 private:
  const WebhookOptions options_;
  HttpPost http_;
};

[[nodiscard]] std::vector<OptionFacts> webhook_options();
[[nodiscard]] std::unique_ptr<Sink> read_webhook_sink(YamlMapReader& fields, const TimeZone& zone);

}  // namespace triaged::sinks

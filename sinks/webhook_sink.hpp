// Diagnoses as incident JSON, posted to an address of the operator's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sinks/http_post.hpp"
#include "sinks/sink.hpp"
#include "sinks/sink_options.hpp"

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

/// Fields: url or url_file, headers, ca_file, timeout, hmac_secret or hmac_secret_file.
[[nodiscard]] std::unique_ptr<Sink> read_webhook_sink(SinkOptions& options);

}  // namespace triaged::sinks

// Diagnoses in a Slack channel, by an incoming webhook (or any receiver that takes its form).
#pragma once

#include <memory>

#include "base/time_zone.hpp"
#include "sinks/http_post.hpp"
#include "sinks/sink.hpp"

namespace triaged::sinks {

class SlackSink : public Sink {
 public:
  SlackSink(HttpTarget target, TimeZone zone) : zone_(std::move(zone)), http_(std::move(target)) {}

  [[nodiscard]] Delivery deliver(const Notification& notification) override;

 private:
  const TimeZone zone_;
  HttpPost http_;
};

/// What Slack's answer means. A 429 may carry its wait in the body, and a 200 may still be a refusal.
[[nodiscard]] Delivery slack_delivery_of(const HttpAnswer& answer, const HttpTarget& target);

[[nodiscard]] std::unique_ptr<Sink> read_slack_sink(YamlMapReader& fields, const TimeZone& zone);

}  // namespace triaged::sinks

#include "sinks/slack_sink.hpp"

#include <algorithm>
#include <cmath>

#include <boost/json.hpp>

#include "sinks/slack_message.hpp"

namespace triaged {

namespace {

constexpr double longest_wait = 3600;  // seconds

/// The body when it is a JSON object; Slack answers in plain text or in JSON.
std::optional<boost::json::object> object_in(const std::string& body) {
  boost::json::error_code failure;
  auto value = boost::json::parse(body, failure);
  if (failure || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

/// {"retry_after": 1, "ok": false, "error": "rate_limited"}
std::optional<std::chrono::milliseconds> wait_in(const boost::json::object& object) {
  const auto* field = object.if_contains("retry_after");
  if (field == nullptr || !field->is_number()) return std::nullopt;
  const double seconds = field->to_number<double>();
  if (!(seconds >= 0)) return std::nullopt;
  return std::chrono::milliseconds(std::lround(std::min(seconds, longest_wait) * 1000));
}

bool says_false(const boost::json::object& object, std::string_view key) {
  const auto* field = object.if_contains(key);
  return field != nullptr && field->is_bool() && !field->get_bool();
}

bool is_plain_ok(std::string_view body) {
  while (!body.empty() && (body.back() == '\n' || body.back() == '\r')) body.remove_suffix(1);
  return body.empty() || body == "ok";
}

}  // namespace

Delivery slack_delivery_of(const HttpAnswer& answer, const HttpTarget& target) {
  auto delivery = delivery_of(answer, target);
  const auto object = object_in(answer.body);
  if (delivery.outcome == Outcome::try_again && !delivery.retry_after && object)
    delivery.retry_after = wait_in(*object);
  if (delivery.outcome != Outcome::delivered || is_plain_ok(answer.body)) return delivery;
  if (object && !says_false(*object, "ok") && !says_false(*object, "success")) return delivery;
  // A page of a proxy or a refusal in JSON. The same message would be answered in the same way, unless it came too
  // fast.
  const auto wait = object ? wait_in(*object) : std::nullopt;
  return {wait ? Outcome::try_again : Outcome::rejected, description_of(answer, target), wait};
}

Delivery SlackSink::deliver(const Notification& notification) {
  const auto answer = http_.send(slack_message(notification.incident), {});
  if (!answer) return {Outcome::try_again, answer.error().message};
  return slack_delivery_of(*answer, http_.target());
}

std::unique_ptr<Sink> read_slack_sink(SinkOptions& options) {
  auto target = read_http_target(options);
  return target ? std::make_unique<SlackSink>(std::move(*target)) : nullptr;
}

}  // namespace triaged

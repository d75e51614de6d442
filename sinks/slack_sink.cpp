#include "sinks/slack_sink.hpp"

#include <algorithm>
#include <cmath>

#include <simdjson.h>

#include "base/clock.hpp"
#include "sinks/slack_message.hpp"

namespace triaged::sinks {

namespace {

constexpr double longest_wait = 3600;  // seconds

/// What Slack says in JSON: {"retry_after": 1, "ok": false, "error": "rate_limited"}
struct SlackAnswer {
  std::optional<std::chrono::milliseconds> wait;
  bool is_refusal = false;
};

bool says_false(simdjson::dom::object object, std::string_view key) {
  bool value = true;
  return object[key].get(value) == simdjson::SUCCESS && !value;
}

/// nullopt: the body is no JSON object. Slack also answers in plain text.
std::optional<SlackAnswer> slack_answer_in(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(body).get(object) != simdjson::SUCCESS) return std::nullopt;
  SlackAnswer answer{.wait = {}, .is_refusal = says_false(object, "ok") || says_false(object, "success")};
  double seconds = 0;
  if (object["retry_after"].get(seconds) == simdjson::SUCCESS && seconds >= 0) {
    answer.wait = std::chrono::milliseconds(std::lround(std::min(seconds, longest_wait) * 1000));
  }
  return answer;
}

bool is_plain_ok(std::string_view body) {
  while (!body.empty() && (body.back() == '\n' || body.back() == '\r')) body.remove_suffix(1);
  return body.empty() || body == "ok";
}

}  // namespace

Delivery slack_delivery_of(const HttpAnswer& answer, const HttpTarget& target) {
  auto delivery = delivery_of(answer, target);
  const auto said = slack_answer_in(answer.body);
  if (delivery.outcome == Outcome::try_again && !delivery.retry_after && said) delivery.retry_after = said->wait;
  if (delivery.outcome != Outcome::delivered || is_plain_ok(answer.body)) return delivery;
  if (said && !said->is_refusal) return delivery;
  // A page of a proxy or a refusal in JSON. The same message would be answered in the same way, unless it came too
  // fast.
  const auto wait = said ? said->wait : std::nullopt;
  return {wait ? Outcome::try_again : Outcome::rejected, description_of(answer, target), wait};
}

Delivery SlackSink::deliver(const Notification& notification) {
  const auto answer = http_.send(slack_message(notification.incident, {.zone = zone_, .today = now()}), {});
  if (!answer) return {Outcome::try_again, answer.error().message};
  return slack_delivery_of(*answer, http_.target());
}

std::unique_ptr<Sink> read_slack_sink(YamlMapReader& fields, const TimeZone& zone) {
  auto target = read_http_target(fields);
  return target ? std::make_unique<SlackSink>(std::move(*target), zone) : nullptr;
}

}  // namespace triaged::sinks

#include "sinks/webhook_sink.hpp"

#include <algorithm>
#include <cctype>
#include <ctime>

#include <fmt/format.h>

#include "sinks/hmac_sha256.hpp"
#include "sinks/secret_option.hpp"

namespace triaged::sinks {

namespace {

/// Headers that say how the request is built; giving them twice would make it ambiguous.
constexpr std::string_view our_headers[] = {"content-type",    "content-length",    "transfer-encoding", "expect",
                                            "idempotency-key", "triaged-timestamp", "triaged-signature"};

/// A token of RFC 9110.
bool is_header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char byte) {
    return std::isalnum(static_cast<unsigned char>(byte)) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(byte) != std::string_view::npos;
  });
}

bool is_ours(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char byte) { return static_cast<char>(std::tolower(byte)); });
  return std::find(std::begin(our_headers), std::end(our_headers), lower) != std::end(our_headers);
}

void read_headers(YamlMapReader& fields, const OptionFacts& option, WebhookOptions& webhook) {
  const auto* map = fields.map(option.name);
  if (map == nullptr) return;
  for (const auto& [key, value] : map->entries) {
    const bool is_line =
        value.text.find_first_of("\r\n") == std::string::npos && value.text.find('\0') == std::string::npos;
    if (!is_header_name(key.text)) {
      fields.report(ProblemLevel::error, key, "this is not the name of a header");
    } else if (is_ours(key.text)) {
      fields.report(ProblemLevel::error, key, fmt::format("the header '{}' is set by triaged itself", key.text));
    } else if (value.kind != YamlValue::Kind::text || !is_line) {
      fields.report(ProblemLevel::error, key, "the value of a header must be one line of text");
    } else {
      // libcurl sends a header without a value only in this form.
      webhook.headers.push_back(value.text.empty() ? key.text + ";" : fmt::format("{}: {}", key.text, value.text));
      keep_secret(value.text, webhook.target);
    }
  }
}

const OptionTable<WebhookOptions>& table() {
  static const OptionTable<WebhookOptions> table = {
      {"headers",
       {{.shape = OptionFacts::Shape::text_map}, read_headers},
       "Further headers of every request, for example `Authorization`.",
       "none"},
      {"hmac_secret",
       {{},
        [](YamlMapReader& fields, const OptionFacts&, WebhookOptions& webhook) {
          webhook.hmac_secret = read_secret(fields, "hmac_secret", "hmac_secret_file").value_or("");
          keep_secret(webhook.hmac_secret, webhook.target);
        }},
       "The secret that signs every body.",
       "bodies are not signed"},
      {"hmac_secret_file", {}, "The file whose first line is that secret.", "bodies are not signed"},
  };
  return table;
}

}  // namespace

Delivery WebhookSink::deliver(const Notification& notification) {
  const auto body = to_json(notification.incident);
  auto headers = options_.headers;
  headers.push_back("Idempotency-Key: " + notification.idempotency_key);
  if (!options_.hmac_secret.empty()) {
    // The time is signed with the body, so that a receiver can refuse an old request that is sent again.
    const auto timestamp = std::to_string(std::time(nullptr));
    headers.push_back("Triaged-Timestamp: " + timestamp);
    headers.push_back("Triaged-Signature: sha256=" + hmac_sha256_hex(options_.hmac_secret, timestamp + "." + body));
  }
  const auto answer = http_.send(body, headers);
  if (!answer) return {Outcome::try_again, answer.error().message};
  return delivery_of(*answer, http_.target());
}

std::vector<OptionFacts> webhook_options() {
  auto options = http_target_options();
  options.insert(options.end(), table().facts().begin(), table().facts().end());
  return options;
}

std::unique_ptr<Sink> read_webhook_sink(YamlMapReader& fields, const TimeZone& /*zone*/) {
  WebhookOptions webhook;
  auto target = read_http_target(fields);
  if (target) webhook.target = std::move(*target);
  table().read(fields, webhook);
  return std::make_unique<WebhookSink>(std::move(webhook));
}

}  // namespace triaged::sinks

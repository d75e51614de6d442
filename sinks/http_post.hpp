// One HTTP POST of JSON, the way every sink that speaks HTTP does it: certificates verified, redirects not followed,
// every wait bounded, and nothing secret in what is said about it. Hides libcurl.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.hpp"
#include "base/result.hpp"
#include "sinks/sink.hpp"

namespace triaged::sinks {

struct HttpTarget {
  std::string url;      // secret: a webhook's path or query is its password
  std::string place;    // "https://hooks.slack.com", all of the address that may be shown
  std::string ca_file;  // empty: the system's certificates
  std::chrono::milliseconds timeout{15'000};
  /// What must not be repeated from an answer: receivers like to quote the address or a token that they did not like.
  std::vector<std::string> secrets = {};
};

struct HttpAnswer {
  long status = 0;
  std::string body;         // its first 4 KiB
  std::string retry_after;  // the header, empty when there was none
  std::string date;         // the header likewise
};

/// The options of every sink that posts: url or url_file, timeout and ca_file.
[[nodiscard]] std::vector<OptionFacts> http_target_options();
/// Reads them. nullopt after a problem was reported.
[[nodiscard]] std::optional<HttpTarget> read_http_target(YamlMapReader& fields);

/// Never repeats `text`, nor a piece of it that is long enough to be a password.
void keep_secret(std::string_view text, HttpTarget& target);

/// Splits `url` into what may be shown and what is secret; an error says why it is no address to post to.
[[nodiscard]] Result<HttpTarget> target_of(const std::string& url);

/// Keeps its connection between posts. One thread.
class HttpPost {
 public:
  explicit HttpPost(HttpTarget target);
  ~HttpPost();
  HttpPost(const HttpPost&) = delete;
  HttpPost& operator=(const HttpPost&) = delete;

  [[nodiscard]] const HttpTarget& target() const { return target_; }

  /// `headers` as "Name: value"; Content-Type and User-Agent are added. An error means that there was no answer.
  [[nodiscard]] Result<HttpAnswer> send(const std::string& body, const std::vector<std::string>& headers);

 private:
  struct Session;
  const HttpTarget target_;
  std::unique_ptr<Session> session_;
};

/// What an answer means, by the rules that fit every receiver: 2xx delivered; 408, 425, 429 and 5xx except 501 try
/// again, when Retry-After says; everything else rejected, with the start of the body.
[[nodiscard]] Delivery delivery_of(const HttpAnswer& answer, const HttpTarget& target);

/// "HTTP 404 from https://host: the start of the body", in one printable line without the target's secrets.
[[nodiscard]] std::string description_of(const HttpAnswer& answer, const HttpTarget& target);

/// Retry-After in seconds or as an HTTP date (relative to the answer's own Date, else to this machine's clock), at most
/// an hour. nullopt for anything else.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after_of(const HttpAnswer& answer);

/// The start of `text`, at most 200 bytes, in one printable line.
[[nodiscard]] std::string excerpt_of(std::string_view text);

}  // namespace triaged::sinks

// Reading of the fields that say where to post to.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <curl/curl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "sinks/http_post.hpp"
#include "sinks/secret_option.hpp"

namespace triaged::sinks {

namespace {

constexpr std::chrono::milliseconds longest_timeout{15'000};
constexpr std::size_t shortest_secret = 6;

struct UrlFree {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
  void operator()(char* text) const noexcept { curl_free(text); }
};

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* bytes = nullptr;
  const auto failure = curl_url_get(url, part, &bytes, flags);
  const std::unique_ptr<char, UrlFree> text(bytes);
  return failure == CURLUE_OK ? std::string(text.get()) : std::string();
}

bool is_loopback(std::string_view place) {
  const auto host = place.substr(place.find("://") + 3);
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

struct HttpFields {
  std::optional<std::string> url;
  std::chrono::milliseconds timeout = longest_timeout;
  std::string ca_file;
};

std::string mistake_in_ca_file(const YamlValue& path) {
  const bool is_readable = path.text.empty() || ::access(path.text.c_str(), R_OK) == 0;
  return is_readable ? "" : fmt::format("cannot read 'ca_file': {}", std::strerror(errno));
}

const OptionTable<HttpFields>& table() {
  using Value = OptionsOf<HttpFields>;
  static const OptionTable<HttpFields> table = {
      {"url",
       {{},
        [](YamlMapReader& fields, const OptionFacts&, HttpFields& given) {
          given.url = read_secret(fields, "url", "url_file");
        }},
       "The address to post to, `https://…`; `http://…` warns unless it is loopback.",
       "this or `url_file` is needed"},
      {"url_file", {}, "The file whose first line is the address.", "this or `url` is needed"},
      {"timeout",
       Value::duration(&HttpFields::timeout, {.least = std::chrono::milliseconds(1),
                                              .most = longest_timeout,
                                              .message = "'timeout' must be above 0 and at most 15s"}),
       "The longest that one exchange may take; connecting may take 5 s of it."},
      {"ca_file", Value::text(&HttpFields::ca_file, mistake_in_ca_file),
       "The file of the certificates to trust instead of the system's.", "the system's certificates"},
  };
  return table;
}

}  // namespace

void keep_secret(std::string_view text, HttpTarget& target) {
  if (text.size() > 1) target.secrets.emplace_back(text);  // a path of "/" is no secret
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find_first_of("/&= ", begin), text.size());
    if (end - begin >= shortest_secret) target.secrets.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

Result<HttpTarget> target_of(const std::string& url) {
  if (url.find_first_of(" \t\r\n") != std::string::npos) return error("it holds blanks");
  const std::unique_ptr<CURLU, UrlFree> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return error("it is not a URL");
  }
  const auto scheme = part_of(parsed.get(), CURLUPART_SCHEME), host = part_of(parsed.get(), CURLUPART_HOST);
  if (scheme != "https" && scheme != "http") return error("it must start with https:// or http://");
  const auto port = part_of(parsed.get(), CURLUPART_PORT);
  HttpTarget target{
      .url = url, .place = fmt::format("{}://{}{}{}", scheme, host, port.empty() ? "" : ":", port), .ca_file = ""};
  for (const auto part : {CURLUPART_PATH, CURLUPART_QUERY, CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT}) {
    const auto written = part_of(parsed.get(), part), meant = part_of(parsed.get(), part, CURLU_URLDECODE);
    keep_secret(written, target);
    if (meant != written) keep_secret(meant, target);
  }
  return target;
}

std::vector<OptionFacts> http_target_options() { return table().facts(); }

std::optional<HttpTarget> read_http_target(YamlMapReader& fields) {
  HttpFields given;
  table().read(fields, given);
  if (!given.url) {
    if (fields.peek("url") == nullptr && fields.peek("url_file") == nullptr) {
      fields.report(ProblemLevel::error, "one of 'url' and 'url_file' is needed");
    }
    return std::nullopt;
  }
  auto target = target_of(*given.url);
  if (!target) {
    fields.report(ProblemLevel::error, "url", fmt::format("cannot post to this 'url': {}", target.error().message));
    return std::nullopt;
  }
  if (target->place.starts_with("http://") && !is_loopback(target->place)) {
    fields.report(ProblemLevel::warning, "url", "diagnoses travel to this 'url' unencrypted; use https://");
  }
  target->ca_file = given.ca_file;
  target->timeout = given.timeout;
  return std::move(*target);
}

}  // namespace triaged::sinks

// What an HTTP answer means for a delivery.
#include <algorithm>
#include <charconv>
#include <ctime>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/utf8.hpp"
#include "sinks/http_post.hpp"

namespace triaged::sinks {

namespace {

constexpr std::chrono::seconds longest_retry_after{3600};
constexpr std::size_t longest_excerpt = 200;

bool is_temporary(long status) {
  return status == 408 || status == 425 || status == 429 || (status >= 500 && status < 600 && status != 501);
}

/// Seconds since 1970, -1 when it is no HTTP date.
std::time_t seconds_of(const std::string& date) { return date.empty() ? -1 : curl_getdate(date.c_str(), nullptr); }

/// `text` without the secrets, and without pieces of them that are long enough to be of use: receivers quote the end of
/// a token that they do not know, or cut an address.
std::string without(const std::vector<std::string>& secrets, std::string text) {
  constexpr std::size_t shortest_piece = 8;
  constexpr std::size_t longest_text = 2 * longest_excerpt;  // more is not shown
  for (const auto& secret : secrets) {
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at))
      text.replace(at, secret.size(), "…");
  }
  text.resize(std::min(text.size(), longest_text));
  std::vector<bool> hidden(text.size());
  for (std::size_t at = 0; at + shortest_piece <= text.size(); ++at) {
    const auto piece = std::string_view(text).substr(at, shortest_piece);
    const bool is_secret = std::any_of(secrets.begin(), secrets.end(), [&](const std::string& secret) {
      return secret.find(piece) != std::string::npos;
    });
    if (is_secret) std::fill_n(hidden.begin() + static_cast<std::ptrdiff_t>(at), shortest_piece, true);
  }
  std::string shown;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!hidden[at]) shown += text[at];
    if (hidden[at] && (at == 0 || !hidden[at - 1])) shown += "…";
  }
  return shown;
}

}  // namespace

std::optional<std::chrono::milliseconds> retry_after_of(const HttpAnswer& answer) {
  const auto& text = answer.retry_after;
  long long seconds = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool is_whole = stop == text.data() + text.size() && !text.empty() && text[0] != '-';
  if (is_whole && failure == std::errc::result_out_of_range) return longest_retry_after;
  if (!is_whole || failure != std::errc()) {
    const auto until = seconds_of(text);
    if (until < 0) return std::nullopt;
    const auto sent_at = seconds_of(answer.date);
    seconds = until - (sent_at < 0 ? std::time(nullptr) : sent_at);
  }
  return std::chrono::seconds(std::clamp<long long>(seconds, 0, longest_retry_after.count()));
}

std::string excerpt_of(std::string_view text) {
  std::string line(text.substr(0, longest_excerpt));
  std::replace_if(
      line.begin(), line.end(), [](char byte) { return byte == '\n' || byte == '\r' || byte == '\t'; }, ' ');
  const auto printable = to_printable(line);
  return std::string(prefix_of(printable, longest_excerpt));
}

std::string description_of(const HttpAnswer& answer, const HttpTarget& target) {
  auto description = fmt::format("HTTP {} from {}", answer.status, target.place);
  if (answer.status >= 300 && answer.status < 400) description += " (redirects are not followed)";
  const auto excerpt = excerpt_of(without(target.secrets, answer.body));
  return excerpt.empty() ? description : fmt::format("{}: {}", description, excerpt);
}

Delivery delivery_of(const HttpAnswer& answer, const HttpTarget& target) {
  if (answer.status >= 200 && answer.status < 300) return {};
  if (!is_temporary(answer.status)) return {Outcome::rejected, description_of(answer, target)};
  return {Outcome::try_again, description_of(answer, target), retry_after_of(answer)};
}

}  // namespace triaged::sinks

#include "sinks/http_post.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <mutex>

#include <curl/curl.h>
#include <fmt/format.h>

namespace triaged::sinks {

namespace {

constexpr std::chrono::milliseconds connect_timeout{5'000};
constexpr std::size_t longest_kept_body = 4096;

struct CurlFree {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

void start_curl_once() {
  static std::once_flag started;
  std::call_once(started, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

/// Keeps the start of the body and takes the rest without keeping it; the time limit bounds an endless one.
std::size_t keep_body(char* bytes, std::size_t, std::size_t count, void* out) {
  auto& body = *static_cast<std::string*>(out);
  body.append(bytes, std::min(count, longest_kept_body - std::min(longest_kept_body, body.size())));
  return count;
}

std::string header_of(CURL* handle, const char* name) {
  curl_header* header = nullptr;
  return curl_easy_header(handle, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : std::string();
}

/// A header's value must be one line of printable ASCII, whatever an incident's id may hold.
std::string one_header_line(const std::string& header) {
  std::string line = header;
  std::replace_if(
      line.begin(), line.end(), [](char byte) { return byte < 32 || byte == 127; }, '?');
  return line;
}

}  // namespace

struct HttpPost::Session {
  std::unique_ptr<CURL, CurlFree> handle{curl_easy_init()};
  std::array<char, CURL_ERROR_SIZE> message{};
};

HttpPost::HttpPost(HttpTarget target) : target_(std::move(target)) {
  start_curl_once();
  session_ = std::make_unique<Session>();
}

HttpPost::~HttpPost() = default;

Result<HttpAnswer> HttpPost::send(const std::string& body, const std::vector<std::string>& headers) {
  CURL* handle = session_->handle.get();
  if (handle == nullptr) return error("cannot start an HTTP request: out of memory");
  std::unique_ptr<curl_slist, CurlFree> list(curl_slist_append(nullptr, "Content-Type: application/json"));
  list.reset(curl_slist_append(list.release(), "Expect:"));  // no pause before a long body
  for (const auto& header : headers) list.reset(curl_slist_append(list.release(), one_header_line(header).c_str()));
  HttpAnswer answer;
  curl_easy_reset(handle);  // keeps the connection
  curl_easy_setopt(handle, CURLOPT_URL, target_.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "triaged");
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list.get());
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);  // an alert goes where the operator said and nowhere else
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::min(connect_timeout, target_.timeout).count()));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(target_.timeout.count()));
  if (!target_.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, target_.ca_file.c_str());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, keep_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, session_->message.data());
  session_->message[0] = '\0';
  const auto status = curl_easy_perform(handle);
  if (status != CURLE_OK) {
    const auto& message = session_->message;
    return error(fmt::format("cannot post to {}: {}", target_.place,
                             excerpt_of(message[0] != '\0' ? message.data() : curl_easy_strerror(status))));
  }
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer.status);
  answer.retry_after = header_of(handle, "Retry-After");
  answer.date = header_of(handle, "Date");
  return answer;
}

}  // namespace triaged::sinks

// certificate-expired, certificate-valid: the dates of the certificates that the configuration of the proxy names.
#include "probes/certificate.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "probes/host_files.hpp"
#include "probes/looks.hpp"
#include "probes/proxy_configuration.hpp"
#include <fmt/format.h>

#include "base/utf8.hpp"

namespace triaged {

namespace {

constexpr std::size_t longest_certificate = 64 * 1024;
constexpr std::size_t most_certificates = 64;

enum Tag : std::uint8_t { integer = 0x02, utc_time = 0x17, generalized_time = 0x18, sequence = 0x30, version = 0xa0 };

struct Element {
  std::uint8_t tag = 0;
  std::string_view body;
};

/// Takes the first element off DER text.
std::optional<Element> take_element(std::string_view& text) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  if (text.size() < 2) return std::nullopt;
  Element element{.tag = byte(0)};
  std::size_t length = byte(1), head = 2;
  if (length >= 0x80) {
    const std::size_t digits = length & 0x7f;
    if (digits == 0 || digits > 4 || text.size() < 2 + digits) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < digits; ++i) length = length << 8 | byte(2 + i);
    head += digits;
  }
  if (length > text.size() - head) return std::nullopt;
  element.body = text.substr(head, length);
  text.remove_prefix(head + length);
  return element;
}

/// "261121031205Z" or "20261121031205Z".
std::optional<TimePoint> time_of(const Element& element) {
  if (element.tag != utc_time && element.tag != generalized_time) return std::nullopt;
  const std::size_t digits = element.tag == utc_time ? 2 : 4;
  const auto text = element.body;
  if (text.size() != digits + 11 || !text.ends_with('Z')) return std::nullopt;
  std::size_t at = 0;
  bool is_good = true;
  const auto take = [&](std::size_t count) {
    const auto number = whole_number(text.substr(at, count));
    at += count;
    is_good = is_good && number.has_value();
    return static_cast<int>(number.value_or(0));
  };
  CivilTime civil;
  civil.year = take(digits);
  if (digits == 2) civil.year += civil.year < 50 ? 2000 : 1900;
  civil.month = static_cast<unsigned>(take(2));
  civil.day = static_cast<unsigned>(take(2));
  civil.hour = take(2);
  civil.minute = take(2);
  civil.second = take(2);
  if (!is_good || !is_valid(civil)) return std::nullopt;
  return from_civil(civil, std::chrono::seconds(0));
}

std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ' || c == '=') continue;
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

/// Certificate { tbsCertificate { version?, serialNumber, signature, issuer, validity { notBefore, notAfter }, …
std::optional<CertificateDates> dates_in(std::string_view der) {
  const auto certificate = take_element(der);
  if (!certificate || certificate->tag != sequence) return std::nullopt;
  auto text = certificate->body;
  const auto signed_part = take_element(text);
  if (!signed_part || signed_part->tag != sequence) return std::nullopt;
  text = signed_part->body;
  auto field = take_element(text);
  if (field && field->tag == version) field = take_element(text);
  if (!field || field->tag != integer) return std::nullopt;
  const auto signature = take_element(text), issuer = take_element(text), validity = take_element(text);
  if (!signature || !issuer || !validity || validity->tag != sequence) return std::nullopt;
  text = validity->body;
  const auto from = take_element(text), until = take_element(text);
  if (!from || !until) return std::nullopt;
  const auto begin = time_of(*from), end = time_of(*until);
  if (!begin || !end) return std::nullopt;
  return CertificateDates{*begin, *end};
}

/// "ssl_certificate FILE" of nginx; "crt FILE" of HAProxy, which may also name a folder. A list of certificates in a
/// file of its own is not read: `is_sure` becomes false.
std::vector<std::string> certificates_in(const ProxyConfiguration& configuration, bool is_nginx, bool& is_sure) {
  std::vector<std::string> paths;
  const auto folder = std::filesystem::path(configuration.files.front().path).parent_path();
  const std::string_view directive = is_nginx ? "ssl_certificate" : "crt";
  for (const auto& file : configuration.files) {
    bool is_next = false;
    for (const auto& word : file.words()) {
      if (is_next && paths.size() < most_certificates) paths.push_back((folder / std::string(word.text)).string());
      is_sure = is_sure && (is_nginx || word.text != "crt-list");
      is_next = word.text == directive && (word.is_first || !is_nginx);
    }
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

std::string day_of(TimePoint time) { return to_rfc3339(time).substr(0, 10); }

}  // namespace

std::optional<CertificateDates> certificate_dates(std::string_view pem) {
  constexpr std::string_view head = "-----BEGIN CERTIFICATE-----", foot = "-----END CERTIFICATE-----";
  const auto begin = pem.find(head);
  const auto end = pem.find(foot, begin == std::string_view::npos ? 0 : begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return std::nullopt;
  const auto der = decode_base64(pem.substr(begin + head.size(), end - begin - head.size()));
  return der ? dates_in(*der) : std::nullopt;
}

Finding look_at_certificates(const ProbeQuestion& question, const std::filesystem::path& root) {
  const auto configuration = read_proxy_configuration(question, root);
  if (configuration.files.empty()) return unknown_because(configuration.why);
  bool is_sure = configuration.is_whole;
  std::size_t valid = 0;
  for (const auto& path : certificates_in(configuration, question.program == "nginx", is_sure)) {
    const auto pem = is_plain_path(path) ? read_host_file(below(root, path), longest_certificate) : std::nullopt;
    const auto dates = pem ? certificate_dates(pem->text) : std::nullopt;
    if (!dates) {
      is_sure = false;
    } else if (dates->until <= question.since) {
      return {"certificate-expired",
              fmt::format("the certificate {} expired on {}", to_printable(path), day_of(dates->until))};
    } else if (dates->from > question.since) {
      return {"certificate-expired",
              fmt::format("the certificate {} is valid only from {} on", to_printable(path), day_of(dates->from))};
    } else {
      ++valid;
    }
  }
  if (valid == 0 || !is_sure) return unknown_because("not every certificate of the proxy can be read");
  return {"certificate-valid", fmt::format("the certificates of {} are all in date", question.program)};
}

}  // namespace triaged

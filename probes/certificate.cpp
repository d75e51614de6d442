// certificate-expired, certificate-valid: the dates of the certificates that the configuration of the proxy names.
#include "probes/certificate.hpp"

#include <algorithm>
#include <ctime>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/utf8.hpp"
#include "probes/host_files.hpp"
#include "probes/probe_kinds.hpp"
#include "probes/proxy_configuration.hpp"

namespace triaged::probes {

namespace {

constexpr std::size_t longest_certificate = 64 * 1024;
constexpr std::size_t most_certificates = 64;

struct OpensslFree {
  void operator()(BIO* bytes) const noexcept { ::BIO_free(bytes); }
  void operator()(X509* certificate) const noexcept { ::X509_free(certificate); }
};

/// Without it, OpenSSL asks at the terminal for the passphrase of an encrypted block.
int no_passphrase(char*, int, int, void*) { return -1; }

std::optional<TimePoint> time_of(const ASN1_TIME* time) {
  std::tm utc{};
  if (::ASN1_TIME_to_tm(time, &utc) != 1) return std::nullopt;
  return from_civil({.year = utc.tm_year + 1900,
                     .month = static_cast<unsigned>(utc.tm_mon + 1),
                     .day = static_cast<unsigned>(utc.tm_mday),
                     .hour = utc.tm_hour,
                     .minute = utc.tm_min,
                     .second = utc.tm_sec},
                    std::chrono::seconds(0));
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

}  // namespace

std::optional<CertificateDates> certificate_dates(std::string_view pem) {
  constexpr std::string_view head = "-----BEGIN CERTIFICATE-----", foot = "-----END CERTIFICATE-----";
  const auto begin = pem.find(head);
  const auto end = pem.find(foot, begin == std::string_view::npos ? 0 : begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return std::nullopt;
  const auto length = end + foot.size() - begin;
  const std::unique_ptr<BIO, OpensslFree> block(::BIO_new_mem_buf(pem.data() + begin, static_cast<int>(length)));
  const std::unique_ptr<X509, OpensslFree> certificate(
      ::PEM_read_bio_X509(block.get(), nullptr, no_passphrase, nullptr));
  ::ERR_clear_error();
  if (!certificate) return std::nullopt;
  const auto from = time_of(::X509_get0_notBefore(certificate.get()));
  const auto until = time_of(::X509_get0_notAfter(certificate.get()));
  if (!from || !until) return std::nullopt;
  return CertificateDates{*from, *until};
}

Finding probe_certificates(const ProbeQuestion& question, const std::filesystem::path& root) {
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
              fmt::format("the certificate {} expired on {}", to_printable(path), date_of(dates->until))};
    } else if (dates->from > question.since) {
      return {"certificate-expired",
              fmt::format("the certificate {} is valid only from {} on", to_printable(path), date_of(dates->from))};
    } else {
      ++valid;
    }
  }
  if (valid == 0 || !is_sure) return unknown_because("not every certificate of the proxy can be read");
  return {"certificate-valid", fmt::format("the certificates of {} are all in date", question.program)};
}

}  // namespace triaged::probes

// The dates of a certificate, read from its PEM text. Hides OpenSSL, with which nginx and HAProxy read theirs: what it
// refuses they refuse too.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace triaged::probes {

struct CertificateDates {
  TimePoint from, until;
};

/// Of the first certificate in `pem`, the server's own; nullopt: there is none, or it is damaged.
[[nodiscard]] std::optional<CertificateDates> certificate_dates(std::string_view pem);

}  // namespace triaged::probes

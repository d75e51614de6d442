// The dates of a certificate, read from its PEM text. Of X.509 only the way to the dates is understood: four fields of
// fixed order, no recursion, every length checked. That is less than a library would bring along, and needs none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace triaged {

struct CertificateDates {
  TimePoint from, until;
};

/// Of the first certificate in `pem`, the server's own; nullopt: there is none, or it is damaged.
[[nodiscard]] std::optional<CertificateDates> certificate_dates(std::string_view pem);

}  // namespace triaged

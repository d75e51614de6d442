// HMAC-SHA256 (RFC 2104, FIPS 180-4), with which a webhook's receiver can tell that a body came from us. Written here
// because it is the one thing that would need a crypto library of its own; the tests hold the vectors of RFC 4231.
#pragma once

#include <string>
#include <string_view>

namespace triaged {

/// As 64 hexadecimal digits.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);

}  // namespace triaged

// HMAC-SHA256 (RFC 2104), with which a webhook's receiver can tell that a body came from us. Hides OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace triaged::sinks {

/// As 64 hexadecimal digits. A secret file has at most 64 KiB, so no key is longer.
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);

}  // namespace triaged::sinks

#include "sinks/hmac_sha256.hpp"

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace triaged::sinks {

std::string hmac_sha256_hex(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned length = 0;
  const void* key_bytes = key.empty() ? "" : key.data();  // a null pointer would mean: no key yet
  const auto* text = reinterpret_cast<const unsigned char*>(bytes.data());
  ::HMAC(::EVP_sha256(), key_bytes, static_cast<int>(key.size()), text, bytes.size(), code.data(), &length);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", code[i]);
  return hex;
}

}  // namespace triaged::sinks

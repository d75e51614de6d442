#include "values/identity.hpp"

#include <array>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>
#include <fmt/format.h>

namespace triaged::inline values {

namespace {

constexpr std::string_view crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// SHA-1 of `name` under a name space of this product's own (RFC 4122, version 5): 122 bits that vary.
boost::uuids::uuid hash_of(std::string_view name) {
  static constexpr boost::uuids::uuid product = {
      {0x74, 0x72, 0x69, 0x61, 0x67, 0x65, 0x64, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01}};
  return boost::uuids::name_generator_sha1(product)(name.data(), name.size());
}

}  // namespace

std::string incident_id(const MatchedLine& first) {
  // The ULID specification: 48 bits of milliseconds since 1970, then 80 bits, in Crockford's base 32, 26 characters.
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(first.at.time_since_epoch()).count();
  const auto hash = hash_of(fmt::format("{}\n{}\n{}\n{}\n{}", first.rule, first.source, first.offset,
                                        first.at.time_since_epoch().count(), first.line));
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(milliseconds) >> (40 - 8 * i));
  }
  // Bytes 6 and 8 of a version 5 UUID hold its version and variant; take ten that vary.
  constexpr std::array<std::size_t, 10> varying = {0, 1, 2, 3, 4, 5, 7, 9, 10, 11};
  for (std::size_t i = 0; i < varying.size(); ++i) bytes[6 + i] = hash.data[varying[i]];
  std::string id;
  unsigned bits = 0, buffered = 2;  // 26 characters hold 130 bits: two leading zero bits
  for (const auto byte : bytes) {
    bits = ((bits << 8U) | byte) & 0xFFFFU;
    buffered += 8;
    while (buffered >= 5) {
      buffered -= 5;
      id += crockford[(bits >> buffered) & 31U];
    }
  }
  return id;
}

std::string incident_key(std::string_view rule, const Entity& entity) {
  return hash_text(fmt::format("{}\n{}\n{}", rule, entity.kind, entity.value));
}

std::string hash_text(std::string_view text) {
  std::string digits;
  for (const auto byte : hash_of(text)) digits += fmt::format("{:02x}", byte);
  return digits;
}

}  // namespace triaged::inline values

#include "formats/redaction/secret_kind.hpp"

#include <algorithm>
#include <array>

namespace triaged::formats {

namespace {

constexpr std::array<std::string_view, secret_kind_count> kind_names = {
    "private-key",   "jwt",    "cloud-key", "service-key", "webhook", "password",
    "authorization", "cookie", "token",     "email",       "card",    "extra",
};

}  // namespace

std::string_view name_of(SecretKind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

std::vector<std::string_view> usual_secret_kinds() { return {kind_names.begin(), kind_names.end() - 1}; }

std::optional<SecretKind> usual_secret_kind_named(std::string_view name) {
  const auto end = kind_names.end() - 1;
  const auto found = std::find(kind_names.begin(), end, name);
  if (found == end) return std::nullopt;
  return static_cast<SecretKind>(found - kind_names.begin());
}

}  // namespace triaged::formats

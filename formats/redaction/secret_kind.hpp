// The kinds of what must not leave a log line. Their names stand in the text in place of a secret
// ("[redacted: password]"), in `redact.except` of the configuration, and in docs/redaction.md.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace triaged::formats {

enum class SecretKind {
  private_key,
  jwt,
  cloud_key,
  service_key,
  webhook,
  password,
  authorization,
  cookie,
  token,
  email,
  card,
  extra,  // what a pattern of `redact.extra` found
};

inline constexpr std::size_t secret_kind_count = static_cast<std::size_t>(SecretKind::extra) + 1;

[[nodiscard]] std::string_view name_of(SecretKind kind);

/// Of the kinds that are redacted without being asked for, which are all but `extra`.
[[nodiscard]] std::vector<std::string_view> usual_secret_kinds();
[[nodiscard]] std::optional<SecretKind> usual_secret_kind_named(std::string_view name);

}  // namespace triaged::formats

// One way to find secrets. The tables of them stand in known_keys.cpp (keys known by their shape), named_secrets.cpp
// (values behind a name such as "password="), http_secrets.cpp (URLs, headers, cookies) and personal_data.cpp.
// Private to this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/redaction/secret_kind.hpp"

namespace triaged::formats {

struct SecretPattern {
  SecretKind kind = SecretKind::extra;
  /// What stands in every text that `regex` matches, as short as it can be: all triggers are looked for in one pass,
  /// and `regex` only where its own was found.
  std::string trigger;
  std::string regex;  // each group that takes part in the match is a secret
  /// Whether a secret that was found is one. It is a piece of the text, so that what stands around it can be seen.
  bool (*accepts)(std::string_view text, std::string_view secret) = nullptr;
  std::string inside =
      {};  // looked for in what `regex` found: its group is then the secret, every time; empty: all is one
};

[[nodiscard]] std::vector<SecretPattern> known_key_patterns();
[[nodiscard]] std::vector<SecretPattern> named_secret_patterns();
[[nodiscard]] std::vector<SecretPattern> http_secret_patterns();
[[nodiscard]] std::vector<SecretPattern> personal_data_patterns();

}  // namespace triaged::formats

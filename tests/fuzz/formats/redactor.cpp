// Any bytes as a text: what remains of it once its secrets are gone stands in its order, no secret is found in it
// again, and a piece of the text shows no more than the text does.
// clang-format off
// sources: formats/redaction/http_secrets.cpp formats/redaction/known_keys.cpp formats/redaction/named_secrets.cpp
// sources: formats/redaction/personal_data.cpp formats/redaction/plausible.cpp
// sources: formats/redaction/plausible_personal_data.cpp formats/redaction/redactor.cpp formats/redaction/secret_kind.cpp
// libraries: re2 fmt
// clang-format on
#include "formats/redaction/redactor.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace triaged::formats;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto& redactor = *usual_redactor();
  const auto secrets = redactor.secrets_in(text);
  std::size_t behind = 0;
  for (const auto& secret : secrets) {
    require(secret.begin >= behind && secret.end > secret.begin && secret.end <= size);
    behind = secret.end;
  }
  const auto redacted = redactor.redacted(text);
  require(secrets.empty() == (redacted == text));
  require(secrets.empty() || redactor.may_hold_secret(text));
  require(redactor.secrets_in(redacted).empty());
  const RedactedText whole(redactor, text);
  for (const auto& secret : secrets) {
    const auto piece = text.substr(secret.begin, secret.end - secret.begin);
    const auto shown = whole.part(piece);
    require(shown.find("[redacted: ") != std::string::npos || whole.part(text).find(piece) != std::string::npos);
  }
  return 0;
}

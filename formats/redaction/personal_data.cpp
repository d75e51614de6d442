// What belongs to a person: addresses of e-mail and numbers of payment cards.
#include "formats/redaction/plausible.hpp"
#include "formats/redaction/secret_pattern.hpp"

namespace triaged::formats {

std::vector<SecretPattern> personal_data_patterns() {
  return {
      {.kind = SecretKind::email,
       .trigger = "(?:@|%40)[A-Za-z0-9-]+[.][A-Za-z0-9]",
       .regex =
           R"((?:%[0-9A-Fa-f]{2})*([A-Za-z0-9][A-Za-z0-9._+-]*(?:@|%40)(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24})\b)",
       .accepts = is_email},
      // Without blanks, or in the groups in which cards show them.
      {.kind = SecretKind::card,
       .trigger = R"([2-6]\d{3}(?:\d{9}|[ -]\d{4}[ -]\d{4}|[ -]\d{6}[ -]\d{4}))",
       .regex =
           R"(\b(\d{13,19}|\d{4} \d{4} \d{4} \d{4}(?: \d{3})?|\d{4}-\d{4}-\d{4}-\d{4}(?:-\d{3})?|\d{4} \d{6} \d{4,5}|\d{4}-\d{6}-\d{4,5})\b)",
       .accepts = is_card},
  };
}

}  // namespace triaged::formats

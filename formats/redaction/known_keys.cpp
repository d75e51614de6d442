// Keys that are known by their shape, wherever they stand: private keys, JSON web tokens, keys of clouds and services,
// and the addresses of web hooks, which are secrets themselves.
#include "formats/redaction/plausible.hpp"
#include "formats/redaction/secret_pattern.hpp"

namespace triaged::formats {

namespace {

constexpr std::string_view private_key =
    R"(-----BEGIN(?:[ +]|%20)(?:[A-Z0-9]+(?:[ +]|%20))*PRIVATE(?:[ +]|%20)KEY(?:(?:[ +]|%20)BLOCK)?-----)"
    R"(((?s:.+?))(?:-----END|$))";

/// Prefixes that a service gives its keys so that they can be found. One choice, tried where a prefix stands.
constexpr std::string_view service_key =
    R"(\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas)-[\w.-]{16,})"
    R"(|xox[abeoprs](?:\.xox[bp])?-[\w-]{10,}|xapp-\d-[\w-]{10,})"                    // Slack
    R"(|[rs]k_(?:live|test|prod)_\w{10,}|whsec_[\w/+=]{16,}|sq0[a-z]{3}-[\w-]{20,})"  // Stripe, Square
    R"(|SG\.[\w-]{16,}\.[\w-]{16,}|key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2})"          // SendGrid, Mailgun, Mailchimp
    R"(|SK[0-9a-f]{32}|\d{8,10}:AA[\w-]{32,})"                                        // Twilio, Telegram
    R"(|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{40,}|rubygems_[0-9a-f]{40,}|dckr_[op]at_[\w-]{20,})"
    R"(|hf_[A-Za-z0-9]{30,}|do[opr]_v1_[0-9a-f]{40,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|dapi[0-9a-f]{32})"
    R"(|gl(?:sa|c)_[\w=+/-]{30,}|hv[brs]\.[\w-]{20,}|dp\.(?:pt|st|ct|sa)\.[\w.-]{30,}|lin_api_\w{30,})"
    R"(|ATATT3x[\w=+/-]{20,}|NRAK-[A-Z0-9]{20,}|PMAK-[0-9a-f]{20,}-[0-9a-f]{20,}|pul-[0-9a-f]{40}|tskey-[\w-]{20,})"
    R"(|AGE-SECRET-KEY-1[A-Z0-9]{20,}))";
constexpr std::string_view service_key_trigger =
    "gh[pousr]_|github_pat_|gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas)-|xox[abeoprs]|xapp-|[rs]k_(?:live|test|prod)_"
    "|whsec_|sq0|SG[.]|key-[0-9a-f]|[0-9a-f]-us\\d|SK[0-9a-f]{4}|:AA|npm_|pypi-|rubygems_|dckr_|hf_|do[opr]_v1_"
    "|shp(?:at|ca|pa|ss)_|dapi[0-9a-f]|gl(?:sa|c)_|hv[brs][.]|dp[.][a-z]{2}[.]|lin_api_|ATATT3x|NRAK-|PMAK-|pul-|tskey-"
    "|AGE-SECRET";

constexpr std::string_view web_hook =
    R"(hooks\.slack\.com/(?:services|workflows|triggers)/([\w/%-]+))"
    R"(|discord(?:app)?\.com/api/(?:v\d+/)?webhooks/([\w/-]+))"
    R"(|office(?:365)?\.com/webhook\w*/([^\s"'<>]+))"
    R"(|api\.telegram\.org/bot([\w:-]+))"
    R"(|/hooks/catch/([\w/]+)|/hooks/([a-z0-9]{26})\b|(?:/bot/v2/hook/|/webhook/send\?key=)([\w-]{16,}))";

}  // namespace

std::vector<SecretPattern> known_key_patterns() {
  return {
      // A certificate is public, its private key is not. One without an end was cut off: all of the rest is the key.
      {.kind = SecretKind::private_key, .trigger = "PRIVATE[ +%]", .regex = std::string(private_key)},
      // One of its lines, alone.
      {.kind = SecretKind::private_key,
       .trigger = "^[A-Za-z0-9+/]{60}",
       .regex = R"(^([A-Za-z0-9+/]{60,76}={0,2})$)",
       .accepts = is_base64},
      {.kind = SecretKind::jwt, .trigger = "eyJ", .regex = R"(\b(eyJ[\w-]{17,}(?:\.[\w-]*){0,4}))"},
      {.kind = SecretKind::cloud_key,
       .trigger = "(?:AKIA|ASIA|AIza)[A-Z0-9a-z]|ya29[.]|GOCSPX-|8Q~",
       .regex =
           R"(\b((?:AKIA|ASIA)[A-Z0-9]{16}\b|AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|[\w~.-]{3}8Q~[\w~.-]{30,}))"},
      {.kind = SecretKind::cloud_key,
       .trigger = "(?i)aws|secret",
       .regex = R"((?i:aws|secret)[^\n]{0,40}?[^A-Za-z0-9/+]([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$))",
       .accepts = is_base64},
      {.kind = SecretKind::cloud_key,
       .trigger = "(?i)AccountKey=|SharedAccessKey=",
       .regex = R"((?i)(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/%=]{20,}))"},
      {.kind = SecretKind::service_key, .trigger = std::string(service_key_trigger), .regex = std::string(service_key)},
      // "task-", "disk-" and a host's name may hold the same letters.
      {.kind = SecretKind::service_key, .trigger = "\\bsk-", .regex = R"(\b(sk-[\w-]{20,}))", .accepts = is_opaque},
      {.kind = SecretKind::webhook,
       .trigger = "(?i)hooks?/|hooks[.]slack[.]com|webhook|/bot\\d",
       .regex = std::string(web_hook)},
  };
}

}  // namespace triaged::formats

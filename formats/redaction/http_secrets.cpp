// What stands in URLs, in headers and in cookies.
#include "formats/redaction/plausible.hpp"
#include "formats/redaction/secret_pattern.hpp"

namespace triaged::formats {

namespace {

// "Digest username=…, response=…": what follows the scheme is a list, not one word.
constexpr std::string_view list_of_credentials = R"(((?:[\w-]+=(?:\\?"[^"]*"|[^\s,"]+)(?:,\s*)?)+))";

std::vector<SecretPattern> url_patterns() {
  return {
      // scheme://user:password@host; whoever does not escape the password may have an '@' in it.
      {.kind = SecretKind::password,
       .trigger = "://[^\\s/]*:[^\\s/]*@",
       .regex = R"(://[^\s/@:\[\]"'<>?#]*:([^\s/?#"'<>]+)@)",
       .accepts = is_value},
      // Or a slash: what begins like this is no port.
      {.kind = SecretKind::password,
       .trigger = "://[^\\s/]*:[^\\s/@]*[/?#][^\\s]*@",
       .regex = R"(://[^\s/@:\[\]"'<>?#]*:([^\s/?#"'<>@]*[^\s\d/?#"'<>@][^\s/?#"'<>@]*[/?#][^\s"'<>@]*)@)",
       .accepts = is_value},
      {.kind = SecretKind::token,
       .trigger = "://[^\\s/:@]{16,}@",
       .regex = R"(://([^\s/@:"'<>?#]{16,})@)",
       .accepts = is_long_random},
      // user:password@tcp(host:3306)/db, as Go writes it.
      {.kind = SecretKind::password,
       .trigger = "@(?:tcp|udp|unix)",
       .regex = R"([\w.-]+:([^\s"'<>/][^\s"'<>]*)@(?:tcp[46]?|udp|unix)\()",
       .accepts = is_value},
      {.kind = SecretKind::password,
       .trigger = "(?i)%3A%2F%2F",
       .regex = R"((?i)%3A%2F%2F(?:[^\s%&"']|%[013-9a-f][0-9b-f])*%3A([^\s&"'/]*?)%40)",
       .accepts = is_value},
      {.kind = SecretKind::password,
       .trigger = "(?i)oracle:thin:|sqlplus",
       .regex = R"((?i)(?:oracle:thin:|sqlplus\s+(?:-\w+\s+)*)[^\s/@:]+/([^\s@/]+)@)",
       .accepts = is_value},
  };
}

std::vector<SecretPattern> authorization_patterns() {
  constexpr auto kind = SecretKind::authorization;
  const std::string header = R"((?i)authorization(?:\\*["'])?\]?\s*(?:=>|[:=])\s*(?:[bu]?\\*["'])?)";
  const std::string scheme =
      R"((?:basic|bearer|digest|token|api-?key|key|jwt|negotiate|ntlm|aws4-hmac-sha256|hawk|oauth|splunk|sso-key|sapisidhash)(?:\s+|%20|\+))";
  const std::string list(list_of_credentials);
  return {
      {.kind = kind,
       .trigger = "(?i)authorization(?:\\\\*[\"'])?\\]?\\s*[:=]",
       .regex = header + scheme + "(?:" + list + R"(|([^\s"',;&}|\\]+)))",
       .accepts = is_argument},
      {.kind = kind,
       .trigger = "(?i)authorization(?:\\\\*[\"'])?\\]?\\s*[:=]",
       .regex = header + R"((?:[a-z][\w-]*\s+)?([^\s"',;&%}|\\]+))",
       .accepts = is_random},
      // Without the header's name, as access logs write its value.
      {.kind = kind,
       .trigger = "(?i)bearer(?:\\s|%20)",
       .regex = R"((?i)\bbearer(?:\s+|%20)([A-Za-z0-9._~+/=%-]{8,}))",
       .accepts = is_random},
      {.kind = kind,
       .trigger = "(?i)basic\\s",
       .regex = R"((?i)\bbasic\s+([A-Za-z0-9+/]{4,}={0,2}))",
       .accepts = is_basic_login},
      {.kind = kind, .trigger = "(?i)digest\\s", .regex = R"((?i)\bdigest\s+)" + list, .accepts = is_digest_answer},
  };
}

std::vector<SecretPattern> cookie_patterns() {
  return {
      // Names stay, and so do attributes: "Set-Cookie: sid=[redacted: cookie]; Path=/; HttpOnly".
      {.kind = SecretKind::cookie,
       .trigger = "(?i)cookie",
       .regex =
           R"((?i)cookies?2?(?:\\*["'])?\]?\s*(?:=>|[:=])\s*(?:[bu]?\\*["'])?)"
           R"(((?:[^\s=;,"'|{}\\]+=(?:"[^"]*"|[^\s;"'|}\\]*)(?:;\s*(?:secure|httponly|partitioned|expires=[^;"'|}]*))*(?:;\s*)?)+))",
       .accepts = is_cookie_value,
       .inside = R"(=("[^"]*"|[^\s;"']*))"},
      {.kind = SecretKind::cookie,
       .trigger = "(?i)(?:sess(?:ion)?(?:[_-]?id)?|[_.-]sid)=",
       .regex = R"((?i)(?:sess(?:ion)?(?:[_-]?id)?|[_.-]sid)=([^\s&"'<>;,)|\]}?#]+))",
       .accepts = is_random},
      {.kind = SecretKind::cookie,
       .trigger = "(?i)sess(?:ion)?(?:[_-]?id)?\\\\*[\"']",
       .regex = R"((?i)sess(?:ion)?(?:[_-]?id)?\\*["']\s*(?:=>|:)\s*[bu]?\\*["']([^"'\\]+))",
       .accepts = is_random},
  };
}

}  // namespace

std::vector<SecretPattern> http_secret_patterns() {
  auto patterns = url_patterns();
  for (auto& pattern : authorization_patterns()) patterns.push_back(std::move(pattern));
  for (auto& pattern : cookie_patterns()) patterns.push_back(std::move(pattern));
  // What may be random enough for a secret behind a short name of a query.
  patterns.push_back(
      {.kind = SecretKind::token,
       .trigger = "(?i)[?&](?:auth|code|sig|signature|hmac|sid|session|ticket|assertion)=|[_-]signature=",
       .regex =
           R"((?i)(?:[?&](?:auth|code|sig|signature|hmac|sid|session|ticket|assertion)|[_-]signature)=([^\s&"'<>#;]+))",
       .accepts = is_long_random});
  patterns.push_back({.kind = SecretKind::token,
                      .trigger = "(?i)[?&]key=",
                      .regex = R"((?i)[?&]key=([^\s&"'<>#;]+))",
                      .accepts = is_random_key});
  return patterns;
}

}  // namespace triaged::formats

// Values behind a name that says what they are: parameters, connection strings, JSON, Python's and other languages'
// ways to print a map, environments, command lines, SQL.
#include "formats/redaction/plausible.hpp"
#include "formats/redaction/secret_pattern.hpp"

namespace triaged::formats {

namespace {

// A name may stand behind anything ("DB_PASSWORD", "spring.datasource.password", "user[password]") and ends as here,
// but for what a form adds to the second field of its kind ("password2", "password_confirmation"): "password_reset=1"
// and "tokens=5" are no secrets.
constexpr std::string_view password_names = R"((?:passw(?:or)?d|passphrase|passcode|ps?wd|[_.-]pass))";
constexpr std::string_view token_names =
    R"((?:token|secret|(?:api|access|secret|secret[_-]?access|private|account|signing|encryption|auth|master|license|subscription|app)[_-]?key))";
// Shorter ones are whole words.
constexpr std::string_view short_password_names = R"((?:\b(?:pass|pw|psw)))";
constexpr std::string_view code_names =
    R"((?:\b(?:otp|cvv|cvc|jwt|(?:verification|reset|activation|device)[_-]?code|code_verifier|oauth_verifier|saml(?:response|request))))";

// Quotes of JSON inside JSON have a backslash.
constexpr std::string_view name_end = R"(\d{0,2}(?:[_-]?confirm(?:ation)?)?(?:\\*["']|\]|%5D|\[\w*\]|%5B\w*%5D)*)";
constexpr std::string_view equals = R"(\s*(?:=>|[:=])\s*)";

// To the end of the parameter. A bracket or a comma ends it only where the text goes on as a list does.
constexpr std::string_view parameter =
    R"(([^\s&"'<>;|=,][^\s&"'<>;|]*?)(?:[\s&"'<>;|]|\\[nrt"']|[,)\]}](?:[\s,"'&;)\]}|]|[\w.-]+[=:]|$)|$))";

std::string quoted(std::string_view names) {
  return "(?i)" + std::string(names) + std::string(name_end) + std::string(equals) +
         R"(\[?[bu]?(?:\\"((?:[^"\\]|\\[^"])+)|\\'((?:[^'\\]|\\[^'])+)|"((?:[^"\\]|\\.)+)|'((?:[^'\\]|\\.)+)))";
}

/// Names whose values are secrets of `kind`; `accepts` judges what stands behind "NAME=", `accepts_in_prose` what
/// stands behind "NAME: ", and `accepts_quoted` what stands behind either in quotes.
std::vector<SecretPattern> patterns_of(SecretKind kind, std::string_view names,
                                       decltype(SecretPattern::accepts) accepts,
                                       decltype(SecretPattern::accepts) accepts_in_prose,
                                       decltype(SecretPattern::accepts) accepts_quoted = is_value) {
  const std::string name = "(?i)" + std::string(names) + std::string(name_end);
  return {
      {.kind = kind, .trigger = name + R"(\s*[=:])", .regex = quoted(names), .accepts = accepts_quoted},
      {.kind = kind, .trigger = name + "=", .regex = name + "=" + std::string(parameter), .accepts = accepts},
      {.kind = kind,
       .trigger = name + R"((?:\s+=|=\s|\s*:|=>))",
       .regex = name + R"((?:\s+=\s*|=\s+|\s*:\s*|\s*=>\s*)([^\s"'\\\[{(<,;&=>:/][^\s"',;&})]*))",
       .accepts = accepts_in_prose},
      {.kind = kind,
       .trigger = name + R"((?:%22)?%3[AD])",
       .regex = name + R"((?:%22)?%3[AD](?:%20|\+)*(?:%22)?([^\s&"'<>]+?)(?:%26|%22|%7D|%2C|[\s&"'<>]|$))",
       .accepts = accepts},
      {.kind = kind,
       .trigger = R"(-)" + name + R"(\s)",
       .regex = R"((?i)(?:^|[\s"'])--?[\w-]*)" + std::string(names) + R"(\s+(?:"([^"]+)|'([^']+)|([^\s"'-]\S*)))",
       .accepts = is_argument},
  };
}

std::vector<SecretPattern> command_patterns() {
  constexpr auto kind = SecretKind::password;
  return {
      {.kind = kind,
       .trigger = "mysql|mariadb",
       .regex =
           R"(\b(?:mysql|mariadb)(?:-?(?:dump|admin|import|check|binlog|slap))?\s(?:[^|;\n]*?\s)??-p(?:'([^']+)|"([^"]+)|([^\s'"\\]\S*)))"},
      {.kind = kind, .trigger = "sshpass", .regex = R"(\bsshpass\s+-p\s*['"]?([^\s'"]+))"},
      {.kind = kind, .trigger = "redis-cli", .regex = R"(\bredis-cli\s(?:[^|;\n]*?\s)??-a\s+['"]?([^\s'"]+))"},
      {.kind = kind,
       .trigger = "(?:curl|wget)\\s",
       .regex = R"(\b(?:curl|wget)\s(?:[^|;\n]*?\s)??(?:-u|--user|--proxy-user)[ =]?['"]?[^\s:'"]+:([^\s'"]+))"},
      {.kind = kind,
       .trigger = "(?i)docker|podman|helm|buildah",
       .regex = R"(\blogin\s(?:[^|;\n]*?\s)??-p\s+['"]?([^\s'"]+))"},
      // .netrc and .pgpass
      {.kind = kind, .trigger = "\\spassword\\s", .regex = R"(\blogin\s+\S+\s+password\s+(\S+))"},
  };
}

std::vector<SecretPattern> stored_password_patterns() {
  constexpr auto kind = SecretKind::password;
  return {
      {.kind = kind,
       .trigger = R"((?i)(?:password|identified)\s*[\s(])",
       .regex =
           R"((?i)\b(?:password|identified\s+by(?:\s+password)?|identified\s+with\s+\S+\s+(?:by|as))\s*\(?\s*'([^']+))",
       .accepts = is_value},
      // What crypt() and its like keep of a password.
      {.kind = kind,
       .trigger = R"(\$(?:2[abxy]?|5|6|y|7|argon2(?:i|d|id)|scrypt|apr1|1)\$|pbkdf2_)",
       .regex =
           R"((\$(?:2[abxy]?|5|6|y|7|argon2(?:i|d|id)|scrypt|apr1|1)\$[\w./$,=+-]{20,}|pbkdf2_sha\d+\$\d+\$[\w+/=]+\$[\w+/=]+))"},
  };
}

}  // namespace

std::vector<SecretPattern> named_secret_patterns() {
  auto patterns = patterns_of(SecretKind::password, password_names, is_value, is_no_prose);
  const auto add = [&](std::vector<SecretPattern> more) {
    for (auto& pattern : more) patterns.push_back(std::move(pattern));
  };
  add(patterns_of(SecretKind::token, token_names, is_token, is_named_token, is_no_token_of_parser));
  add(patterns_of(SecretKind::password, short_password_names, is_token, is_random));
  add(patterns_of(SecretKind::token, code_names, is_value, is_random));
  add(command_patterns());
  add(stored_password_patterns());
  // A header whose name says it.
  patterns.push_back(
      {.kind = SecretKind::token,
       .trigger = R"((?i)\bx-[\w-]*(?:token|key|secret|auth|signature|session)["']?\s*:)",
       .regex =
           R"((?i)\bx-[\w-]*(?:token|api-?key|access-?key|secret|auth|signature|session)["']?\s*:\s*([^\s"',;|}]+))",
       .accepts = is_argument});
  return patterns;
}

}  // namespace triaged::formats

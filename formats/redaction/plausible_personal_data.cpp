// The checks of plausible.hpp for addresses of e-mail and numbers of cards.
#include <algorithm>
#include <array>
#include <string>

#include "formats/redaction/plausible.hpp"
#include "formats/redaction/text_around.hpp"

namespace triaged::formats {

namespace {

constexpr auto nowhere = std::string_view::npos;

/// What stands behind the last dot of a name that is no domain: units of systemd, files, names of a private network.
bool is_no_domain_end(std::string_view end) {
  static constexpr std::array<std::string_view, 37> ends = {
      "service", "timer", "socket", "slice", "scope",    "mount",       "target",    "device", "swap", "automount",
      "path",    "local", "lan",    "svc",   "internal", "localdomain", "localhost", "png",    "jpg",  "jpeg",
      "gif",     "webp",  "svg",    "ico",   "css",      "js",          "mjs",       "json",   "html", "xml",
      "txt",     "log",   "conf",   "yaml",  "yml",      "gz",          "sock"};
  return is_one_of(ends, lowered(end));
}

/// Accounts of machines, which no person's mail is sent to.
bool is_machine_account(std::string_view local) {
  static constexpr std::array<std::string_view, 16> accounts = {
      "root",     "git",   "svn",   "hg",    "ubuntu",   "debian", "ec2-user", "centos",
      "postgres", "mysql", "redis", "nginx", "www-data", "celery", "rabbit",   "nobody"};
  return is_one_of(accounts, lowered(local));
}

/// Celery calls its workers by default celery@HOST, in a group of several worker1@HOST, and whoever only sends tasks
/// gen12@HOST; its own sentences name them, whatever they are called.
bool is_celery_node(std::string_view text, std::string_view address, std::string_view local) {
  const auto digits = local.size() - std::min(local.size(), local.find_last_not_of("0123456789") + 1);
  static constexpr std::array<std::string_view, 3> names = {"celery", "worker", "gen"};
  if (digits > 0 && is_one_of(names, lowered(local.substr(0, local.size() - digits)))) return true;
  const auto head = text_before(text, address), rest = text_behind(text, address);
  return (head.ends_with("MainProcess] ") && (rest.starts_with(" ready.") || rest.starts_with(" joined the party"))) ||
         head.ends_with("] missed heartbeat from ") || head.ends_with("ubstantial drift from ");
}

/// "ssh bob@web-1.example.com" and "bob@web-1.example.com:/srv" name a login.
bool names_login(std::string_view text, std::string_view address) {
  const auto rest = text_behind(text, address);
  if (rest.starts_with(":[redacted: ")) return true;  // what stood there did not change what the address is
  const auto place = rest.substr(0, rest.find_first_of(" \"'"));
  if (rest.starts_with(":~") || (rest.starts_with(':') && place.find('/') != nowhere)) return true;
  auto words = text_before(text, address);
  while (words.ends_with(' ')) words.remove_suffix(1);
  auto begin = words.size();
  while (begin > 0 && is_ascii_letter(words[begin - 1])) --begin;
  const auto word = words.substr(begin);
  return is_one_of(std::array<std::string_view, 5>{"ssh", "scp", "sftp", "rsync", "autossh"}, word);
}

/// "amqp://guest@rabbit.example.com": the address stands where a URL names its host. What was redacted there is one
/// word.
bool is_in_url_host(std::string_view text, std::string_view address) {
  const auto head = text_before(text, address);
  if (head.ends_with("%3A") || head.ends_with("%3a")) return true;
  const auto scheme = head.rfind("://");
  if (scheme == nowhere) return false;
  for (auto rest = head.substr(scheme + 3); !rest.empty();) {
    const auto mark_end = rest.starts_with("[redacted: ") ? rest.find(']') : nowhere;
    if (mark_end == nowhere && std::string_view(" /?#\"'<>").find(rest.front()) != nowhere) return false;
    rest.remove_prefix(mark_end == nowhere ? 1 : mark_end + 1);
  }
  return true;
}

/// The lengths of the networks' numbers, by their first digits.
bool is_card_of_network(const std::string& digits) {
  const auto prefix = [&](std::size_t count) { return std::stoi(digits.substr(0, count)); };
  const auto size = digits.size();
  const auto in = [](int number, int first, int last) { return number >= first && number <= last; };
  if (digits[0] == '4') return size == 13 || size == 16 || size == 19;                     // Visa
  if (in(prefix(2), 51, 55) || in(prefix(4), 2221, 2720)) return size == 16;               // Mastercard
  if (prefix(2) == 34 || prefix(2) == 37) return size == 15;                               // American Express
  if (prefix(4) == 6011 || prefix(2) == 65 || in(prefix(3), 644, 649)) return size >= 16;  // Discover
  if (prefix(2) == 62) return size >= 16;                                                  // UnionPay
  if (in(prefix(4), 3528, 3589)) return size == 16;                                        // JCB
  return size == 14 && (in(prefix(3), 300, 305) || prefix(2) == 36 || prefix(2) == 38);    // Diners
}

bool has_check_digit(const std::string& digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

/// "request_id=4111111111111111", "ts: 4111111111111111".
bool is_named_as_id(std::string_view head) {
  while (!head.empty() && std::string_view(" \"'=:").find(head.back()) != nowhere) head.remove_suffix(1);
  auto begin = head.size();
  while (begin > 0 && (is_ascii_letter(head[begin - 1]) || head[begin - 1] == '_')) --begin;
  const auto name = lowered(head.substr(begin));
  for (const std::string_view end : {"id", "time", "timestamp", "ts", "offset", "seq", "trace", "span", "nonce"}) {
    if (name == end || name.ends_with("_" + std::string(end))) return true;
  }
  return name.ends_with("id") && name != "paid";
}

}  // namespace

bool is_email(std::string_view text, std::string_view secret) {
  auto at = secret.find('@');
  std::size_t at_size = 1;
  if (at == nowhere) {
    at = secret.find("%40");
    at_size = 3;
  }
  const auto local = secret.substr(0, at), domain = secret.substr(at + at_size);
  if (is_machine_account(local) || is_no_domain_end(domain.substr(domain.rfind('.') + 1))) return false;
  if (is_digit(domain.front()) && domain.size() > 2 && (domain[1] == '.' || domain[1] == 'x'))
    return false;  // 7.1.0-rc.beta, 2x
  const auto head = text_before(text, secret);
  if (head.ends_with('@') || (head.ends_with('\\') && at == 1)) return false;  // "@scope@name", "\n@decorator.name"
  return !is_celery_node(text, secret, local) && !names_login(text, secret) && !is_in_url_host(text, secret);
}

bool is_card(std::string_view text, std::string_view secret) {
  std::string digits;
  std::ranges::copy_if(secret, std::back_inserter(digits), is_digit);
  if (!is_card_of_network(digits) || !has_check_digit(digits)) return false;
  const auto head = text_before(text, secret), rest = text_behind(text, secret);
  const bool goes_on =
      (rest.size() > 1 && (rest[0] == '.' || rest[0] == '-') && is_digit(rest[1])) || rest.starts_with(':');
  const bool began_before = !head.empty() && std::string_view(".+-/#$").find(head.back()) != nowhere;
  return !goes_on && !began_before && !is_named_as_id(head);
}

}  // namespace triaged::formats

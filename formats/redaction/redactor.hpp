// What must not leave: passwords, tokens, keys, cookies, e-mail addresses and card numbers that stand in log lines.
// Matching and field extraction see a line as it was written; whatever is kept, shown or sent of it passes a Redactor
// first, which puts "[redacted: password]" in the place of a secret (the kind stays visible, its length does not).
// docs/redaction.md says for users what is found and what is left alone.
//
// Addresses, ports, pids, paths, host names, request ids and times are never touched: a diagnosis needs them. So a
// pattern asks for the place where secrets stand ("?token=", "Authorization:") or for a shape that only a key has
// ("ghp_…"), and where that is not enough a check in plausible.hpp decides.
//
// Redacting twice is redacting once. A Redactor never changes, and any thread may use it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/redaction/secret_kind.hpp"

namespace triaged::formats {

struct RedactOptions {
  bool is_on = true;               // the usual kinds
  std::vector<std::string> extra;  // regular expressions that RE2 takes: its group `secret`, else all it matches
  std::vector<SecretKind> except;  // usual kinds that are left alone
};

/// Where a secret stands in a text.
struct Secret {
  std::size_t begin = 0, end = 0;
  SecretKind kind = SecretKind::extra;
};

class Redactor {
 public:
  /// REQUIRES: RE2 takes every pattern of options.extra.
  explicit Redactor(const RedactOptions& options);
  ~Redactor();
  Redactor(const Redactor&) = delete;
  Redactor& operator=(const Redactor&) = delete;

  /// One pass over the text, and nearly always the only one. False: there is no secret in it.
  [[nodiscard]] bool may_hold_secret(std::string_view text) const;
  /// The secrets of the text, in order, none inside another.
  [[nodiscard]] std::vector<Secret> secrets_in(std::string_view text) const;
  [[nodiscard]] std::string redacted(std::string_view text) const;

 private:
  struct Patterns;
  std::unique_ptr<Patterns> patterns_;
};

/// With all usual kinds: what holds where nobody said otherwise.
[[nodiscard]] std::shared_ptr<const Redactor> usual_redactor();
/// Redacts nothing.
[[nodiscard]] std::shared_ptr<const Redactor> no_redactor();

/// A text together with values that were taken from it before it was redacted. What a secret is in the text is one in
/// the value, too, although "hunter2" alone looks like nothing. The text and the redactor must outlive it.
class RedactedText {
 public:
  RedactedText(const Redactor& redactor, std::string_view text);

  [[nodiscard]] std::string text() const;
  /// A piece of the text as it stands there redacted. What also stands outside of secrets, or is no piece of it, is
  /// judged by itself.
  [[nodiscard]] std::string part(std::string_view value) const;
  /// Whether the text has `value` in it, secret or not.
  [[nodiscard]] bool holds(std::string_view value) const { return text_.find(value) != std::string_view::npos; }

 private:
  [[nodiscard]] std::string piece(std::size_t begin, std::size_t end) const;

  const Redactor& redactor_;
  std::string_view text_;
  std::vector<Secret> secrets_;
};

}  // namespace triaged::formats

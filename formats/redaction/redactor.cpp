#include "formats/redaction/redactor.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include "formats/redaction/secret_pattern.hpp"

namespace triaged::formats {

namespace {

constexpr std::string_view mark_begin = "[redacted:";

re2::RE2::Options options_of_patterns() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // lines are bytes
  return options;
}

re2::StringPiece piece_of(std::string_view text) { return {text.data(), text.size()}; }

std::string replacement_of(SecretKind kind) { return fmt::format("{} {}]", mark_begin, name_of(kind)); }

constexpr std::size_t longest_mark = 40;

/// Of the mark that begins at `begin`. 0: none of ours does, only what a client wrote like one.
std::size_t mark_length_at(std::string_view text, std::size_t begin) {
  const auto mark = text.substr(begin, longest_mark);
  const auto end = mark.find(']');
  if (!mark.starts_with(mark_begin) || end == std::string_view::npos) return 0;
  for (std::size_t kind = 0; kind < secret_kind_count; ++kind) {
    if (mark.substr(0, end + 1) == replacement_of(static_cast<SecretKind>(kind))) return end + 1;
  }
  return 0;
}

/// Where the mark ends that the byte at `place` belongs to; npos: it is in none. No further back than a mark is long is
/// looked for it, for a client chooses how long a line is, and how often this is asked.
std::size_t end_of_mark_at(std::string_view text, std::size_t place) {
  const auto first = place > longest_mark ? place - longest_mark : 0;
  const auto at = text.substr(first, place - first + mark_begin.size()).rfind(mark_begin);
  if (at == std::string_view::npos) return at;
  const auto length = mark_length_at(text, first + at);
  return length > 0 && first + at + length > place ? first + at + length : std::string_view::npos;
}

/// Whether the secret reaches into what was redacted before: redacting twice is redacting once.
bool touches_mark(std::string_view text, const Secret& secret) {
  if (end_of_mark_at(text, secret.begin) != std::string_view::npos) return true;
  const auto upto = text.substr(0, secret.end);
  for (auto at = upto.find(mark_begin, secret.begin); at != std::string_view::npos;
       at = upto.find(mark_begin, at + 1)) {
    if (mark_length_at(text, at) > 0) return true;
  }
  return false;
}

/// Compiled when the first text needs it: few of the patterns are ever looked for. Any thread.
class Finder {
 public:
  explicit Finder(SecretPattern pattern) : pattern_(std::move(pattern)) {}

  void find_in(std::string_view text, std::vector<Secret>& secrets) const {
    std::call_once(once_, [this] { compile(); });
    Groups groups(last_group_ + 1);
    for (std::size_t at = 0; at < text.size();) {
      if (!expression_->Match(piece_of(text), at, text.size(), re2::RE2::UNANCHORED, groups.data(),
                              static_cast<int>(groups.size())))
        return;
      at = std::max(at + 1, take(text, groups, secrets));
    }
  }

 private:
  using Groups = std::vector<re2::StringPiece>;  // the first is the whole match

  void compile() const {
    expression_ = std::make_unique<re2::RE2>(pattern_.regex, options_of_patterns());
    if (!pattern_.inside.empty()) inside_ = std::make_unique<re2::RE2>(pattern_.inside, options_of_patterns());
    const auto& named = expression_->NamedCapturingGroups();
    if (const auto secret = named.find("secret"); secret != named.end()) {
      first_group_ = last_group_ = static_cast<std::size_t>(secret->second);
    } else if (pattern_.kind != SecretKind::extra) {
      first_group_ = 1;
      last_group_ = static_cast<std::size_t>(expression_->NumberOfCapturingGroups());
    }
  }

  /// The place behind what was found, where the next search begins.
  std::size_t take(std::string_view text, const Groups& groups, std::vector<Secret>& secrets) const {
    const auto offset_of = [&](const char* place) { return static_cast<std::size_t>(place - text.data()); };
    std::size_t behind = offset_of(groups[0].data());
    // "[redacted: password]:8080" names no password.
    if (const auto end = end_of_mark_at(text, behind); end != std::string_view::npos) return end;
    for (auto i = first_group_; i <= last_group_; ++i) {
      if (groups[i].data() == nullptr || groups[i].empty()) continue;
      const std::string_view secret(groups[i].data(), groups[i].size());
      behind = offset_of(secret.data()) + secret.size();
      if (inside_ != nullptr) {
        take_inside(text, secret, secrets);
      } else if (is_accepted(text, secret)) {
        secrets.push_back({offset_of(secret.data()), behind, pattern_.kind});
      } else {
        // A secret may begin inside: "1234 4111 1111 1111 1111", "token: password: hunter2". No address of e-mail does.
        behind = offset_of(secret.data()) + (pattern_.kind == SecretKind::email ? secret.size() : 0);
      }
    }
    return behind;
  }

  void take_inside(std::string_view text, std::string_view part, std::vector<Secret>& secrets) const {
    auto rest = piece_of(part);
    re2::StringPiece found;
    while (re2::RE2::FindAndConsume(&rest, *inside_, &found)) {
      const std::string_view secret(found.data(), found.size());
      const auto begin = static_cast<std::size_t>(secret.data() - text.data());
      if (!secret.empty() && is_accepted(text, secret)) {
        secrets.push_back({begin, begin + secret.size(), pattern_.kind});
      }
    }
  }

  [[nodiscard]] bool is_accepted(std::string_view text, std::string_view secret) const {
    return pattern_.accepts == nullptr || pattern_.accepts(text, secret);
  }

  SecretPattern pattern_;
  mutable std::once_flag once_;
  mutable std::unique_ptr<re2::RE2> expression_, inside_;
  mutable std::size_t first_group_ = 0, last_group_ = 0;
};

/// In order and apart: what overlaps is one secret, of the kind of the one that begins first. Of two that begin at the
/// same place the longer one says the kind, else the one that stands first in the tables.
std::vector<Secret> without_overlaps(std::vector<Secret> secrets) {
  std::stable_sort(secrets.begin(), secrets.end(), [](const Secret& a, const Secret& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::vector<Secret> apart;
  for (const auto& secret : secrets) {
    if (apart.empty() || secret.begin >= apart.back().end) {
      apart.push_back(secret);
    } else {
      apart.back().end = std::max(apart.back().end, secret.end);
    }
  }
  return apart;
}

}  // namespace

struct Redactor::Patterns {
  std::vector<std::unique_ptr<Finder>> finders;
  re2::RE2::Set triggers{options_of_patterns(), re2::RE2::UNANCHORED};  // each has the number of its finder
  bool is_compiled = false;  // else the triggers are too many for one pass, and every finder is asked

  void add(SecretPattern pattern) {
    triggers.Add(pattern.trigger, nullptr);
    finders.push_back(std::make_unique<Finder>(std::move(pattern)));
  }
  /// Whether any trigger is in the text, and which. nullopt: that cannot be told.
  [[nodiscard]] std::optional<bool> match(std::string_view text, std::vector<int>* numbers) const {
    if (!is_compiled) return std::nullopt;
    re2::RE2::Set::ErrorInfo failure{};
    if (triggers.Match(piece_of(text), numbers, &failure)) return true;
    if (failure.kind != re2::RE2::Set::kNoError) return std::nullopt;
    return false;
  }
  /// The numbers of the finders that may find something, in order.
  [[nodiscard]] std::vector<int> triggered_by(std::string_view text) const {
    std::vector<int> numbers;
    if (!match(text, &numbers)) {
      for (std::size_t i = 0; i < finders.size(); ++i) numbers.push_back(static_cast<int>(i));
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  }
};

Redactor::Redactor(const RedactOptions& options) : patterns_(std::make_unique<Patterns>()) {
  const auto is_wanted = [&](const SecretPattern& pattern) {
    return options.is_on && std::ranges::find(options.except, pattern.kind) == options.except.end();
  };
  for (auto* table : {known_key_patterns, http_secret_patterns, named_secret_patterns, personal_data_patterns}) {
    for (auto& pattern : table()) {
      if (is_wanted(pattern)) patterns_->add(std::move(pattern));
    }
  }
  for (const auto& regex : options.extra) {
    patterns_->add({.kind = SecretKind::extra, .trigger = regex, .regex = regex});
  }
  patterns_->is_compiled = patterns_->triggers.Compile();
}

Redactor::~Redactor() = default;

bool Redactor::may_hold_secret(std::string_view text) const {
  if (patterns_->finders.empty()) return false;
  return patterns_->match(text, nullptr).value_or(true);
}

std::vector<Secret> Redactor::secrets_in(std::string_view text) const {
  if (patterns_->finders.empty()) return {};
  std::vector<Secret> secrets;
  for (const auto number : patterns_->triggered_by(text)) {
    patterns_->finders[static_cast<std::size_t>(number)]->find_in(text, secrets);
  }
  std::erase_if(secrets, [&](const Secret& secret) { return touches_mark(text, secret); });
  return without_overlaps(std::move(secrets));
}

std::string Redactor::redacted(std::string_view text) const { return RedactedText(*this, text).text(); }

std::shared_ptr<const Redactor> usual_redactor() {
  static const auto redactor = std::make_shared<const Redactor>(RedactOptions());
  return redactor;
}

std::shared_ptr<const Redactor> no_redactor() {
  static const auto redactor = std::make_shared<const Redactor>(RedactOptions{.is_on = false});
  return redactor;
}

RedactedText::RedactedText(const Redactor& redactor, std::string_view text)
    : redactor_(redactor), text_(text), secrets_(redactor.secrets_in(text)) {}

/// A mark in the place of a secret can make one of what stands beside it ("a@example.com:/b@example.com"). Each round
/// leaves less to be found, and nearly always nothing.
std::string RedactedText::text() const {
  constexpr int most_rounds = 8;
  auto shown = piece(0, text_.size());
  if (secrets_.empty()) return shown;
  for (int round = 0; round < most_rounds; ++round) {
    const RedactedText next(redactor_, shown);
    if (next.secrets_.empty()) break;
    auto fewer = next.piece(0, shown.size());
    shown = std::move(fewer);
  }
  return shown;
}

std::string RedactedText::part(std::string_view value) const {
  if (value.empty()) return {};
  const auto first = text_.find(value);
  if (first == std::string_view::npos) return redactor_.redacted(value);
  const auto touches_secret = [&](std::size_t begin) {
    return std::ranges::any_of(
        secrets_, [&](const Secret& secret) { return secret.begin < begin + value.size() && begin < secret.end; });
  };
  for (auto at = first; at != std::string_view::npos; at = text_.find(value, at + 1)) {
    if (!touches_secret(at)) return std::string(value);
  }
  return piece(first, first + value.size());
}

std::string RedactedText::piece(std::size_t begin, std::size_t end) const {
  std::string shown;
  auto at = begin;
  for (const auto& secret : secrets_) {
    if (secret.end <= begin || secret.begin >= end) continue;
    if (secret.begin > at) shown += text_.substr(at, secret.begin - at);
    shown += replacement_of(secret.kind);
    at = secret.end;
  }
  if (at < end) shown += text_.substr(at, end - at);
  return shown;
}

}  // namespace triaged::formats

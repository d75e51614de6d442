#include "knowledge/patterns/accepted_patterns.hpp"

#include <charconv>

#include <fmt/format.h>
#include <hs/hs.h>

#include "base/read_file.hpp"
#include "base/replace_file.hpp"
#include "knowledge/patterns/pattern.hpp"

namespace triaged::knowledge {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_cache = std::size_t(64) << 20U;

std::uint64_t fnv1a_of(std::string_view text, std::uint64_t hash = 0xcbf29ce484222325ULL) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

/// Another engine may judge otherwise; so may another version of what asks it.
std::string head_line() { return fmt::format("triaged accepted patterns 2, Hyperscan {}\n", hs_version()); }

}  // namespace

AcceptedPatterns::AcceptedPatterns(fs::path file) : file_(std::move(file)) {
  const auto read = read_plain_file(file_, largest_cache);
  if (!read || read->is_cut) return;
  const auto& text = read->text;
  const auto head = head_line();
  if (!text.starts_with(head) || (text.size() - head.size()) % 17 != 0) return;
  known_.reserve((text.size() - head.size()) / 17);
  for (auto at = head.size(); at < text.size(); at += 17) {
    std::uint64_t hash = 0;
    const auto* end = text.data() + at + 16;
    if (std::from_chars(text.data() + at, end, hash, 16).ptr == end) known_.insert(hash);
  }
}

std::optional<std::string> AcceptedPatterns::refusal_of(const std::string& regex, bool caseless) {
  const auto hash = fnv1a_of(regex, fnv1a_of(caseless ? "i" : "c"));
  {
    const Lock lock(mutex_);
    if (known_.count(hash) != 0) return std::nullopt;
  }
  auto refusal = knowledge::refusal_of(regex, caseless);
  if (!refusal) {
    const Lock lock(mutex_);
    has_news_ = known_.insert(hash).second || has_news_;
  }
  return refusal;
}

void AcceptedPatterns::keep() const {
  const Lock lock(mutex_);
  if (file_.empty() || !has_news_) return;
  std::string text = head_line();
  for (const auto hash : known_) text += fmt::format("{:016x}\n", hash);
  (void)replace_file(file_, text);  // what cannot be kept is found out again
}

}  // namespace triaged::knowledge

#include "knowledge/dialects/rule_cache.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <unordered_set>

#include <fmt/format.h>
#include <hs/hs.h>

#include "base/read_file.hpp"
#include "base/replace_file.hpp"

namespace triaged::knowledge {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 20'000;
constexpr std::size_t largest_cache = std::size_t(1) << 30U;

/// The program that wrote the file, and the engine that judged its patterns.
std::string head_line() {
  const auto self = stamp_of("/proc/self/exe").value_or(FileStamp{});
  return fmt::format("triaged rules, program {} {}, Hyperscan {}\n", self.size, self.changed_at, hs_version());
}

static_assert(std::is_trivially_copyable_v<FileStamp>);

template <typename Number>
void put(std::string& bytes, Number number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);  // NOLINT: the bytes of a number
}

void put(std::string& bytes, std::string_view text) {
  put(bytes, static_cast<std::uint64_t>(text.size()));
  bytes += text;
}

template <typename Number>
bool take(std::string_view& bytes, Number& number) {
  if (bytes.size() < sizeof number) return false;
  std::memcpy(&number, bytes.data(), sizeof number);
  bytes.remove_prefix(sizeof number);
  return true;
}

bool take(std::string_view& bytes, std::string_view& text) {
  std::uint64_t size = 0;
  if (!take(bytes, size) || bytes.size() < size) return false;
  text = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return true;
}

/// Eight bytes a step: the file has many megabytes.
std::uint64_t checksum_of(std::string_view bytes) {
  std::uint64_t sum = bytes.size();
  const auto mix = [&](std::uint64_t word) {
    sum = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
    sum ^= sum >> 29U;
  };
  std::uint64_t word = 0;
  while (take(bytes, word)) mix(word);
  for (const char c : bytes) mix(static_cast<unsigned char>(c));
  return sum;
}

}  // namespace

RuleCache::RuleCache(fs::path file) : file_(std::move(file)) {
  if (file_.empty()) return;
  read();
}

void RuleCache::read() {
  auto read = read_plain_file(file_, largest_cache);
  if (!read || read->is_cut) return;
  bytes_ = std::move(read->text);
  const auto head = head_line();
  std::string_view rest = bytes_;
  std::uint64_t checksum = 0;
  if (!rest.starts_with(head)) return;
  rest.remove_prefix(head.size());
  if (!take(rest, checksum) || checksum != checksum_of(rest)) return;
  std::string_view path;
  for (Kept kept; take(rest, path) && take(rest, kept.stamp) && take(rest, kept.bytes);) kept_.emplace(path, kept);
}

std::optional<RulesOfFile> RuleCache::find(const std::string& path, const FileStamp& stamp) const {
  const auto found = kept_.find(path);
  if (found == kept_.end() || found->second.stamp != stamp) return std::nullopt;
  RulesOfFile file;
  if (!from_bytes(found->second.bytes, file)) return std::nullopt;
  return file;
}

void RuleCache::keep(const std::vector<Entry>& entries) const {
  const bool is_kept = std::all_of(entries.begin(), entries.end(), [&](const Entry& entry) {
    const auto found = kept_.find(entry.path);
    return found != kept_.end() && found->second.stamp == entry.stamp;
  });
  if (file_.empty() || is_kept) return;
  std::string body;
  const auto add = [&](std::string_view path, const FileStamp& stamp, std::string_view rule) {
    put(body, path);
    put(body, stamp);
    put(body, rule);
  };
  std::unordered_set<std::string_view> added;
  for (const auto& entry : entries) {
    if (added.insert(entry.path).second) add(entry.path, entry.stamp, to_bytes(*entry.file));
  }
  for (const auto& [path, kept] : kept_) {
    if (added.size() >= most_files) break;
    if (stamp_of(path) == kept.stamp && added.insert(path).second) add(path, kept.stamp, kept.bytes);
  }
  auto text = head_line();
  put(text, checksum_of(body));
  (void)replace_file(file_, text + body);  // what cannot be kept is read again
}

}  // namespace triaged::knowledge

// A file: magic, checksum of all that follows, the shortest match, the refused patterns, Hyperscan's own serialised
// form. Numbers are in this machine's order: the name of the file holds what the machine is.
#include "matcher/database_cache.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "base/replace_file.hpp"

namespace triaged::matcher {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "TRIAGHS1";
constexpr std::string_view extension = ".hsdb";
constexpr auto longest_writing = std::chrono::hours(1);
constexpr std::size_t most_files = 64;  // some ten formats, twice, and packs that were tried out

/// Two hashes of different beginnings make 128 bits; eight bytes a step, for databases of many megabytes.
class Hash {
 public:
  explicit Hash(std::uint64_t seed) : value_(seed) {}
  void add(std::string_view bytes) {
    add(bytes.size());
    for (; bytes.size() >= sizeof(std::uint64_t); bytes.remove_prefix(sizeof(std::uint64_t))) add(word_of(bytes));
    std::uint64_t rest = 0;
    std::memcpy(&rest, bytes.data(), bytes.size());
    add(rest);
  }
  void add(std::uint64_t word) {
    value_ = (value_ ^ word) * 0x9e3779b97f4a7c15ULL;
    value_ ^= value_ >> 29;
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  static std::uint64_t word_of(std::string_view bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    return word;
  }
  std::uint64_t value_;
};

std::uint64_t hash_of(const std::vector<HyperscanPattern>& patterns, std::uint64_t seed) {
  Hash hash(seed);
  hash.add(magic);
  hash.add(hs_version());
  hs_platform_info_t platform{};
  if (hs_populate_platform(&platform) == HS_SUCCESS) {
    hash.add(platform.tune);
    hash.add(platform.cpu_features);
  }
  for (const auto& pattern : patterns) {
    hash.add(pattern.text);
    hash.add(pattern.flags);
    hash.add(pattern.id);
  }
  return hash.value();
}

void put(std::string& bytes, std::uint64_t number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);  // NOLINT: bytes of a number
}

/// Takes numbers and texts off the front; false for ever once there are too few bytes.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] bool take(std::uint64_t& number) {
    if (bytes_.size() < sizeof number) return fail();
    std::memcpy(&number, bytes_.data(), sizeof number);
    bytes_.remove_prefix(sizeof number);
    return true;
  }
  [[nodiscard]] bool take(std::string_view& text) {
    std::uint64_t size = 0;
    if (!take(size) || bytes_.size() < size) return fail();
    text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return true;
  }
  [[nodiscard]] std::string_view rest() const { return bytes_; }

 private:
  bool fail() {
    bytes_ = {};
    return false;
  }
  std::string_view bytes_;
};

std::string to_bytes(const CompiledPatterns& compiled, std::string_view serialised) {
  std::string body;
  body.reserve(serialised.size() + 64);
  put(body, compiled.shortest);
  put(body, compiled.refused.size());
  for (const auto& refused : compiled.refused) {
    put(body, refused.index);
    put(body, refused.reason.size());
    body += refused.reason;
  }
  put(body, serialised.size());
  body += serialised;
  Hash hash(0);
  hash.add(body);
  std::string bytes(magic);
  put(bytes, hash.value());
  return bytes + body;
}

/// nullopt: the bytes are not what was written.
std::optional<CompiledPatterns> from_bytes(std::string_view bytes, std::size_t patterns) {
  if (!bytes.starts_with(magic)) return std::nullopt;
  Bytes reader(bytes.substr(magic.size()));
  std::uint64_t checksum = 0, shortest = 0, refusals = 0;
  if (!reader.take(checksum)) return std::nullopt;
  Hash hash(0);
  hash.add(reader.rest());
  if (hash.value() != checksum || !reader.take(shortest) || !reader.take(refusals)) return std::nullopt;
  CompiledPatterns compiled;
  compiled.shortest = shortest;
  for (std::uint64_t i = 0; i < refusals; ++i) {
    std::uint64_t index = 0;
    std::string_view reason;
    if (!reader.take(index) || !reader.take(reason) || index >= patterns) return std::nullopt;
    compiled.refused.push_back({index, std::string(reason)});
  }
  std::string_view serialised;
  if (!reader.take(serialised)) return std::nullopt;
  hs_database_t* database = nullptr;
  if (!serialised.empty() && hs_deserialize_database(serialised.data(), serialised.size(), &database) != HS_SUCCESS) {
    return std::nullopt;
  }
  compiled.database.reset(database);
  return compiled;
}

std::optional<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return std::nullopt;
  std::string bytes(static_cast<std::size_t>(std::max<std::streamoff>(in.tellg(), 0)), '\0');
  in.seekg(0);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

std::string serialised(const hs_database_t* database) {
  if (database == nullptr) return {};
  char* bytes = nullptr;
  std::size_t length = 0;
  if (hs_serialize_database(database, &bytes, &length) != HS_SUCCESS) return {};
  const std::unique_ptr<char, decltype(&std::free)> owned(bytes, &std::free);
  return {bytes, length};
}

Problem trouble_with(const fs::path& path, std::string what) {
  return {ProblemLevel::warning, path.string(), 0, 0, std::move(what), ""};
}

}  // namespace

DatabaseCache::DatabaseCache(fs::path folder, Report report) : folder_(std::move(folder)), report_(std::move(report)) {}

fs::path DatabaseCache::path_of(const std::vector<HyperscanPattern>& patterns) const {
  return folder_ / fmt::format("{:016x}{:016x}{}", hash_of(patterns, 1), hash_of(patterns, 2), extension);
}

bool DatabaseCache::has(const std::vector<HyperscanPattern>& patterns) const {
  std::error_code failure;
  return !folder_.empty() && fs::is_regular_file(path_of(patterns), failure);
}

std::optional<CompiledPatterns> DatabaseCache::find(const std::vector<HyperscanPattern>& patterns) const {
  if (folder_.empty()) return std::nullopt;
  const auto path = path_of(patterns);
  const auto bytes = read_file(path);
  if (!bytes) return std::nullopt;
  auto compiled = from_bytes(*bytes, patterns.size());
  std::error_code ignored;
  if (compiled) {
    fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);  // in use: dropped last
  } else {
    report_(trouble_with(path, "this cached pattern database is broken; its patterns are compiled anew"));
    fs::remove(path, ignored);
  }
  return compiled;
}

void DatabaseCache::keep(const std::vector<HyperscanPattern>& patterns, const CompiledPatterns& compiled) const {
  if (folder_.empty()) return;
  const auto path = path_of(patterns);
  const auto kept = replace_file(path, to_bytes(compiled, serialised(compiled.database.get())));
  if (kept) return drop_unused();
  report_(trouble_with(path, fmt::format("the pattern database cannot be cached ({}); the next start compiles its "
                                         "patterns again",
                                         kept.error().message)));
}

/// Keeps the files that were used last, and of unfinished ones those that somebody may be writing.
void DatabaseCache::drop_unused() const {
  std::error_code failure;
  const auto now = fs::file_time_type::clock::now();
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  auto entry = fs::directory_iterator(folder_, failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    std::error_code gone;
    const auto written = entry->last_write_time(gone);
    if (gone) continue;
    if (entry->path().extension() == extension) files.emplace_back(written, entry->path());
    const bool is_left = entry->path().extension() == unfinished_file && written < now - longest_writing;
    if (is_left) fs::remove(entry->path(), gone);
  }
  std::sort(files.rbegin(), files.rend());
  for (std::size_t i = most_files; i < files.size(); ++i) fs::remove(files[i].second, failure);
}

}  // namespace triaged::matcher

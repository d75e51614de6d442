// Reads the files of the system's zone data (RFC 8536, TZif): the moments at which a zone's offset changed, the offset
// from each of them on, and a rule for the time after the last one.
#include "base/time_zone.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/posix_zone.hpp"
#include "base/problem.hpp"
#include "base/read_file.hpp"

namespace triaged::inline base {

namespace {

constexpr std::size_t largest_zone_file = 1 << 16;
constexpr std::size_t most_zone_names = 4096;

std::filesystem::path zone_folder() {
  const char* folder = std::getenv("TZDIR");
  return folder == nullptr || *folder == '\0' ? "/usr/share/zoneinfo" : folder;
}

/// Big-endian, as many bytes as Integer has. REQUIRES: they are there.
template <class Integer>
Integer integer_at(std::string_view bytes, std::size_t at) {
  std::make_unsigned_t<Integer> value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value = static_cast<decltype(value)>((static_cast<std::uint64_t>(value) << 8) |
                                         static_cast<unsigned char>(bytes[at + i]));
  }
  return static_cast<Integer>(value);
}

/// The head of a block and where its parts stand.
struct Block {
  static constexpr std::size_t head = 44, type_size = 6;
  std::size_t times = 0, types = 0, letters = 0;                                    // how many
  std::size_t times_at = 0, indexes_at = 0, types_at = 0, letters_at = 0, end = 0;  // where
};

/// The block at `at`, whose times have `time_size` bytes; nullopt: there is none.
std::optional<Block> block_at(std::string_view bytes, std::size_t at, std::size_t time_size) {
  if (bytes.size() < at + Block::head || bytes.substr(at, 4) != "TZif") return std::nullopt;
  const auto count = [&](std::size_t index) {
    return static_cast<std::size_t>(integer_at<std::uint32_t>(bytes, at + 20 + index * 4));
  };
  const std::size_t utc_marks = count(0), standard_marks = count(1), leap_seconds = count(2);
  Block block{.times = count(3), .types = count(4), .letters = count(5)};
  const auto most = std::max({utc_marks, standard_marks, leap_seconds, block.times, block.types, block.letters});
  if (block.types == 0 || most > largest_zone_file) return std::nullopt;
  block.times_at = at + Block::head;
  block.indexes_at = block.times_at + block.times * time_size;
  block.types_at = block.indexes_at + block.times;
  block.letters_at = block.types_at + block.types * Block::type_size;
  block.end = block.letters_at + block.letters + leap_seconds * (time_size + 4) + standard_marks + utc_marks;
  return block.end <= bytes.size() ? std::optional(block) : std::nullopt;
}

std::string readable(std::string_view abbreviation) {
  const bool is_number = abbreviation.starts_with('+') || abbreviation.starts_with('-');
  return is_number ? fmt::format("UTC{}", abbreviation) : std::string(abbreviation);
}

std::optional<ZoneOffset> fixed_offset(std::string_view text) {
  if (text == "UTC") return ZoneOffset{std::chrono::seconds(0), "UTC"};
  const auto moment = parse_rfc3339(fmt::format("1970-01-02T00:00:00{}", text));
  if (!moment || !(text.starts_with('+') || text.starts_with('-'))) return std::nullopt;
  const auto east = TimePoint(std::chrono::days(1)) - *moment;
  return ZoneOffset{std::chrono::duration_cast<std::chrono::seconds>(east), fmt::format("UTC{}", text)};
}

/// Also the city alone, "Berlin".
std::string nearest_zone(std::string_view name, const std::vector<std::string>& names) {
  std::vector<std::string_view> known(names.begin(), names.end());
  if (const auto near = suggestion_for(name, known); !near.empty()) return near;
  std::vector<std::string_view> cities;
  for (const auto zone : known) cities.push_back(zone.substr(zone.find('/') == zone.npos ? 0 : zone.rfind('/') + 1));
  const auto city = name.substr(name.find('/') == name.npos ? 0 : name.rfind('/') + 1);
  for (std::size_t i = 0; i < cities.size(); ++i) {
    if (!suggestion_for(city, {cities[i]}).empty()) return fmt::format("; did you mean '{}'?", known[i]);
  }
  return {};
}

}  // namespace

struct TimeZone::Changes {
  std::vector<TimePoint> times;        // ascending
  std::vector<ZoneOffset> offsets;     // from each of `times` on
  ZoneOffset first;                    // before all of them
  std::optional<PosixZone> from_then;  // after all of them

  static std::shared_ptr<const Changes> read(std::string_view bytes);
};

std::shared_ptr<const TimeZone::Changes> TimeZone::Changes::read(std::string_view bytes) {
  const auto old = block_at(bytes, 0, 4);
  if (!old || bytes[4] < '2') return nullptr;  // the first version ends in the year 2038, and nobody writes it
  const auto block = block_at(bytes, old->end, 8);
  if (!block) return nullptr;
  const auto offset_of = [&](std::size_t type) {
    const auto at = block->types_at + type * Block::type_size;
    const auto name = bytes.substr(block->letters_at, block->letters)
                          .substr(std::min<std::size_t>(static_cast<unsigned char>(bytes[at + 5]), block->letters));
    return ZoneOffset{std::chrono::seconds(integer_at<std::int32_t>(bytes, at)),
                      readable(name.substr(0, name.find('\0')))};
  };
  const auto changes = std::make_shared<Changes>();
  changes->first = offset_of(0);
  for (std::size_t i = 0; i < block->times; ++i) {
    const auto type = static_cast<unsigned char>(bytes[block->indexes_at + i]);
    if (type >= block->types) return nullptr;
    const auto seconds = integer_at<std::int64_t>(bytes, block->times_at + i * 8);
    changes->times.emplace_back(std::chrono::seconds(std::clamp<std::int64_t>(seconds, -1LL << 40, 1LL << 40)));
    changes->offsets.push_back(offset_of(type));
  }
  auto rule = bytes.substr(block->end);
  if (rule.starts_with('\n')) rule.remove_prefix(1);
  changes->from_then = PosixZone::read(rule.substr(0, rule.find('\n')));
  return changes;
}

TimeZone TimeZone::utc() {
  static const TimeZone utc = [] {
    auto changes = std::make_shared<Changes>();
    changes->first = {std::chrono::seconds(0), "UTC"};
    return TimeZone("UTC", std::move(changes));
  }();
  return utc;
}

Result<TimeZone> TimeZone::named(std::string_view name) {
  if (name == "local") return TimeZone();
  if (const auto fixed = fixed_offset(name)) {
    auto changes = std::make_shared<Changes>();
    changes->first = *fixed;
    return TimeZone(std::string(name), std::move(changes));
  }
  const auto names = time_zone_names();
  if (names.empty()) {
    return error("no time zone data is installed (package tzdata): write local, UTC or an offset such as +01:00");
  }
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    const auto nearest = nearest_zone(name, names);
    return error("there is no such time zone" +
                 (nearest.empty() ? "; write local, UTC, an offset such as +01:00, or a name such as Europe/Berlin "
                                    "(`timedatectl list-timezones` lists them)"
                                  : nearest));
  }
  const auto file = read_plain_file(zone_folder() / name, largest_zone_file);
  auto changes = file ? Changes::read(file->text) : nullptr;
  if (changes == nullptr) return error("the system's data of this time zone cannot be read");
  return TimeZone(std::string(name), std::move(changes));
}

ZoneOffset TimeZone::at(TimePoint time) const {
  if (changes_ == nullptr) {
    const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    std::tm local{};
    if (localtime_r(&seconds, &local) == nullptr) return {std::chrono::seconds(0), "UTC"};
    return {std::chrono::seconds(local.tm_gmtoff), readable(local.tm_zone)};
  }
  const auto after = std::upper_bound(changes_->times.begin(), changes_->times.end(), time);
  if (after == changes_->times.end() && changes_->from_then) {
    auto offset = changes_->from_then->at(time);
    offset.abbreviation = readable(offset.abbreviation);
    return offset;
  }
  if (after == changes_->times.begin()) return changes_->first;
  return changes_->offsets[static_cast<std::size_t>(after - changes_->times.begin()) - 1];
}

std::vector<std::string> time_zone_names() {
  std::vector<std::string> names;
  const auto folder = zone_folder();
  std::error_code failure;
  std::filesystem::recursive_directory_iterator entry(folder, failure);
  for (const std::filesystem::recursive_directory_iterator end; !failure && entry != end; entry.increment(failure)) {
    auto name = entry->path().lexically_relative(folder).string();
    // "posix" and "right" hold all zones again; files with a dot in their name are tables.
    if (name == "posix" || name == "right") entry.disable_recursion_pending();
    std::error_code gone;
    const bool is_zone = name[0] >= 'A' && name[0] <= 'Z' && name.find('.') == std::string::npos;
    if (is_zone && entry->is_regular_file(gone) && names.size() < most_zone_names) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace triaged::inline base

#include "formats/format.hpp"

#include "formats/format_table.hpp"

namespace triaged::formats {

const FormatFacts& facts_of(Format format) { return facts_in_table(format); }

std::string_view name_of(Format format) { return facts_in_table(format).name; }

std::optional<Format> format_named(std::string_view name) {
  for (const auto& row : format_table) {
    if (row.facts.name == name) return row.facts.format;
  }
  return std::nullopt;
}

const std::array<Format, format_count>& all_formats() {
  static constexpr auto formats = [] {
    std::array<Format, format_count> all{};
    for (std::size_t i = 0; i < format_count; ++i) all[i] = static_cast<Format>(i);
    return all;
  }();
  return formats;
}

bool covers(Format named, Format format) {
  return named == format || (named == Format::text && family_of(format) == Format::text);
}

std::vector<std::string_view> words_in(std::string_view words) {
  std::vector<std::string_view> all;
  while (!words.empty()) {
    const auto end = words.find(' ');
    all.push_back(words.substr(0, end));
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
  }
  return all;
}

}  // namespace triaged::formats

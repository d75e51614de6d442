#include "sources/file/rotated_name.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace triaged::sources {

namespace {

constexpr std::array<std::string_view, 3> words{"old", "prev", "bak"};
// Longer than this, digits are a date or a time: "2026" alone is not used by any tool known to us.
constexpr std::size_t longest_number = 4;

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
bool is_separator(char byte) { return byte == '.' || byte == '-' || byte == '_'; }

std::string_view without_compressed_ending(std::string_view name) {
  for (const std::string_view ending : compressed_endings) {
    if (name.size() > ending.size() && name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  }
  return name;
}

bool is_date_text(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_digit) && std::all_of(text.begin(), text.end(), [](char byte) {
           return is_digit(byte) || is_separator(byte) || byte == 'T' || byte == 'Z' || byte == ':';
         });
}

// What rotation added to `base` ("1", "20261121"); nullopt when `name` is no rotated name of it. Empty: only
// compressed.
std::optional<std::string_view> addition(std::string_view name, std::string_view base) {
  const std::string_view plain = without_compressed_ending(name);
  if (plain == base) return plain == name ? std::nullopt : std::optional(std::string_view());
  if (plain.size() > base.size() + 1 && plain.starts_with(base) && is_separator(plain[base.size()])) {
    const std::string_view added = plain.substr(base.size() + 1);
    const bool is_word = std::find(words.begin(), words.end(), added) != words.end();
    if (is_word || is_date_text(added)) return added;
  }
  const std::size_t dot = base.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  const std::string_view stem = base.substr(0, dot), extension = base.substr(dot);
  if (plain.size() <= base.size() + 1 || !plain.starts_with(stem) || !plain.ends_with(extension)) return std::nullopt;
  const std::string_view added = plain.substr(dot + 1, plain.size() - base.size() - 1);
  return is_separator(plain[dot]) && is_date_text(added) ? std::optional(added) : std::nullopt;
}

std::string digits_of(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), is_digit);
  return digits;
}

bool is_number(std::string_view added) {
  return !added.empty() && added.size() <= longest_number && std::all_of(added.begin(), added.end(), is_digit);
}

// A path with marks in place of what a rotating tool counts up.
constexpr char any_digits = '\1', any_label = '\2';

std::string skeleton_of(std::string_view path) {
  path = without_compressed_ending(path);
  constexpr std::size_t label_digits = 24;
  std::string skeleton;
  for (std::size_t at = 0; at < path.size();) {
    const std::string_view label = path.substr(at + 1, label_digits);
    const bool is_label = path[at] == '@' && label.size() == label_digits &&
                          label.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    std::size_t end = is_label ? at + 1 + label_digits : at;
    while (!is_label && end < path.size() && is_digit(path[end])) ++end;
    skeleton += is_label ? any_label : end > at ? any_digits : path[at];
    at = std::max(end, at + 1);
  }
  return skeleton;
}

// "12" of "shop-12.log", and what stands around it.
struct Numbered {
  std::string_view before, after;
  std::uint64_t number = 0;
};

// Where two names of a series differ, going out from the first byte that is not the same.
std::optional<Numbered> numbered_like(std::string_view name, std::string_view other) {
  const auto differs = std::mismatch(name.begin(), name.end(), other.begin(), other.end()).first;
  auto begin = static_cast<std::size_t>(differs - name.begin()), end = begin;
  while (begin > 0 && is_digit(name[begin - 1])) --begin;
  while (end < name.size() && is_digit(name[end])) ++end;
  Numbered numbered{.before = name.substr(0, begin), .after = name.substr(end)};
  const auto [last, failure] = std::from_chars(name.data() + begin, name.data() + end, numbered.number);
  return failure == std::errc() ? std::optional(numbered) : std::nullopt;
}

}  // namespace

bool is_rotated_name(std::string_view name, std::string_view base) { return addition(name, base).has_value(); }

std::vector<std::string> possible_bases(std::string_view name) {
  const std::string_view plain = without_compressed_ending(name);
  const std::size_t dot = plain.rfind('.');
  std::vector<std::string> bases;
  const auto add = [&](std::string base) {
    if (is_rotated_name(name, base)) bases.push_back(std::move(base));
  };
  add(std::string(plain));
  for (std::size_t at = 1; at < plain.size(); ++at) {
    if (!is_separator(plain[at])) continue;
    add(std::string(plain.substr(0, at)));
    if (dot != std::string_view::npos && at < dot) add(std::string(plain.substr(0, at)).append(plain.substr(dot)));
  }
  return bases;
}

bool is_later_name(std::string_view name, std::string_view base) {
  if (is_rotated_name(name, base)) return true;
  const auto bases = possible_bases(base);
  return std::any_of(bases.begin(), bases.end(),
                     [&](const std::string& first) { return is_rotated_name(name, first); });
}

Numbering numbering_of(const std::vector<TimedName>& files, std::string_view base) {
  std::vector<std::pair<int, const TimedName*>> numbered;
  for (const TimedName& file : files) {
    const auto added = addition(file.name, base);
    if (added && is_number(*added)) numbered.emplace_back(std::stoi(std::string(*added)), &file);
  }
  std::sort(numbered.begin(), numbered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  int ascending = 0;
  for (std::size_t i = 1; i < numbered.size(); ++i) {
    const TimedName &low = *numbered[i - 1].second, &high = *numbered[i].second;
    const bool is_low_younger = low.time > high.time;
    const bool is_late_line = low.is_last_write != high.is_last_write && (is_low_younger ? low : high).is_last_write;
    if (low.time != high.time && !is_late_line) ascending += is_low_younger ? -1 : 1;
  }
  return ascending > 0 ? Numbering::newest_is_highest : Numbering::newest_is_lowest;
}

std::optional<bool> is_older_by_name(std::string_view name, std::string_view other, std::string_view base,
                                     Numbering numbering) {
  if (name == base || other == base) return name != base;
  const auto a = addition(name, base), b = addition(other, base);
  if (!a || !b) return std::nullopt;
  if (is_number(*a) && is_number(*b)) {
    const int one = std::stoi(std::string(*a)), two = std::stoi(std::string(*b));
    return numbering == Numbering::newest_is_lowest ? one > two : one < two;
  }
  const std::string a_digits = digits_of(*a), b_digits = digits_of(*b);
  if (a_digits.size() <= longest_number || a_digits.size() != b_digits.size()) return std::nullopt;
  return a_digits < b_digits;
}

std::string glob_of_names_like(std::string_view path) {
  std::string glob;
  for (const char byte : skeleton_of(path)) {
    if (byte == any_digits) {
      glob += "[0-9]*";
    } else if (byte == any_label) {
      glob += "@*";
    } else {
      glob += std::string_view("*?[]\\").find(byte) == std::string_view::npos ? byte : '?';
    }
  }
  return glob + "*";
}

bool is_named_like(std::string_view path, std::string_view other) { return skeleton_of(path) == skeleton_of(other); }

std::optional<std::string_view> plain_name_of(std::string_view name) {
  const std::string_view plain = without_compressed_ending(name);
  return plain == name ? std::nullopt : std::optional(plain);
}

std::optional<std::uint64_t> number_between(std::string_view name, std::string_view last, std::string_view next) {
  const std::string_view plain = without_compressed_ending(name);
  const auto from = numbered_like(last, next), to = numbered_like(next, last), own = numbered_like(plain, last);
  if (!from || !to || !own || from->number >= own->number || own->number >= to->number) return std::nullopt;
  const auto fits = [&](const Numbered& other) { return other.before == own->before && other.after == own->after; };
  return fits(*from) && fits(*to) ? std::optional(own->number) : std::nullopt;
}

}  // namespace triaged::sources

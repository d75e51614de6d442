#include "base/yaml.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace triaged::inline base {

namespace {

const char* kind_name(YamlValue::Kind kind) {
  switch (kind) {
    case YamlValue::Kind::null:
      return "nothing";
    case YamlValue::Kind::text:
      return "text";
    case YamlValue::Kind::list:
      return "a list";
    case YamlValue::Kind::map:
      return "a map";
  }
  return "nothing";
}

/// "7", "-3", "20sec", "5%": nothing that could be a password is that short.
bool is_short_number(std::string_view text) {
  constexpr std::size_t longest = 7;
  const auto digits = text.substr(text.starts_with('-') || text.starts_with('+') ? 1 : 0);
  return text.size() <= longest && !digits.empty() && digits[0] >= '0' && digits[0] <= '9';
}

std::string_view quoted_note(const YamlValue& value) { return value.quoted ? ", not a quoted text" : ""; }

}  // namespace

const YamlValue* YamlValue::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name.text == key) return &value;
  }
  return nullptr;
}

void hide_texts(YamlValue& value) {
  value.hidden = true;
  for (auto& item : value.items) hide_texts(item);
  for (auto& [key, field] : value.entries) {
    hide_texts(key);
    hide_texts(field);
  }
}

YamlValue quotable(const YamlValue& value, Quoting quoting, const std::vector<std::string_view>& known) {
  YamlValue shown = value;
  const bool is_ours = value.written.empty() && value.kind == YamlValue::Kind::text;
  if (is_ours && quoting == Quoting::near_a_known_word && !suggestion_for(value.text, known).empty()) {
    shown.hidden = false;
  }
  if (is_ours && quoting == Quoting::short_number && is_short_number(value.text)) shown.hidden = false;
  return shown;
}

std::string unknown_word(std::string_view what, const YamlValue& value, const std::vector<std::string_view>& known) {
  if (!quotable(value, Quoting::near_a_known_word, known).hidden) {
    return fmt::format("{} '{}'{}", what, value.text, nearest_or_choices(value.text, known));
  }
  return fmt::format("{} of this name; there are: {}", what, fmt::join(known, ", "));
}

Problem problem_at(ProblemLevel level, const std::string& file, const YamlValue& at, std::string message) {
  std::string excerpt;
  if (at.kind == YamlValue::Kind::text && !at.hidden) {
    excerpt = to_printable(prefix_of(at.text.substr(0, at.text.find('\n')), 120));
  }
  return {level, file, at.line, at.column, std::move(message), std::move(excerpt)};
}

YamlMapReader::YamlMapReader(const YamlValue& map, std::string what, const std::string& file, Problems& problems)
    : map_(map), what_(std::move(what)), file_(file), problems_(problems) {
  if (map_.kind != YamlValue::Kind::map) {
    report(ProblemLevel::error, map_, fmt::format("{} must be a map, not {}", what_, kind_name(map_.kind)));
  }
}

const YamlValue* YamlMapReader::take(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.push_back(key);
  const auto* value = map_.find(key);
  return value == nullptr || value->kind == YamlValue::Kind::null ? nullptr : value;
}

const YamlValue* YamlMapReader::take_text(std::string_view key, std::string_view wanted) {
  const auto* value = take(key);
  if (value == nullptr || value->kind == YamlValue::Kind::text) return value;
  report(ProblemLevel::error, *value,
         fmt::format("'{}' of {} must be {}, not {}", key, what_, wanted, kind_name(value->kind)));
  return nullptr;
}

std::optional<std::string> YamlMapReader::text(std::string_view key) {
  const auto* value = take_text(key, "text");
  return value == nullptr ? std::nullopt : std::optional(value->text);
}

std::optional<double> YamlMapReader::number(std::string_view key) {
  const auto* value = take_text(key, "a number");
  if (value == nullptr) return std::nullopt;
  double number = 0;
  const char* end = value->text.data() + value->text.size();
  const auto [stop, failure] = std::from_chars(value->text.data(), end, number);
  if (failure == std::errc() && stop == end && !value->quoted && std::isfinite(number)) return number;
  report_number(*value, fmt::format("'{}' of {} must be a number{}", key, what_, quoted_note(*value)));
  return std::nullopt;
}

std::optional<long> YamlMapReader::integer(std::string_view key) {
  const auto* value = take_text(key, "a whole number");
  if (value == nullptr) return std::nullopt;
  long number = 0;
  const char* end = value->text.data() + value->text.size();
  const auto [stop, failure] = std::from_chars(value->text.data(), end, number);
  if (failure == std::errc() && stop == end && !value->quoted) return number;
  report_number(*value, fmt::format("'{}' of {} must be a whole number{}", key, what_, quoted_note(*value)));
  return std::nullopt;
}

std::optional<bool> YamlMapReader::boolean(std::string_view key) {
  const auto* value = take_text(key, "true or false");
  if (value == nullptr) return std::nullopt;
  if (!value->quoted && value->text == "true") return true;
  if (!value->quoted && value->text == "false") return false;
  report(ProblemLevel::error, *value,
         fmt::format("'{}' of {} must be true or false{}", key, what_, quoted_note(*value)));
  return std::nullopt;
}

std::optional<Microseconds> YamlMapReader::duration(std::string_view key) {
  const auto* value = take_text(key, "a duration");
  if (value == nullptr) return std::nullopt;
  const auto duration = parse_duration(value->text);
  if (!duration) {
    report_number(*value, fmt::format("'{}' of {} must be a duration such as 30s, 15m or 1h30m", key, what_));
  }
  return duration;
}

std::optional<std::uint64_t> YamlMapReader::size(std::string_view key) {
  const auto* value = take_text(key, "a size");
  if (value == nullptr) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = value->text.data() + value->text.size();
  const auto [stop, failure] = std::from_chars(value->text.data(), end, number);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  const int shift = unit.empty() ? 0 : unit == "KiB" ? 10 : unit == "MiB" ? 20 : unit == "GiB" ? 30 : -1;
  if (failure == std::errc() && shift >= 0 && number <= (UINT64_MAX >> static_cast<unsigned>(shift))) {
    return number << static_cast<unsigned>(shift);
  }
  report_number(*value, fmt::format("'{}' of {} must be a size such as 4KiB, 100MiB or 1GiB", key, what_));
  return std::nullopt;
}

const YamlValue* YamlMapReader::map(std::string_view key) {
  const auto* value = take(key);
  if (value == nullptr || value->kind == YamlValue::Kind::map) return value;
  report(ProblemLevel::error, *value,
         fmt::format("'{}' of {} must be a map, not {}", key, what_, kind_name(value->kind)));
  return nullptr;
}

const YamlValue* YamlMapReader::list(std::string_view key) {
  const auto* value = take(key);
  if (value == nullptr || value->kind == YamlValue::Kind::list) return value;
  report(ProblemLevel::error, *value,
         fmt::format("'{}' of {} must be a list, not {}", key, what_, kind_name(value->kind)));
  return nullptr;
}

std::vector<std::string> YamlMapReader::texts(std::string_view key) {
  std::vector<std::string> texts;
  for (const auto* value : text_values(key)) texts.push_back(value->text);
  return texts;
}

std::vector<const YamlValue*> YamlMapReader::text_values(std::string_view key) {
  const auto* value = take(key);
  if (value == nullptr) return {};
  if (value->kind == YamlValue::Kind::text) return {value};
  if (value->kind != YamlValue::Kind::list) {
    report(ProblemLevel::error, *value,
           fmt::format("'{}' of {} must be a list of texts, not {}", key, what_, kind_name(value->kind)));
    return {};
  }
  std::vector<const YamlValue*> texts;
  for (const auto& item : value->items) {
    if (item.kind == YamlValue::Kind::text) {
      texts.push_back(&item);
    } else {
      report(ProblemLevel::error, item,
             fmt::format("'{}' of {} must hold texts only, not {}", key, what_, kind_name(item.kind)));
    }
  }
  return texts;
}

std::optional<std::string> YamlMapReader::choice(std::string_view key, const std::vector<std::string_view>& words) {
  const auto* value = take_text(key, "text");
  if (value == nullptr) return std::nullopt;
  if (std::find(words.begin(), words.end(), value->text) != words.end()) return value->text;
  const auto shown = quotable(*value, Quoting::near_a_known_word, words);
  report(ProblemLevel::error, shown,
         fmt::format("'{}' of {} must be {}{}{}", key, what_, fmt::join(words.begin(), words.end() - 1, ", "),
                     words.size() > 1 ? " or " : "", words.back()) +
             (shown.hidden ? "" : suggestion_for(value->text, words)));
  return std::nullopt;
}

const YamlValue* YamlMapReader::any(std::string_view key) { return take(key); }

void YamlMapReader::require(std::string_view key) {
  const auto* value = map_.find(key);
  if (map_.kind != YamlValue::Kind::map || (value != nullptr && value->kind != YamlValue::Kind::null)) return;
  report(ProblemLevel::error, map_, fmt::format("{} has no '{}'", what_, key));
}

void YamlMapReader::finish(ProblemLevel level) {
  for (const auto& [key, value] : map_.entries) {
    if (std::find(asked_.begin(), asked_.end(), key.text) != asked_.end()) continue;
    const auto shown = quotable(key, Quoting::near_a_known_word, asked_);
    report(level, shown,
           shown.hidden
               ? fmt::format("unknown field in {}; its fields are: {}", what_, fmt::join(asked_, ", "))
               : fmt::format("unknown field '{}' in {}{}", key.text, what_, nearest_or_choices(key.text, asked_)));
  }
}

void YamlMapReader::report_number(const YamlValue& at, std::string message) const {
  report(ProblemLevel::error, quotable(at, Quoting::short_number), std::move(message));
}

void YamlMapReader::report(ProblemLevel level, const YamlValue& at, std::string message) const {
  problems_.push_back(problem_at(level, file_, at, std::move(message)));
}

void YamlMapReader::report(ProblemLevel level, std::string_view key, std::string message) const {
  const auto* value = map_.find(key);
  report(level, value == nullptr ? map_ : *value, std::move(message));
}

std::string YamlMapReader::shown(std::string_view key) const {
  const auto* value = map_.find(key);
  if (value == nullptr) return {};
  return value->written.empty() ? value->text : value->written;
}

}  // namespace triaged::inline base

#include "base/yaml.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/yaml.h>

#include "base/utf8.hpp"

namespace triaged {

namespace {

constexpr std::size_t largest_tree = 100'000;      // nodes; a "billion laughs" file stops here
constexpr std::size_t largest_text = 64ULL << 20;  // bytes of all texts; aliases can repeat a long one
constexpr int deepest_tree = 100;

struct TreeTooLarge {};

/// Finds places in the text that was read: yaml-cpp takes some files that it should refuse.
class SourceText {
 public:
  explicit SourceText(std::string_view text) : text_(text) {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
      starts_.push_back(at + 1);
    }
  }

  /// Where the first byte stands that has no business in a YAML file, and what it is.
  [[nodiscard]] std::optional<Problem> first_bad_byte(const std::string& file) const {
    const auto bad = std::find_if(text_.begin(), text_.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
    });
    const auto valid = to_valid_utf8(text_);
    const auto invalid = std::mismatch(text_.begin(), text_.end(), valid.begin(), valid.end()).first;
    if (bad == text_.end() && invalid == text_.end()) return std::nullopt;
    const auto first = std::min(bad, invalid);
    const auto byte = static_cast<unsigned char>(*first);
    auto message = first == invalid ? fmt::format("not valid UTF-8: byte 0x{:02x}", byte)
                                    : fmt::format("a control character (0x{:02x}) stands here", byte);
    return problem_at_offset(file, static_cast<std::size_t>(first - text_.begin()), std::move(message));
  }

  /// True when the quoted text that begins at this place goes on to the end of the file.
  [[nodiscard]] bool is_unclosed(unsigned line, unsigned column) const {
    if (line == 0 || line > starts_.size()) return false;
    std::size_t at = starts_[line - 1] + column - 1;
    if (at >= text_.size() || (text_[at] != '\'' && text_[at] != '"')) return false;
    const char quote = text_[at];
    for (++at; at < text_.size(); ++at) {
      const bool is_escape = quote == '"' && text_[at] == '\\';
      const bool is_doubled = quote == '\'' && text_.substr(at, 2) == "''";
      if (is_escape || is_doubled) {
        ++at;
      } else if (text_[at] == quote) {
        return false;
      }
    }
    return true;
  }

 private:
  [[nodiscard]] Problem problem_at_offset(const std::string& file, std::size_t offset, std::string message) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    return {Gravity::error,
            file,
            static_cast<unsigned>(after - starts_.begin()),
            static_cast<unsigned>(offset - *(after - 1) + 1),
            std::move(message),
            ""};
  }

  std::string_view text_;
  std::vector<std::size_t> starts_ = {0};
};

/// Copies a yaml-cpp tree into ours, checking duplicates and size on the way.
class TreeCopier {
 public:
  TreeCopier(const SourceText& source, const std::string& file, Problems& problems)
      : source_(source), file_(file), problems_(problems) {}

  YamlValue copy(const YAML::Node& node, int depth) {
    if (++nodes_ > largest_tree || depth > deepest_tree) throw TreeTooLarge{};
    YamlValue value;
    value.line = static_cast<unsigned>(node.Mark().line + 1);
    value.column = static_cast<unsigned>(node.Mark().column + 1);
    if (node.IsScalar()) {
      value.kind = YamlValue::Kind::text;
      value.text = node.Scalar();
      value.quoted = node.Tag() == "!";
      if ((bytes_ += value.text.size()) > largest_text) throw TreeTooLarge{};
      if (value.quoted && source_.is_unclosed(value.line, value.column)) {
        problems_.push_back(problem_at(Gravity::error, file_, value, "this quoted text is not closed"));
      }
    } else if (node.IsSequence()) {
      value.kind = YamlValue::Kind::list;
      for (const auto& item : node) value.items.push_back(copy(item, depth + 1));
    } else if (node.IsMap()) {
      copy_map(node, depth, value);
    }
    return value;
  }

 private:
  void copy_map(const YAML::Node& node, int depth, YamlValue& value) {
    value.kind = YamlValue::Kind::map;
    std::set<std::string> seen;
    for (const auto& entry : node) {
      auto key = copy(entry.first, depth + 1);
      if (key.kind != YamlValue::Kind::text) {
        problems_.push_back(problem_at(Gravity::error, file_, key, "a field name must be plain text"));
        continue;
      }
      if (!seen.insert(key.text).second) {
        problems_.push_back(problem_at(Gravity::error, file_, key, fmt::format("field '{}' is given twice", key.text)));
        continue;
      }
      auto field = copy(entry.second, depth + 1);
      if (field.kind == YamlValue::Kind::null && field.line != key.line) {
        field.line = key.line;  // yaml-cpp puts a missing value where the next field begins
        field.column = key.column;
      }
      value.entries.emplace_back(std::move(key), std::move(field));
    }
  }

  const SourceText& source_;
  const std::string& file_;
  Problems& problems_;
  std::size_t nodes_ = 0, bytes_ = 0;
};

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

/// The mistake of everybody who writes a regular expression in double quotes deserves more than yaml-cpp's words.
std::string in_full(const std::string& reason) {
  if (!reason.starts_with("unknown escape character")) return reason;
  return reason + " (in double quotes a backslash begins an escape; use single quotes)";
}

std::string_view quoted_note(const YamlValue& value) { return value.quoted ? ", not a quoted text" : ""; }

}  // namespace

const YamlValue* YamlValue::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name.text == key) return &value;
  }
  return nullptr;
}

std::vector<YamlValue> read_yaml(std::string_view text, const std::string& file, Problems& problems) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const SourceText source(text);
  if (auto bad_byte = source.first_bad_byte(file)) {
    problems.push_back(*std::move(bad_byte));
    return {};
  }
  const auto too_large = fmt::format("too large: more than {} values or {} MiB of text, or nested more than {} deep",
                                     largest_tree, largest_text >> 20, deepest_tree);
  const auto before = problems.size();
  std::vector<YamlValue> documents;
  try {
    TreeCopier copier(source, file, problems);
    for (const auto& document : YAML::LoadAll(std::string(text))) documents.push_back(copier.copy(document, 0));
  } catch (const YAML::DeepRecursion& failure) {
    problems.push_back({Gravity::error, file, static_cast<unsigned>(failure.mark.line + 1),
                        static_cast<unsigned>(failure.mark.column + 1), too_large, ""});
  } catch (const YAML::Exception& failure) {
    problems.push_back({Gravity::error, file, static_cast<unsigned>(failure.mark.line + 1),
                        static_cast<unsigned>(failure.mark.column + 1), "not valid YAML: " + in_full(failure.msg), ""});
  } catch (const TreeTooLarge&) {
    problems.push_back({Gravity::error, file, 1, 1, too_large, ""});
  } catch (const std::exception& failure) {
    problems.push_back({Gravity::error, file, 1, 1, fmt::format("not valid YAML: {}", failure.what()), ""});
  }
  if (problems.size() != before) documents.clear();
  return documents;
}

Problem problem_at(Gravity gravity, const std::string& file, const YamlValue& at, std::string message) {
  std::string excerpt;
  if (at.kind == YamlValue::Kind::text && !at.secret) {
    excerpt = to_printable(prefix_of(at.text.substr(0, at.text.find('\n')), 120));
  }
  return {gravity, file, at.line, at.column, std::move(message), std::move(excerpt)};
}

YamlMapReader::YamlMapReader(const YamlValue& map, std::string what, const std::string& file, Problems& problems)
    : map_(map), what_(std::move(what)), file_(file), problems_(problems) {
  if (map_.kind != YamlValue::Kind::map) {
    report(Gravity::error, map_, fmt::format("{} must be a map, not {}", what_, kind_name(map_.kind)));
  }
}

const YamlValue* YamlMapReader::take(std::string_view key) {
  asked_.push_back(key);
  const auto* value = map_.find(key);
  return value == nullptr || value->kind == YamlValue::Kind::null ? nullptr : value;
}

const YamlValue* YamlMapReader::take_text(std::string_view key, std::string_view wanted) {
  const auto* value = take(key);
  if (value == nullptr || value->kind == YamlValue::Kind::text) return value;
  report(Gravity::error, *value,
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
  report(Gravity::error, *value, fmt::format("'{}' of {} must be a number{}", key, what_, quoted_note(*value)));
  return std::nullopt;
}

std::optional<long> YamlMapReader::integer(std::string_view key) {
  const auto* value = take_text(key, "a whole number");
  if (value == nullptr) return std::nullopt;
  long number = 0;
  const char* end = value->text.data() + value->text.size();
  const auto [stop, failure] = std::from_chars(value->text.data(), end, number);
  if (failure == std::errc() && stop == end && !value->quoted) return number;
  report(Gravity::error, *value, fmt::format("'{}' of {} must be a whole number{}", key, what_, quoted_note(*value)));
  return std::nullopt;
}

std::optional<bool> YamlMapReader::boolean(std::string_view key) {
  const auto* value = take_text(key, "true or false");
  if (value == nullptr) return std::nullopt;
  if (!value->quoted && value->text == "true") return true;
  if (!value->quoted && value->text == "false") return false;
  report(Gravity::error, *value, fmt::format("'{}' of {} must be true or false{}", key, what_, quoted_note(*value)));
  return std::nullopt;
}

std::optional<Microseconds> YamlMapReader::duration(std::string_view key) {
  const auto* value = take_text(key, "a duration");
  if (value == nullptr) return std::nullopt;
  const auto duration = parse_duration(value->text);
  if (!duration) {
    report(Gravity::error, *value, fmt::format("'{}' of {} must be a duration such as 30s, 15m or 1h30m", key, what_));
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
  report(Gravity::error, *value, fmt::format("'{}' of {} must be a size such as 4KiB, 100MiB or 1GiB", key, what_));
  return std::nullopt;
}

const YamlValue* YamlMapReader::map(std::string_view key) {
  const auto* value = take(key);
  if (value == nullptr || value->kind == YamlValue::Kind::map) return value;
  report(Gravity::error, *value, fmt::format("'{}' of {} must be a map, not {}", key, what_, kind_name(value->kind)));
  return nullptr;
}

const YamlValue* YamlMapReader::list(std::string_view key) {
  const auto* value = take(key);
  if (value == nullptr || value->kind == YamlValue::Kind::list) return value;
  report(Gravity::error, *value, fmt::format("'{}' of {} must be a list, not {}", key, what_, kind_name(value->kind)));
  return nullptr;
}

std::vector<std::string> YamlMapReader::texts(std::string_view key) {
  const auto* value = take(key);
  if (value == nullptr) return {};
  if (value->kind == YamlValue::Kind::text) return {value->text};
  if (value->kind != YamlValue::Kind::list) {
    report(Gravity::error, *value,
           fmt::format("'{}' of {} must be a list of texts, not {}", key, what_, kind_name(value->kind)));
    return {};
  }
  std::vector<std::string> texts;
  for (const auto& item : value->items) {
    if (item.kind == YamlValue::Kind::text) {
      texts.push_back(item.text);
    } else {
      report(Gravity::error, item,
             fmt::format("'{}' of {} must hold texts only, not {}", key, what_, kind_name(item.kind)));
    }
  }
  return texts;
}

const YamlValue* YamlMapReader::any(std::string_view key) { return take(key); }

void YamlMapReader::require(std::string_view key) {
  const auto* value = map_.find(key);
  if (map_.kind != YamlValue::Kind::map || (value != nullptr && value->kind != YamlValue::Kind::null)) return;
  report(Gravity::error, map_, fmt::format("{} has no '{}'", what_, key));
}

void YamlMapReader::finish(Gravity gravity) {
  for (const auto& [key, value] : map_.entries) {
    if (std::find(asked_.begin(), asked_.end(), key.text) != asked_.end()) continue;
    report(gravity, key, fmt::format("unknown field '{}' in {}{}", key.text, what_, suggestion_for(key.text, asked_)));
  }
}

void YamlMapReader::report(Gravity gravity, const YamlValue& at, std::string message) const {
  problems_.push_back(problem_at(gravity, file_, at, std::move(message)));
}

}  // namespace triaged

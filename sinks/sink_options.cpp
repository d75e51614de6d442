#include "sinks/sink_options.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

namespace triaged {

namespace {

constexpr std::size_t longest_secret = 65536;  // bytes; a file larger than that is the wrong file

/// The first line of the file, without blanks around it.
Result<std::string> first_line_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line(longest_secret, '\0');
  file.read(line.data(), static_cast<std::streamsize>(line.size()));
  if (!file.is_open() || file.bad()) return error(std::strerror(errno));
  line.resize(static_cast<std::size_t>(file.gcount()));
  line.resize(std::min(line.find_first_of("\r\n"), line.size()));
  const auto begin = line.find_first_not_of(" \t");
  if (begin == std::string::npos) return error("its first line is empty");
  line = line.substr(begin, line.find_last_not_of(" \t") - begin + 1);
  return Result<std::string>(boost::system::in_place_value, std::move(line));
}

}  // namespace

void SinkOptions::report(std::string_view key, std::string message) {
  const auto* value = map_.find(key);
  fields.report(Gravity::error, value == nullptr ? map_ : *value, std::move(message));
}

void SinkOptions::tell(Gravity gravity, std::string_view secret_key, std::string message) {
  const auto* value = map_.find(secret_key);
  YamlValue hidden = value == nullptr ? map_ : *value;
  hidden.secret = true;
  fields.report(gravity, hidden, std::move(message));
}

void SinkOptions::require_one_of(std::string_view key, std::string_view other) {
  if (map_.find(key) != nullptr || map_.find(other) != nullptr) return;
  fields.report(Gravity::error, map_, fmt::format("one of '{}' and '{}' is needed", key, other));
}

/// A variable that is set to nothing, or a value that was forgotten, must not turn into "not wanted".
bool SinkOptions::is_given_empty(std::string_view key) {
  const auto* value = map_.find(key);
  const bool is_empty = value != nullptr && (value->kind == YamlValue::Kind::null ||
                                             (value->kind == YamlValue::Kind::text && value->text.empty()));
  if (is_empty) report(key, fmt::format("'{}' must not be empty", key));
  return is_empty;
}

std::optional<std::string> SinkOptions::secret(std::string_view key, std::string_view file_key) {
  const auto text = fields.text(key);
  const auto path = fields.text(file_key);
  const bool is_empty = is_given_empty(key), is_file_empty = is_given_empty(file_key);
  if (is_empty || is_file_empty) return std::nullopt;
  if (text && path) {
    report(file_key, fmt::format("'{}' and '{}' exclude each other", key, file_key));
    return std::nullopt;
  }
  if (!path) return text;
  auto line = first_line_of(*path);
  if (line) return std::move(*line);
  report(file_key, fmt::format("cannot read '{}': {}", file_key, line.error().message));
  return std::nullopt;
}

std::chrono::milliseconds SinkOptions::time_limit(std::string_view key, std::chrono::milliseconds otherwise,
                                                  std::chrono::milliseconds longest) {
  const auto given = fields.duration(key);
  if (!given) return otherwise;
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(*given);
  if (limit.count() > 0 && limit <= longest) return limit;
  report(key, fmt::format("'{}' must be above 0 and at most {}", key, to_text(Microseconds(longest))));
  return otherwise;
}

}  // namespace triaged

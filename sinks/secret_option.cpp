#include "sinks/secret_option.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/result.hpp"

namespace triaged::sinks {

namespace {

constexpr std::size_t longest_secret = 65536;  // bytes; a file larger than that is the wrong file

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

/// The first line of the file, without blanks around it. Waits for nothing: a FIFO is no file.
Result<std::string> first_line_of(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return error(std::strerror(errno));
  const std::unique_ptr<std::FILE, CloseFile> file(::fdopen(descriptor, "rb"));
  if (!file) return error(std::strerror(errno));
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return error(std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return error("it is not a regular file");
  std::string line(longest_secret + 1, '\0');
  line.resize(std::fread(line.data(), 1, line.size(), file.get()));
  if (std::ferror(file.get()) != 0) return error(std::strerror(errno));
  if (line.size() > longest_secret) {
    return error(fmt::format("it has {} bytes, and the limit is {}",
                             std::max<std::uintmax_t>(static_cast<std::uintmax_t>(status.st_size), line.size()),
                             longest_secret));
  }
  line.resize(std::min(line.find_first_of("\r\n"), line.size()));
  const auto begin = line.find_first_not_of(" \t");
  if (begin == std::string::npos) return error("its first line is empty");
  line = line.substr(begin, line.find_last_not_of(" \t") - begin + 1);
  return Result<std::string>(boost::system::in_place_value, std::move(line));
}

/// A variable that is set to nothing, or a value that was forgotten, must not turn into "not wanted".
bool is_given_empty(const YamlMapReader& fields, std::string_view key) {
  const auto* value = fields.peek(key);
  const bool is_empty = value != nullptr && (value->kind == YamlValue::Kind::null ||
                                             (value->kind == YamlValue::Kind::text && value->text.empty()));
  if (is_empty) fields.report(ProblemLevel::error, key, fmt::format("'{}' must not be empty", key));
  return is_empty;
}

}  // namespace

std::optional<std::string> read_secret(YamlMapReader& fields, std::string_view key, std::string_view file_key) {
  const auto text = fields.text(key);
  const auto path = fields.text(file_key);
  const bool is_empty = is_given_empty(fields, key), is_file_empty = is_given_empty(fields, file_key);
  if (is_empty || is_file_empty) return std::nullopt;
  if (text && path) {
    fields.report(ProblemLevel::error, file_key, fmt::format("'{}' and '{}' exclude each other", key, file_key));
    return std::nullopt;
  }
  if (!path) return text;
  auto line = first_line_of(*path);
  if (line) return std::move(*line);
  fields.report(ProblemLevel::error, file_key, fmt::format("cannot read '{}': {}", file_key, line.error().message));
  return std::nullopt;
}

}  // namespace triaged::sinks

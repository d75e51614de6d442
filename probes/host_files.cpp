#include "probes/host_files.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace triaged::probes {

namespace {

constexpr std::size_t longest_path = 1024;

}  // namespace

std::optional<FileText> read_host_file(const std::filesystem::path& path, std::size_t most) {
  auto read = read_plain_file(path, most);
  if (!read) return std::nullopt;
  return std::move(*read);
}

std::filesystem::path below(const std::filesystem::path& root, std::string_view absolute) {
  return root / std::filesystem::path(absolute).relative_path();
}

bool is_plain_path(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.size() > longest_path) return false;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(path.begin(), path.end(), is_control)) return false;
  for (const auto& part : std::filesystem::path(path)) {
    if (part == "..") return false;
  }
  return true;
}

std::vector<std::uint32_t> numbered_entries(const std::filesystem::path& folder, std::size_t most) {
  std::vector<std::uint32_t> numbers;
  std::error_code failure;
  for (std::filesystem::directory_iterator entry(folder, failure), end;
       !failure && entry != end && numbers.size() < most; entry.increment(failure)) {
    const auto number = whole_number(entry->path().filename().native());
    if (number && *number <= UINT32_MAX) numbers.push_back(static_cast<std::uint32_t>(*number));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  constexpr std::string_view blanks = " \t";
  while (true) {
    const auto begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(blanks), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace triaged::probes

#include "formats/log_level.hpp"

#include <array>

#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

struct Level {
  std::string_view written, name;
};
constexpr std::array levels{Level{"ERROR", "error"}, Level{"SEVERE", "severe"}, Level{"FATAL", "fatal"}};

constexpr std::size_t farthest = 100;  // behind it the logger's words begin

}  // namespace

std::string_view error_level_in(std::string_view line) {
  for (const auto& [written, name] : levels) {
    const auto at = line.substr(0, farthest).find(written);
    if (at == std::string_view::npos) continue;
    const bool begins_word = at == 0 || contains(" \t[|", line.substr(at - 1, 1));
    const auto behind = line.substr(at + written.size(), 1);
    if (begins_word && !behind.empty() && contains(" \t]|:", behind)) return name;
  }
  return {};
}

std::string_view error_level_named(std::string_view name) {
  for (const auto& level : levels) {
    if (level.name == name) return level.name;
  }
  return {};
}

}  // namespace triaged::formats

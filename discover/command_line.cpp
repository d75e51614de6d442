#include "discover/command_line.hpp"

#include <algorithm>
#include <utility>

#include "probes/host_files.hpp"

namespace triaged::discover {

std::vector<std::string> option_values(const std::vector<std::string>& command,
                                       std::initializer_list<std::string_view> names) {
  std::vector<std::string> values;
  for (std::size_t at = 0; at < command.size(); ++at) {
    const std::string_view word = command[at];
    for (const auto name : names) {
      const bool is_long = name.starts_with("--");
      if (word == name) {
        if (at + 1 < command.size()) values.push_back(command[++at]);
      } else if (is_long && word.starts_with(name) && word.substr(name.size()).starts_with('=')) {
        values.emplace_back(word.substr(name.size() + 1));
      } else if (!is_long && word.starts_with(name)) {
        values.emplace_back(word.substr(name.size()));
      } else {
        continue;
      }
      break;
    }
  }
  return values;
}

std::optional<std::string> option_value(const std::vector<std::string>& command,
                                        std::initializer_list<std::string_view> names) {
  auto values = option_values(command, names);
  if (values.empty()) return std::nullopt;
  return std::move(values.back());
}

bool has_option(const std::vector<std::string>& command, std::string_view name) {
  return std::find(command.begin(), command.end(), name) != command.end();
}

std::vector<std::string> words_in(const std::vector<std::string>& command) {
  std::vector<std::string> words;
  for (const auto& part : command) {
    for (const auto word : probes::words_of(part)) words.emplace_back(word);
  }
  return words;
}

std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  bool is_in_word = false;
  char quote = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      is_in_word = false;
      continue;
    }
    if (!std::exchange(is_in_word, true)) words.emplace_back();
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && at + 1 < line.size()) {
      words.back() += line[++at];
    } else {
      words.back() += c;
    }
  }
  return words;
}

}  // namespace triaged::discover

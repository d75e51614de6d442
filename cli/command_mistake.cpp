#include "cli/command_mistake.hpp"

#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/problem.hpp"
#include "base/utf8.hpp"

namespace triaged::cli {

namespace {

/// Each command once, as `--help` lists them.
std::vector<std::string> commands_of(CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string_view> views(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

std::string unknown_option(const CLI::App& app, std::string_view option) {
  const auto name = option.substr(0, option.find('='));
  if (!name.starts_with("--") || name == "--") return {};
  const auto names = options_of(app);
  for (const auto& known : names) {
    if (known == name) return {};
  }
  return fmt::format("there is no option '{}'{}", to_printable(name), nearest_or_choices(name, views(names)));
}

}  // namespace

std::string command_mistake(CLI::App& app, int argc, char** argv) {
  auto* command = &app;
  std::string path = "triaged";
  int at = 1;
  for (; at < argc; ++at) {
    const auto names = commands_of(*command);
    const std::string_view word = argv[at];
    if (names.empty() || word.starts_with('-')) break;
    const auto named = command->get_subcommands([&](const CLI::App* known) { return known->get_name() == word; });
    if (named.empty()) {
      return fmt::format("there is no command '{} {}'{}", path, to_printable(word),
                         nearest_or_choices(word, views(names)));
    }
    command = named.front();
    path += fmt::format(" {}", word);
  }
  if (at == argc && !commands_of(*command).empty()) {
    const auto names = commands_of(*command);
    return fmt::format("'{}' needs a command{}; '{} --help' says more", path, nearest_or_choices("", views(names)),
                       path);
  }
  for (; at < argc && std::string_view(argv[at]) != "--"; ++at) {
    if (auto mistake = unknown_option(*command, argv[at]); !mistake.empty()) {
      return fmt::format("{} ('{} --help' says more)", mistake, path);
    }
  }
  return {};
}

}  // namespace triaged::cli

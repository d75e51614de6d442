// `triaged discover`: what runs on this host and where it logs, and a configuration that follows it.
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "base/replace_file.hpp"
#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "cli/report_problems.hpp"
#include "discover/discover.hpp"
#include "discover/proposal.hpp"
#include "discover/show_discovery.hpp"

namespace triaged::cli {

namespace {

constexpr const char* this_host = "/";

int could_not_run(const std::string& why) {
  fmt::print(stderr, "triaged discover: {}\n", why);
  return exit_could_not_run;
}

Result<discover::Reader> chosen_reader(const DiscoverOptions& options) {
  if (options.user) return discover::user_named(*options.user, this_host);
  if (auto service = discover::service_user(this_host)) return std::move(*service);
  return discover::this_process(this_host);
}

int nothing_to_follow() {
  fmt::print(stderr,
             "triaged discover: found no log to follow; start your servers and try again, or name your logs in a "
             "configuration (docs/configuration.md)\n");
  return exit_found;
}

int write_configuration(const discover::Discovery& found, const DiscoverOptions& options) {
  const auto text = discover::proposed_configuration(found, discover::UsualPlaces::left_out);
  const auto& file = *options.write;
  if (file == "-") {
    fmt::print("{}", text);
    return exit_done;
  }
  const auto name = to_printable(file.string());
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored) && !options.force) {
    return could_not_run(fmt::format("{} is there already; name another file, or overwrite it with --force", name));
  }
  const bool has_folder = !file.has_parent_path() || std::filesystem::exists(file.parent_path(), ignored);
  if (const auto written = replace_file(file, text); !written) {
    return could_not_run(fmt::format("cannot write {}: {}", name, written.error().message));
  }
  const auto folder = has_folder ? "" : fmt::format("Made the folder {}. ", to_printable(file.parent_path().string()));
  fmt::print("\n{1}Wrote {0}. Next:\n  triaged check --config {0}\n  triaged run --config {0}\n", name, folder);
  return exit_done;
}

void print_for_people(const discover::Discovery& found) {
  fmt::print("Logs that the user {} may read, and how to allow the others:\n{}", to_printable(found.reader.name),
             discover::to_text(found, {.colour = shows_colour(STDOUT_FILENO)}));
}

}  // namespace

int discover_command(const DiscoverOptions& options) {
  auto reader = chosen_reader(options);
  if (!reader) return could_not_run(to_printable(reader.error().message));
  const auto found = discover::discover(this_host, std::move(*reader));
  const bool is_for_people = !options.json && options.write != std::filesystem::path("-");
  if (options.json) fmt::print("{}\n", discover::to_json(found));
  if (is_for_people) print_for_people(found);
  if (!discover::finds_logs(found)) return nothing_to_follow();
  if (options.write) return write_configuration(found, options);
  if (is_for_people) {
    fmt::print(
        "\nNext:\n"
        "  triaged run                                          follow all of this\n"
        "  triaged discover --write /etc/triaged/triaged.yaml   make a configuration of it\n");
  }
  return exit_done;
}

}  // namespace triaged::cli

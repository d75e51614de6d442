#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/command_line_parts.hpp"
#include "cli/commands.hpp"

namespace triaged::cli {

void add_discover(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<DiscoverOptions>();
  auto* discover = app.add_subcommand(
      "discover", "Find nginx, HAProxy, Gunicorn and their like on this host, and propose a configuration");
  auto* write = discover->add_option("--write", options->write,
                                     "Write a commented configuration that follows what was found; - prints it");
  write->type_name("FILE");
  discover->add_flag("--force", options->force, "With --write: overwrite FILE")->needs(write);
  discover->add_flag("--json", options->json, "Print one JSON object")->excludes(write);
  discover
      ->add_option("--user", options->user,
                   "Whose rights to read the logs are checked; default: those of the service (user triaged and the "
                   "groups of its unit), or where it is not installed, yours")
      ->type_name("NAME");
  discover->footer(
      "It looks for nginx, HAProxy, Gunicorn, uvicorn, uWSGI and php-fpm: processes, their configuration, units and\n"
      "containers, and the log files that they have open. As root it sees everything; otherwise it says what it could\n"
      "not see. It changes nothing but FILE, and shows no environment and no option of a server but addresses, log\n"
      "formats and files.\n"
      "Examples:\n"
      "  sudo triaged discover                                        what runs here, and what triaged may not read "
      "yet\n"
      "  sudo triaged discover --write /etc/triaged/triaged.yaml      a configuration for the service\n"
      "  triaged discover --write - | less                            the same, to look at\n"
      "Exit status: 0 done, 1 nothing to follow was found, 2 could not run.");
  discover->callback([options, &chosen] { chosen = [options] { return discover_command(*options); }; });
}

}  // namespace triaged::cli

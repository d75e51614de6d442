// The commands that work on the ledger beside a running daemon: `incidents` and `outbox`.
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command_line_parts.hpp"
#include "cli/commands.hpp"

namespace triaged::cli {

namespace {

using IncidentsCommand = int (*)(const IncidentsOptions&);

/// Adds `incidents NAME`, with what all of these commands take.
CLI::App* add_one(CLI::App& parent, const std::shared_ptr<IncidentsOptions>& options, Command& chosen,
                  const std::pair<const char*, const char*>& name_and_help, IncidentsCommand command) {
  auto* added = parent.add_subcommand(name_and_help.first, name_and_help.second);
  add_state_choice(*added, options->state);
  added->callback([options, command, &chosen] { chosen = [options, command] { return command(*options); }; });
  return added;
}

void add_id(CLI::App& command, IncidentsOptions& options) {
  command.add_option("ID", options.incident, "The incident's id, or as much of its beginning as no other shares")
      ->required()
      ->type_name("");
}

void add_list_options(CLI::App& list, const std::shared_ptr<IncidentsOptions>& options) {
  auto* all = list.add_flag("--all", options->all, "Also resolved incidents (the newest 2,000 are kept)");
  list.add_flag_callback(
          "--open", [] {}, "Only open incidents (the default)")
      ->excludes(all);
  list.add_option_function<std::string>(
          "--severity", [options](const std::string& name) { options->min_severity = severity_named(name); },
          "Only what is at least that severe")
      ->check(CLI::IsMember({"info", "warning", "error", "critical"}))
      ->type_name("SEVERITY");
  add_time(list, "--since", options->since, "Only what was seen after TIME, or in the last 2h, 1d, …");
  list.add_flag("--json", options->json, "Print one JSON object an incident, as in docs/incident-json.md");
}

void add_learnt(CLI::App& incidents, const std::shared_ptr<IncidentsOptions>& options, Command& chosen) {
  auto* learnt = add_one(incidents, options, chosen,
                         {"learnt", "What feedback has taught this site: each workaround and how often it worked"},
                         learnt_list_command);
  // Its own callback comes after those of what stands behind it.
  learnt->callback([options, learnt, &chosen] {
    if (learnt->get_subcommands().empty()) chosen = [options] { return learnt_list_command(*options); };
  });
  auto* exporting = add_one(*learnt, options, chosen, {"export", "Write it as JSON, for another site or a backup"},
                            learnt_export_command);
  exporting->add_option("FILE", options->file, "The file to write; default: standard output")->type_name("");
  auto* importing = add_one(*learnt, options, chosen,
                            {"import", "Import what `learnt export` wrote, here or elsewhere"}, learnt_import_command);
  importing->add_option("FILE", options->file, "- reads standard input")->required()->type_name("");
  importing->footer("Every report has a name of its own, so importing a file twice counts nothing twice.");
}

}  // namespace

void add_state_choice(CLI::App& command, StateChoice& state) {
  auto* configuration =
      command.add_option("--config", state.configuration, "The daemon's configuration, for its state folder");
  configuration->type_name("FILE");
  command.add_option("--state", state.folder, "The state folder")->type_name("DIR")->excludes(configuration);
}

void add_incidents(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<IncidentsOptions>();
  auto* incidents =
      app.add_subcommand("incidents", "List, acknowledge and resolve incidents; report which workarounds helped");
  incidents->require_subcommand(1);
  auto* list = add_one(*incidents, options, chosen, {"list", "Open incidents, newest first"}, incidents_list_command);
  add_list_options(*list, options);

  auto* show =
      add_one(*incidents, options, chosen, {"show", "One incident as it was last notified, its workarounds numbered"},
              incidents_show_command);
  add_id(*show, *options);
  show->add_flag("--json", options->json, "Print one JSON object");

  auto* ack = add_one(*incidents, options, chosen,
                      {"ack", "Acknowledge an incident: no more notifications until it gets worse or is resolved"},
                      incidents_ack_command);
  add_id(*ack, *options);
  auto* resolve = add_one(*incidents, options, chosen, {"resolve", "Resolve an incident and notify the sinks"},
                          incidents_resolve_command);
  add_id(*resolve, *options);
  resolve->footer("If the failure goes on, its next log line opens a new incident.");

  auto* feedback =
      add_one(*incidents, options, chosen,
              {"feedback", "Report which workaround helped and which did not; later incidents rank them by it"},
              incidents_feedback_command);
  add_id(*feedback, *options);
  auto* worked = feedback->add_option("--worked", options->worked, "This workaround helped (may be given again)");
  auto* failed = feedback->add_option("--failed", options->failed, "This one did not");
  for (auto* option : {worked, failed}) option->type_name("N")->allow_extra_args(false);
  feedback->add_flag("--undo", options->undo, "Take back the last report on this incident")
      ->excludes(worked)
      ->excludes(failed);
  feedback->footer(
      "N is the workaround's number in `triaged incidents show ID` and in the messages, or its \"id\" in the JSON.\n"
      "Example: the first one failed, the second one helped:\n"
      "  triaged incidents feedback 01KAJ0Z5 --failed 1 --worked 2");
  add_learnt(*incidents, options, chosen);
  incidents->footer(
      "All of these work whether or not the daemon runs; without it, the next start carries them out.\n"
      "Exit status: 0 done, 1 there is no such incident or workaround and nothing was changed, 2 could not run.");
}

void add_outbox(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<OutboxOptions>();
  auto* outbox = app.add_subcommand("outbox", "List notifications that were not delivered; retry or drop them");
  outbox->require_subcommand(1);
  const auto add = [&](const std::string& name, const std::string& help, int (*command)(const OutboxOptions&)) {
    auto* added = outbox->add_subcommand(name, help);
    add_state_choice(*added, options->state);
    added->add_option("--sink", options->sink, "Only what is for the sink of that name")->type_name("NAME");
    added->callback([options, command, &chosen] { chosen = [options, command] { return command(*options); }; });
    return added;
  };
  auto* list =
      add("list", "What each sink has still to deliver, and its dead letters with the reason", outbox_list_command);
  list->add_flag("--json", options->json, "Print one JSON object a dead letter");
  const auto add_choice = [&](CLI::App& command) {
    auto* rows = command.add_option("ROW", options->rows, "Rows of dead letters, as `triaged outbox list` shows them");
    rows->type_name("");
    command.add_flag("--all", options->all, "Every dead letter")->excludes(rows);
  };
  add_choice(
      *add("retry", "Deliver dead letters after all; a running daemon does so within a second", outbox_retry_command));
  add_choice(*add("drop", "Forget dead letters", outbox_drop_command));
}

}  // namespace triaged::cli

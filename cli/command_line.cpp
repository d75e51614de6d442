#include "cli/command_line.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/problem.hpp"
#include "cli/command_line_parts.hpp"
#include "cli/command_mistake.hpp"
#include "cli/commands.hpp"
#include "cli/read_time.hpp"
#include "daemon/last_words.hpp"

namespace triaged::cli {

namespace {

void add_rule_choice(CLI::App& command, RuleChoice& choice) {
  command.add_option("--rules", choice.folders, "Also use the rules in DIR (may be repeated)")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command.add_flag_callback(
      "--no-default-rules", [&choice] { choice.with_default_rules = false; }, "Use only the rules that --rules names");
  command.add_flag("--all-domains", choice.all_domains, "Public rules of every domain, not only those of operations");
}

void add_redaction_choice(CLI::App& command, RedactionChoice& choice) {
  auto* configuration = command
                            .add_option("--config", choice.configuration,
                                        "Redact secrets as this configuration's section 'redact' says; default: the "
                                        "installed one, if there is one")
                            ->type_name("FILE");
  command.add_flag("--no-redact", choice.is_off, "Show secrets that stand in log lines: for your own eyes only")
      ->excludes(configuration);
}

void add_language(CLI::App& command, Language& language) {
  command
      .add_option_function<std::string>(
          "--lang",
          [&language](const std::string& name) { language = name == "zh" ? Language::chinese : Language::english; },
          "Language of the texts: en or zh")
      ->check(CLI::IsMember({"en", "zh"}))
      ->type_name("LANG");
}

std::string unknown_format(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto format : formats::all_formats()) names.push_back(name_of(format));
  return fmt::format("there is no format '{}'{}", name, nearest_or_choices(name, names));
}

/// Reads `--format nginx.error` into an optional format; "auto" is none.
CLI::Option* add_format(CLI::App& command, std::optional<formats::Format>& format) {
  return command
      .add_option_function<std::string>(
          "--format",
          [&format](const std::string& name) {
            if (name == "auto") return;
            format = formats::format_named(name);
            if (!format) throw CLI::ValidationError("--format", unknown_format(name));
          },
          "Read the line as this format (nginx.error, haproxy.http, …) instead of recognising it")
      ->type_name("FMT");
}

void add_run(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<RunOptions>();
  auto* run = app.add_subcommand("run", "Follow the sources, diagnose, notify (what the service runs)");
  run->add_option("--config", options->configuration,
                  "The configuration; default: /etc/triaged/triaged.yaml if it exists")
      ->type_name("FILE");
  run->footer(
      "Without a configuration it follows what `triaged discover` finds on this host, keeps its state in "
      "$STATE_DIRECTORY\n"
      "or ~/.local/state/triaged and prints diagnoses to standard output.\n"
      "SIGTERM drains and stops. SIGHUP reads configuration and rules anew; nothing changes unless all of it is good.");
  run->callback([options, &chosen] { chosen = [options] { return run_command(*options); }; });

  auto* check = app.add_subcommand("check", "Report everything that a start would refuse, with file, line and column");
  check->add_option("--config", options->configuration, "The configuration to check")->type_name("FILE");
  check->callback([options, &chosen] { chosen = [options] { return check_command(*options); }; });
}

void read_format_rule(const std::string& text, ScanOptions& options) {
  const auto equals = text.find('=');
  const auto format = formats::format_named(text.substr(0, equals));
  if (equals != std::string::npos && !format) {
    throw CLI::ValidationError("--format", unknown_format(text.substr(0, equals)));
  }
  if (equals == std::string::npos) {
    throw CLI::ValidationError("--format", fmt::format("'{}' is not FMT=GLOB, for example nginx.error='*.err'", text));
  }
  options.formats.emplace_back(*format, text.substr(equals + 1));
}

void add_scan(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<ScanOptions>();
  auto* scan = app.add_subcommand(
      "scan", "Diagnose existing logs (files, compressed ones, folders, or - for standard input), then stop");
  scan->add_option(
          "PATH", options->paths,
          "Files (plain, .gz, .zst, .xz, .bz2), patterns and folders to read; what belongs together in them is "
          "one incident. None: standard input, unless that is a terminal")
      ->type_name("");
  auto* json = scan->add_flag_callback(
      "--json", [options] { options->output = ScanOutput::json; }, "Print one JSON object per incident and line");
  scan->add_flag_callback(
          "--markdown", [options] { options->output = ScanOutput::markdown; },
          "Print Markdown, for a ticket or a post-mortem")
      ->excludes(json);
  scan->add_option_function<std::vector<std::string>>(
          "--format",
          [options](const std::vector<std::string>& texts) {
            for (const auto& text : texts) read_format_rule(text, *options);
          },
          "Files that match GLOB have this format, whatever they look like")
      ->type_name("FMT=GLOB")
      ->allow_extra_args(false);
  add_rule_choice(*scan, options->rules);
  add_time(
      *scan, "--since", options->since,
      "Ignore what happened before TIME: 2h, 3d, yesterday, 03:00, 2026-11-24, '2026-11-24 03:00', RFC 3339, @SECONDS, "
      "or a time copied from a log");
  add_time(*scan, "--until", options->until, "Ignore what happened after TIME; a time without a zone is this host's");
  scan->add_option("--jobs", options->jobs, "Threads that read and match; default: one per core")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  scan->add_option_function<std::string>(
          "--fail-on", [options](const std::string& name) { options->fail_on = severity_named(name); },
          "Exit with 1 when something at least that severe was found")
      ->check(CLI::IsMember({"info", "warning", "error", "critical"}))
      ->type_name("SEVERITY");
  add_language(*scan, options->language);
  scan->add_option_function<std::string>(
          "--parity", [options](const std::string&) { options->as_cre_engine = true; },
          "Read logs and run the CRE rules of --rules exactly as their own engine does")
      ->check(CLI::IsMember({"cre"}))
      ->type_name("cre");
  scan->add_option("--state", options->state, "Also rank workarounds by the feedback that this state folder holds")
      ->type_name("DIR");
  scan->add_option("--nginx-config", options->topology.nginx,
                   "The nginx.conf of those logs: who stands behind whom; what it includes is read too")
      ->check(CLI::ExistingFile)
      ->type_name("FILE")
      ->allow_extra_args(false);
  scan->add_option("--haproxy-config", options->topology.haproxy, "The same for HAProxy")
      ->check(CLI::ExistingFile)
      ->type_name("FILE")
      ->allow_extra_args(false);
  scan->add_flag("--probe", options->may_probe,
                 "Also probe this host about failures of the last minute (who listens, which processes run)");
  add_redaction_choice(*scan, options->redaction);
  auto* quiet = scan->add_flag("--quiet", options->quiet, "Print no progress bar, no summary and no warnings");
  scan->add_flag("--verbose", options->verbose,
                 "Print all evidence, causes and workarounds, and every message about a log")
      ->excludes(quiet);
  scan->footer(
      "Examples:\n"
      "  triaged scan /var/log/nginx/error.log /var/log/gunicorn/error.log\n"
      "  journalctl -u nginx | triaged scan\n"
      "  zcat old.log.gz | triaged scan --json -\n"
      "  triaged scan --since 2h /var/log/nginx\n"
      "  triaged scan --fail-on critical --quiet logs/*.log || echo 'something broke'\n"
      "Exit status: 0 done, 1 --fail-on met, 2 could not run.");
  scan->callback([options, &chosen] {
    if (options->paths.empty() && ::isatty(STDIN_FILENO) == 1) throw CLI::RequiredError("PATH");
    if (options->since && options->until && *options->since > *options->until) {
      throw CLI::ValidationError("--since", "is later than --until: nothing lies between them");
    }
    chosen = [options] { return scan_command(*options); };
  });
}

void add_explain(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<ExplainOptions>();
  auto* explain = app.add_subcommand(
      "explain", "Show how a line is read, which rules it is about, which of them fire and why the others do not");
  explain->add_option("LINE", options->line, "The line or message, in quotes; - reads it from standard input")
      ->required()
      ->type_name("");
  add_format(*explain, options->format);
  add_rule_choice(*explain, options->rules);
  add_redaction_choice(*explain, options->redaction);
  explain->add_flag("--json", options->json, "Print one JSON object");
  explain->footer("Example:\n  tail -1 /var/log/nginx/error.log | triaged explain -");
  explain->callback([options, &chosen] { chosen = [options] { return explain_command(*options); }; });
}

void add_rules(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<RulesOptions>();
  auto* rules = app.add_subcommand("rules", "List, show, check and try out rules");
  rules->require_subcommand(1);
  auto* list = rules->add_subcommand("list", "One line for each rule");
  add_rule_choice(*list, options->rules);
  add_language(*list, options->language);
  list->callback([options, &chosen] { chosen = [options] { return rules_list_command(*options); }; });

  auto* show = rules->add_subcommand("show", "Everything that a rule knows");
  show->add_option("ID", options->arguments, "Ids as `triaged rules list` shows them")->required()->type_name("");
  show->add_option_function<std::string>(
          "--as",
          [options](const std::string& view) {
            options->view = view == "markdown" ? RuleView::markdown
                            : view == "html"   ? RuleView::html
                            : view == "json"   ? RuleView::json
                                               : RuleView::text;
          },
          "text, markdown, html or json")
      ->check(CLI::IsMember({"text", "markdown", "html", "json"}))
      ->type_name("VIEW");
  add_rule_choice(*show, options->rules);
  add_language(*show, options->language);
  show->callback([options, &chosen] { chosen = [options] { return rules_show_command(*options); }; });

  auto* search = rules->add_subcommand("search", "The rules that words or a pasted message are about, best first");
  search->add_option("WORDS", options->arguments, "Words about the problem, or a message pasted whole")
      ->required()
      ->type_name("");
  search->add_flag("--json", options->json, "Print one JSON object a rule");
  add_rule_choice(*search, options->rules);
  add_language(*search, options->language);
  search->callback([options, &chosen] { chosen = [options] { return rules_search_command(*options); }; });

  auto* lint = rules->add_subcommand("lint", "Find mistakes and weak spots, with file, line and column");
  lint->add_option("PATH", options->arguments, "Rule files or folders; default: the usual rules")->type_name("");
  lint->add_flag("--strict", options->strict, "Warnings fail too");
  lint->callback([options, &chosen] { chosen = [options] { return rules_lint_command(*options); }; });

  lint->add_flag("--json", options->json, "Print one JSON object a finding");
  auto* test = rules->add_subcommand(
      "test", "Try every example, near miss and recorded log (folders with an expected.incidents)");
  test->add_option("PATH", options->arguments, "Rule files or folders; default: the usual rules")->type_name("");
  test->callback([options, &chosen] { chosen = [options] { return rules_test_command(*options); }; });

  auto diff_options = std::make_shared<RulesDiffOptions>();
  auto* diff = rules->add_subcommand("diff", "What another rule pack would have said about old logs");
  diff->add_option("OLD", diff_options->before, "The rules as they are: a file or folder")->required()->type_name("");
  diff->add_option("NEW", diff_options->after, "The rules as they would be")->required()->type_name("");
  diff->add_option("PATH", diff_options->logs, "Logs to try both on")->required()->type_name("");
  diff->add_option("--config", diff_options->configuration, "Count messages for the sinks of this configuration")
      ->type_name("FILE");
  diff->add_flag("--json", diff_options->json, "Print one JSON object a difference, and one a sink");
  diff->footer("Exit status: 0 both say the same, 1 they differ, 2 could not run.");
  diff->callback([diff_options, &chosen] { chosen = [diff_options] { return rules_diff_command(*diff_options); }; });
}

/// What could not be printed was not done: whoever reads the output must not take a part of it for all.
int exit_status_of(const Command& command) {
  int status = exit_could_not_run;
  std::string failure;
  try {
    status = command();
    errno = 0;
    if (std::fflush(stdout) != 0) failure = std::string("cannot write to standard output: ") + std::strerror(errno);
  } catch (const std::system_error& thrown) {
    failure = std::ferror(stdout) != 0 ? "cannot write to standard output: " + thrown.code().message() : thrown.what();
  } catch (const std::exception& thrown) {
    failure = daemon::last_words_of(thrown);
  }
  if (failure.empty()) return status;
  std::fprintf(stderr, "triaged: %s\n", failure.c_str());
  return exit_could_not_run;
}

}  // namespace

void add_time(CLI::App& command, const std::string& name, std::optional<TimePoint>& time, const std::string& help) {
  command
      .add_option_function<std::string>(
          name,
          [&time, name](const std::string& text) {
            const auto read = read_time(text, now());
            if (!read) throw CLI::ValidationError(name, read.error().message);
            time = *read;
          },
          help)
      ->type_name("TIME");
}

int run_command_line(int argc, char** argv) {
  daemon::end_with_last_words(exit_could_not_run);
  CLI::App app(
      "triaged follows the logs of your web servers, recognises known failures, and says what is wrong, why,\n"
      "what to do first, and what not to bother with.",
      "triaged");
  app.require_subcommand(1);
  Command chosen;
  add_run(app, chosen);
  add_discover(app, chosen);
  add_scan(app, chosen);
  add_explain(app, chosen);
  add_rules(app, chosen);
  add_incidents(app, chosen);
  add_outbox(app, chosen);
  auto* version = app.add_subcommand("version", "Print the version");
  version->callback([&chosen] { chosen = version_command; });
  app.set_version_flag("--version", std::string("triaged ") + TRIAGED_VERSION);
  app.footer(
      "First steps:\n  triaged discover                     which servers run here, and where they log\n"
      "  triaged scan /var/log/nginx/*.log    what went wrong so far\n"
      "  triaged run                          follow the logs from now on\n"
      "  triaged COMMAND --help               more about a command");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    const auto mistake = failure.get_exit_code() == 0 ? std::string() : command_mistake(app, argc, argv);
    if (!mistake.empty()) {
      std::fprintf(stderr, "triaged: %s\n", mistake.c_str());
      return exit_could_not_run;
    }
    const int status = app.exit(failure);
    std::cout.flush();
    return status == 0 && std::cout ? exit_done : exit_could_not_run;
  }
  return chosen ? exit_status_of(chosen) : exit_could_not_run;
}

}  // namespace triaged::cli

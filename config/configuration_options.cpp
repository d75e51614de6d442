#include "config/configuration_options.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "admin/admin_options.hpp"
#include "config/redact_options.hpp"

namespace triaged::config {

namespace {

using Shape = OptionFacts::Shape;

const OptionTable<knowledge::PublicScope>& public_rules_table() {
  using Scope = knowledge::PublicScope;
  using Value = OptionsOf<Scope>;
  static const OptionTable<Scope> table = {
      {"all_domains", Value::boolean(&Scope::all_domains), "Whether public rules of all domains are matched."},
      {"domains", Value::texts(&Scope::domains),
       "Domains of public rules that are matched besides those of operations.", "none"},
      {"pin", Value::texts(&Scope::pinned), "Ids of public rules that may open incidents whatever they match.", "none"},
  };
  return table;
}

void read_time_zone(YamlMapReader& reader, const OptionFacts& option, NotifyOptions& notify) {
  const auto name = reader.text(option.name);
  if (!name) return;
  auto zone = TimeZone::named(*name);
  if (!zone) {
    return reader.report(ProblemLevel::error, option.name,
                         fmt::format("'timezone' of 'notify': {}", zone.error().message));
  }
  notify.timezone = std::move(*zone);
}

const OptionTable<NotifyOptions>& notify_table() {
  using Options = NotifyOptions;
  using Value = OptionsOf<Options>;
  static const OptionTable<Options> table = {
      {"settle", Value::duration(&Options::settle),
       "How long to wait after the first symptom for the cause behind it."},
      {"update_every", Value::duration(&Options::update_every),
       "The shortest time between two updates of a growing incident; a changed diagnosis is sent at once."},
      {"resolve_after", Value::duration(&Options::resolve_after, {.least = Microseconds(1)}),
       "An incident that was quiet for this long is resolved; one whose servers answer again is resolved sooner."},
      {"language", Value::word(&Options::language, {{"en", Language::english}, {"zh", Language::chinese}}),
       "The language of diagnoses: English or Chinese."},
      {"timezone",
       {{.shape = Shape::text, .value = "local"}, read_time_zone},
       "The time zone of times that people read: `local`, `UTC`, an offset such as `+01:00`, or a name such as "
       "`Europe/Berlin`. JSON has UTC."},
  };
  return table;
}

const OptionTable<NotifyOptions>& diagnose_table() {
  using Options = NotifyOptions;
  using Value = OptionsOf<Options>;
  static const OptionTable<Options> table = {
      {"max_age", Value::duration(&Options::max_age),
       "What stood in a log before triaged followed it for the first time, and is older than this, is history: it is "
       "listed, and one message counts it, but nobody is notified of each incident."},
  };
  return table;
}

template <const char* message>
std::string mistake_unless_absolute(const YamlValue& path) {
  return path.text.starts_with('/') ? "" : message;
}

constexpr char nginx_mistake[] = "'nginx' of 'topology' must be absolute paths";
constexpr char haproxy_mistake[] = "'haproxy' of 'topology' must be absolute paths";

const OptionTable<topology::TopologyFiles>& topology_table() {
  using Files = topology::TopologyFiles;
  using Value = OptionsOf<Files>;
  static const OptionTable<Files> table = {
      {"nginx", Value::texts(&Files::nginx, mistake_unless_absolute<nginx_mistake>),
       "Configuration files of nginx; what they include is read too.",
       "none in a section `topology`; without the section `/etc/nginx/nginx.conf`, if it exists"},
      {"haproxy", Value::texts(&Files::haproxy, mistake_unless_absolute<haproxy_mistake>),
       "Configuration files of HAProxy.",
       "none in a section `topology`; without the section `/etc/haproxy/haproxy.cfg` and "
       "`/usr/local/etc/haproxy/haproxy.cfg`, those that exist"},
  };
  return table;
}

void read_state_path(YamlMapReader& reader, const OptionFacts& option, StateOptions& state) {
  const auto path = reader.text(option.name);
  if (!path) return;
  state.folder = store::StateFolder(*path, reader.peek(option.name)->written);
  if (state.folder.path.is_relative() && !path->starts_with("${")) {
    reader.report(ProblemLevel::error, option.name, "'path' of 'state' must be an absolute path");
  }
}

const OptionTable<StateOptions>& state_table() {
  using Value = OptionsOf<StateOptions>;
  static const OptionTable<StateOptions> table = {
      {"path",
       {{}, read_state_path},
       "The folder of the ledger `triaged.db`, as an absolute path.",
       "`$STATE_DIRECTORY`, or `triaged` in `$XDG_STATE_HOME` (`~/.local/state`)"},
      {"durability",
       Value::word(&StateOptions::durability,
                   {{"process", store::Durability::process}, {"power", store::Durability::power}}),
       "What the ledger survives: `process` a crash of the daemon; `power` also one of the machine, and every commit "
       "waits for the disk."},
      {"outbox",
       Value::whole(member_of(&StateOptions::outbox, &store::OutboxBound::rows), {.least = 1, .unit = "notification"}),
       "How many notifications may wait for one sink before reading pauses."},
      {"outbox_size", Value::size(member_of(&StateOptions::outbox, &store::OutboxBound::bytes), {.least = 1024 * 1024}),
       "How many bytes of notifications may wait for one sink before reading pauses."},
  };
  return table;
}

void read_sources(YamlMapReader& reader, const OptionFacts& option, Configuration& configuration) {
  const auto* list = reader.list(option.name);
  if (list == nullptr) return;
  configuration.sources.clear();
  sources::Claims claims;
  for (const auto& item : list->items) {
    if (auto source = read_log_source(item, reader.file(), reader.problems(), claims))
      configuration.sources.push_back(std::move(*source));
  }
  if (list->items.empty()) reader.report(ProblemLevel::error, *list, "'sources' is empty: there is nothing to follow");
}

void read_rule_paths(YamlMapReader& reader, const OptionFacts& option, Configuration& configuration) {
  const auto paths = reader.text_values(option.name);
  if (reader.peek(option.name) == nullptr) return;
  configuration.rules.clear();
  for (const auto* path : paths) {
    configuration.rules.emplace_back(path->text);
    configuration.rule_places.push_back({path->line, path->column});
  }
}

void read_sinks(YamlMapReader& reader, const OptionFacts& option, Configuration& configuration) {
  const auto* list = reader.list(option.name);
  if (list == nullptr) {
    configuration.sinks = default_sinks(configuration.notify.timezone);
    return;
  }
  configuration.sinks.clear();
  std::set<std::string> names;
  for (const auto& item : list->items) {
    auto sink = sinks::read_sink(item, reader.file(), configuration.notify.timezone, reader.problems());
    if (!sink) continue;
    if (!names.insert(sink->name).second) {
      reader.report(ProblemLevel::error, item, "an earlier sink has the name of this one: give it another 'name'");
    }
    configuration.sinks.push_back(std::move(*sink));
  }
}

std::vector<OptionFacts> sink_kinds() {
  auto kinds = sinks::options_by_sink_kind();
  const auto common = sinks::options_of_every_sink();
  for (auto& kind : kinds) kind.fields.insert(kind.fields.begin(), common.begin(), common.end());
  return kinds;
}

}  // namespace

const OptionTable<Configuration>& configuration_table() {
  using Value = OptionsOf<Configuration>;
  static const OptionTable<Configuration> table = {
      {"sources",
       {{.shape = Shape::entries, .fields = source_kinds()}, read_sources},
       "The logs to read.",
       "the usual logs of nginx, HAProxy, Gunicorn and the kernel below `/var/log`"},
      {"rules",
       {{.shape = Shape::texts}, read_rule_paths},
       "Folders or files of rules.",
       "the installed ones and `/etc/triaged/rules`"},
      {"public_rules", Value::section(&Configuration::public_rules, "'public_rules'", public_rules_table()),
       "Which records of public collections are used."},
      {"diagnose", Value::section(&Configuration::notify, "'diagnose'", diagnose_table()), "How incidents are judged."},
      {"notify", Value::section(&Configuration::notify, "'notify'", notify_table()),
       "When an incident is sent to the sinks, and in which language."},
      {"topology",
       {{.shape = Shape::section, .fields = topology_table().facts()},
        [](YamlMapReader& reader, const OptionFacts& option, Configuration& configuration) {
          if (reader.map(option.name) == nullptr) return;
          configuration.topology = {};  // `topology: {}` reads nothing
          topology_table().read_map(reader, option.name, "'topology'", configuration.topology);
        }},
       "The proxies' configuration files, which say who stands behind whom; read at the start and once a minute."},
      {"redact", Value::section(&Configuration::redact, "'redact'", redact_options()),
       "Which secrets in log lines are replaced before a line is kept, shown or sent."},
      {"probes", Value::section(&Configuration::probes, "'probes'", probes::probe_options()),
       "What triaged checks on its own host while it diagnoses."},
      {"admin",
       {{.shape = Shape::section, .fields = admin::admin_options()},
        [](YamlMapReader& reader, const OptionFacts& option, Configuration& configuration) {
          const auto* map = reader.map(option.name);
          if (map != nullptr) configuration.admin = admin::read_admin(reader.nested(*map, "'admin'"));
        }},
       "Pages, JSON and metrics over HTTP; `admin: {}` serves them.",
       "nothing is served"},
      {"sinks",
       {{.shape = Shape::entries, .fields = sink_kinds()}, read_sinks},
       "Where diagnoses are sent.",
       "readable diagnoses on standard output"},
      {"state", Value::section(&Configuration::state, "'state'", state_table()),
       "Where and how triaged keeps what must survive a restart."},
  };
  return table;
}

}  // namespace triaged::config

#include "config/configuration.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include "admin/admin_options.hpp"
#include "base/host_name.hpp"
#include "base/yaml.hpp"
#include "config/loaded.hpp"
#include "sources/glob.hpp"

namespace triaged::config {

namespace {

constexpr std::uint64_t smallest_outbox = 1024 * 1024;

std::filesystem::path default_state_folder() {
  if (const char* folder = std::getenv("STATE_DIRECTORY"); folder != nullptr && *folder != '\0') {
    const std::string_view folders(folder);  // systemd separates several by a colon
    return std::filesystem::path(folders.substr(0, folders.find(':')));
  }
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home == nullptr ? "/var/lib" : std::string(home) + "/.local/state") / "triaged";
}

/// Replaces ${NAME} in every value of the tree by the environment's value.
class EnvironmentExpander {
 public:
  EnvironmentExpander(const std::string& file, Problems& problems) : file_(file), problems_(problems) {}

  void expand(YamlValue& value) {
    if (value.kind == YamlValue::Kind::text) expand_text(value);
    for (auto& item : value.items) expand(item);
    for (auto& [key, field] : value.entries) expand(field);
  }

 private:
  void expand_text(YamlValue& value) {
    const auto written = value.text;
    std::size_t at = 0;
    while ((at = value.text.find("${", at)) != std::string::npos) {
      const auto end = value.text.find('}', at);
      if (end == std::string::npos) return;
      const auto name = value.text.substr(at + 2, end - at - 2);
      const char* found = std::getenv(name.c_str());
      if (found == nullptr) return report(value, fmt::format("the environment variable {}is not set", shown(name)));
      const std::string_view replacement(found);
      added_ += replacement.size();
      if (added_ > largest_configuration) {
        return report(value, fmt::format("the values from the environment are larger than {} bytes together, the limit",
                                         largest_configuration));
      }
      value.text.replace(at, end - at + 1, replacement);
      value.written = written;
      at += replacement.size();
    }
  }

  /// A quote or a bracket in the wrong place can make a secret of what stands where a name belongs.
  static std::string shown(const std::string& name) {
    constexpr std::size_t longest_name = 40;
    const bool is_usual = name.size() <= longest_name && !name.empty() &&
                          name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == std::string::npos;
    return is_usual ? name + " " : "";
  }

  void report(const YamlValue& at, std::string message) {
    problems_.push_back(problem_at(Gravity::error, file_, at, std::move(message)));
  }

  const std::string& file_;
  Problems& problems_;
  std::size_t added_ = 0;  // bytes of all replacements
};

/// Reads the sections of one configuration document.
class ConfigurationReader {
 public:
  ConfigurationReader(const std::string& file, Problems& problems) : file_(file), problems_(problems) {}

  Configuration read(const YamlValue& root) {
    Configuration configuration = default_configuration();
    configuration.file = file_;
    YamlMapReader top(root, "the configuration", file_, problems_);
    if (const auto* sources = top.list("sources")) configuration.sources = read_sources(*sources);
    if (root.find("rules") != nullptr) read_rule_paths(top, configuration);
    if (const auto* scope = top.map("public_rules")) read_public_rules(*scope, configuration.public_rules);
    if (const auto* notify = top.map("notify")) read_notify(*notify, configuration.notify);
    if (const auto* topology = top.map("topology")) configuration.topology = read_topology_files(*topology);
    if (const auto* probes = top.map("probes"))
      configuration.probes = probes::read_probe_options(*probes, file_, problems_);
    configuration.notify.looks = configuration.probes.looks();
    if (const auto* admin = top.map("admin")) configuration.admin = admin::read_admin(*admin, file_, problems_);
    if (const auto* sinks = top.list("sinks")) configuration.sinks = read_sinks(*sinks);
    if (const auto* state = top.map("state")) read_state(*state, configuration.state);
    (void)top.any("rules");
    top.finish(Gravity::error);
    return configuration;
  }

 private:
  void report(const YamlValue& at, std::string message) {
    problems_.push_back(problem_at(Gravity::error, file_, at, std::move(message)));
  }

  static void read_rule_paths(YamlMapReader& top, Configuration& configuration) {
    configuration.rules.clear();
    for (const auto* value : top.text_values("rules")) {
      configuration.rules.emplace_back(value->text);
      configuration.rule_places.push_back({value->line, value->column});
    }
  }

  std::vector<FileSource> read_sources(const YamlValue& list) {
    std::vector<FileSource> sources;
    for (const auto& item : list.items) {
      YamlMapReader entry(item, "a source", file_, problems_);
      if (const auto* file = entry.map("file")) {
        sources.push_back(read_file_source(*file));
      } else if (item.kind == YamlValue::Kind::map && entry.any("file") == nullptr) {
        report(item, "a source is a map with one field, its kind: 'file: {paths: [/path/to/file]}'");
      }
      entry.finish(Gravity::error);
    }
    if (list.items.empty()) report(list, "'sources' is empty: there is nothing to follow");
    return sources;
  }

  FileSource read_file_source(const YamlValue& map) {
    FileSource source;
    YamlMapReader file(map, "source 'file'", file_, problems_);
    file.require("paths");
    const auto paths = file.text_values("paths");
    for (const auto* path : paths) source.options.globs.push_back(path->text);
    if (const auto* list = map.find("paths"); list != nullptr && list->kind == YamlValue::Kind::list && paths.empty()) {
      report(*list, "'paths' of source 'file' is empty: name at least one file or pattern");
    }
    check_paths(paths);
    for (const auto* path : file.text_values("rotated")) {
      source.options.rotated.push_back(path->text);
      if (!path->text.starts_with('/')) report(*path, "this path is not absolute: write /path/to/folder/*");
    }
    if (const auto format = file.choice("format", format_names())) source.format = formats::format_named(*format);
    if (file.choice("start", {"checkpoint", "end"}) == "end") source.options.start = sources::StartAt::end;
    if (const auto zone = file.text("timezone")) read_zone(*zone, *map.find("timezone"), source);
    file.finish(Gravity::error);
    return source;
  }

  void check_paths(const std::vector<const YamlValue*>& paths) {
    for (const auto* path : paths) {
      if (!path->text.starts_with('/')) report(*path, "this path is not absolute: write /path/to/file");
      const auto earlier = std::find_if(earlier_paths_.begin(), earlier_paths_.end(), [&](const YamlValue* other) {
        return sources::matches_glob(path->text, other->text);
      });
      if (earlier == earlier_paths_.end()) continue;
      report(*path, fmt::format("an earlier source follows this path already, by what line {} says: name a file in one "
                                "source only, or put this source first",
                                (*earlier)->line));
    }
    earlier_paths_.insert(earlier_paths_.end(), paths.begin(), paths.end());
  }

  static std::vector<std::string_view> format_names() {
    std::vector<std::string_view> names = {"auto"};
    for (const auto format : formats::all_formats()) names.push_back(name_of(format));
    return names;
  }

  void read_zone(const std::string& text, const YamlValue& at, FileSource& source) {
    if (text == "local") return;
    if (text == "UTC") {
      source.zone_offset = std::chrono::seconds(0);
      return;
    }
    // The offset's own syntax is RFC 3339's: let that reader judge it.
    const auto moment = parse_rfc3339("1970-01-02T00:00:00" + text);
    if (!moment) {
      report(at, "'timezone' of source 'file' must be local, UTC or an offset such as +01:00");
      return;
    }
    source.zone_offset =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::hours(24) - moment->time_since_epoch());
  }

  void read_public_rules(const YamlValue& map, knowledge::PublicScope& scope) {
    YamlMapReader reader(map, "'public_rules'", file_, problems_);
    scope.all_domains = reader.boolean("all_domains").value_or(false);
    scope.domains = reader.texts("domains");
    scope.pinned = reader.texts("pin");
    reader.finish(Gravity::error);
  }

  void read_notify(const YamlValue& map, diagnosis::DiagnosisOptions& options) {
    YamlMapReader notify(map, "'notify'", file_, problems_);
    if (const auto settle = notify.duration("settle")) options.settle = *settle;
    if (const auto every = notify.duration("update_every")) options.update_every = *every;
    if (const auto after = notify.duration("resolve_after")) {
      options.resolve_after = *after;
      if (after->count() == 0) report(*map.find("resolve_after"), "'resolve_after' of 'notify' must be above 0");
    }
    if (notify.choice("language", {"en", "zh"}) == "zh") options.language = Language::chinese;
    notify.finish(Gravity::error);
  }

  /// What the section does not name is not read: `topology: {}` reads nothing.
  topology::TopologyFiles read_topology_files(const YamlValue& map) {
    YamlMapReader reader(map, "'topology'", file_, problems_);
    const auto paths_of = [&](std::string_view key) {
      std::vector<std::filesystem::path> paths;
      for (const auto* path : reader.text_values(key)) {
        paths.emplace_back(path->text);
        if (!paths.back().is_absolute()) report(*path, fmt::format("'{}' of 'topology' must be absolute paths", key));
      }
      return paths;
    };
    topology::TopologyFiles files{.nginx = paths_of("nginx"), .haproxy = paths_of("haproxy")};
    reader.finish(Gravity::error);
    return files;
  }

  std::vector<sinks::SinkEntry> read_sinks(const YamlValue& list) {
    std::vector<sinks::SinkEntry> sinks;
    std::set<std::string> names;
    for (const auto& item : list.items) {
      auto sink = sinks::read_sink(item, file_, problems_);
      if (!sink) continue;
      if (!names.insert(sink->name).second) {
        report(item, "an earlier sink has the name of this one: give it another 'name'");
      }
      sinks.push_back(std::move(*sink));
    }
    return sinks;
  }

  void read_state(const YamlValue& map, StateOptions& options) {
    YamlMapReader state(map, "'state'", file_, problems_);
    if (const auto path = state.text("path")) {
      const auto& value = *map.find("path");
      options.folder = store::StateFolder(*path, value.written);
      if (options.folder.path.is_relative() && !path->starts_with("${"))
        report(value, "'path' of 'state' must be an absolute path");
    }
    if (state.choice("durability", {"process", "power"}) == "power") options.durability = store::Durability::power;
    if (const auto rows = state.integer("outbox")) {
      if (*rows < 1) report(*map.find("outbox"), "'outbox' of 'state' must be at least 1 notification");
      options.outbox.rows = static_cast<std::uint64_t>(std::max(*rows, 1L));
    }
    if (const auto bytes = state.size("outbox_size")) {
      if (*bytes < smallest_outbox) report(*map.find("outbox_size"), "'outbox_size' of 'state' must be at least 1MiB");
      options.outbox.bytes = *bytes;
    }
    state.finish(Gravity::error);
  }

  const std::string& file_;
  Problems& problems_;
  std::vector<const YamlValue*> earlier_paths_;  // of the sources read so far
};

}  // namespace

Configuration default_configuration() {
  Configuration configuration;
  FileSource usual;
  usual.options.globs = {"/var/log/nginx/*.log", "/var/log/haproxy.log", "/var/log/haproxy/*.log",
                         "/var/log/gunicorn/*.log", "/var/log/kern.log"};
  configuration.sources.push_back(std::move(usual));
  configuration.rules = default_rule_folders();
  configuration.notify.host = host_name();
  configuration.notify.looks = configuration.probes.looks();
  configuration.state.folder = default_state_folder();
  configuration.topology = topology::usual_topology_files();
  Problems none;
  const auto entries = read_yaml("stdout: {}", "", none);
  if (auto sink = sinks::read_sink(entries.front(), "", none)) configuration.sinks.push_back(std::move(*sink));
  return configuration;
}

Configuration read_configuration(std::string_view text, const std::string& file, Problems& problems) {
  if (text.size() > largest_configuration) {
    problems.push_back(
        {Gravity::error, file, 0, 0,
         fmt::format("the configuration has {} bytes, and the limit is {}", text.size(), largest_configuration), ""});
    return default_configuration();
  }
  auto documents = read_yaml(text, file, problems);
  if (has_errors(problems)) return default_configuration();
  if (documents.size() != 1 || documents.front().kind != YamlValue::Kind::map) {
    problems.push_back({Gravity::error, file, 1, 1, "a configuration is one YAML map with 'sources', 'sinks', …", ""});
    return default_configuration();
  }
  hide_texts(documents.front());
  EnvironmentExpander(file, problems).expand(documents.front());
  return ConfigurationReader(file, problems).read(documents.front());
}

}  // namespace triaged::config

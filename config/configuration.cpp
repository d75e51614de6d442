#include "config/configuration.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "base/host_name.hpp"
#include "base/yaml.hpp"
#include "config/configuration_options.hpp"
#include "config/loaded.hpp"
#include "config/redact_options.hpp"

namespace triaged::config {

namespace {

constexpr std::string_view usual_source =
    "file: {paths: ['/var/log/nginx/*.log', /var/log/haproxy.log, '/var/log/haproxy/*.log', '/var/log/gunicorn/*.log',"
    " /var/log/kern.log]}";

std::filesystem::path default_state_folder() {
  if (const char* folder = std::getenv("STATE_DIRECTORY"); folder != nullptr && *folder != '\0') {
    const std::string_view folders(folder);  // systemd separates several by a colon
    return std::filesystem::path(folders.substr(0, folders.find(':')));
  }
  if (const char* folder = std::getenv("XDG_STATE_HOME"); folder != nullptr && *folder == '/') {
    return std::filesystem::path(folder) / "triaged";
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
      if (found == nullptr) {
        return report(value, fmt::format("the environment variable {}is not set: set it where triaged starts (in a "
                                         "unit with Environment= or EnvironmentFile=)",
                                         shown(name)));
      }
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
    problems_.push_back(problem_at(ProblemLevel::error, file_, at, std::move(message)));
  }

  const std::string& file_;
  Problems& problems_;
  std::size_t added_ = 0;  // bytes of all replacements
};

}  // namespace

notify::NotifyPolicy Configuration::notify_policy() const {
  notify::NotifyPolicy policy{
      .routes = {}, .update_every = notify.update_every, .settle = notify.settle, .host = notify.host};
  for (const auto& sink : sinks) policy.routes.push_back({sink.name, sink.min_severity});
  return policy;
}

/// A diagnosis quotes the lines that led to it.
void warn_of_own_files(const Configuration& configuration, Problems& problems) {
  for (const auto& sink : configuration.sinks) {
    const auto path = sink.sink->file();
    const auto is_matched = [&](const LogSource& source) { return sources::matches_own_file(source.entry, path); };
    if (path.empty() || std::ranges::none_of(configuration.sources, is_matched)) continue;
    problems.push_back({ProblemLevel::warning, configuration.file, 0, 0,
                        fmt::format("'sources' match the file of sink '{}': it is not followed, for triaged does not "
                                    "diagnose what it writes itself",
                                    sink.name),
                        ""});
  }
}

std::vector<sinks::SinkEntry> default_sinks(const TimeZone& zone) {
  std::vector<sinks::SinkEntry> sinks;
  Problems none;
  const auto entries = read_yaml("stdout: {}", "", none);
  if (auto sink = sinks::read_sink(entries.front(), "", zone, none)) sinks.push_back(std::move(*sink));
  return sinks;
}

Configuration default_configuration() {
  Configuration configuration;
  configuration.rules = default_rule_folders();
  configuration.notify.host = host_name();
  configuration.notify.probe_kinds = configuration.probes.probe_kinds();
  configuration.state.folder = default_state_folder();
  configuration.topology = topology::usual_topology_files();
  Problems none;
  sources::Claims claims;
  const auto usual = read_yaml(usual_source, "", none);
  if (auto source = read_log_source(usual.front(), "", none, claims))
    configuration.sources.push_back(std::move(*source));
  configuration.sinks = default_sinks(configuration.notify.timezone);
  return configuration;
}

Configuration read_configuration(std::string_view text, const std::string& file, Problems& problems) {
  if (text.size() > largest_configuration) {
    problems.push_back(
        {ProblemLevel::error, file, 0, 0,
         fmt::format("the configuration has {} bytes, and the limit is {}", text.size(), largest_configuration), ""});
    return default_configuration();
  }
  auto documents = read_yaml(text, file, problems);
  if (has_errors(problems)) return default_configuration();
  if (documents.size() != 1 || documents.front().kind != YamlValue::Kind::map) {
    problems.push_back(
        {ProblemLevel::error, file, 1, 1, "a configuration is one YAML map with 'sources', 'sinks', …", ""});
    return default_configuration();
  }
  hide_texts(documents.front());
  Problems unset;
  EnvironmentExpander(file, unset).expand(documents.front());
  Configuration configuration = default_configuration();
  configuration.file = file;
  YamlMapReader reader(documents.front(), "the configuration", file, problems);
  configuration_table().read(reader, configuration);
  reader.finish(ProblemLevel::error);
  // What is wrong with "${NAME}" in the place of its value is not another mistake.
  std::erase_if(problems, [&](const Problem& problem) {
    return std::any_of(unset.begin(), unset.end(), [&](const Problem& other) {
      return problem.line == other.line && problem.column == other.column;
    });
  });
  problems.insert(problems.end(), unset.begin(), unset.end());
  configuration.notify.probe_kinds = configuration.probes.probe_kinds();
  warn_of_own_files(configuration, problems);
  return configuration;
}

formats::RedactOptions read_redaction(std::string_view text, const std::string& file, Problems& problems) {
  formats::RedactOptions redact;
  auto documents = read_yaml(text, file, problems);
  if (documents.size() != 1 || documents.front().kind != YamlValue::Kind::map) return redact;
  auto& root = documents.front();
  hide_texts(root);
  std::erase_if(root.entries, [](const YamlEntry& entry) { return entry.key.text != "redact"; });
  EnvironmentExpander(file, problems).expand(root);
  YamlMapReader reader(root, "the configuration", file, problems);
  redact_options().read_map(reader, "redact", "'redact'", redact);
  return redact;
}

}  // namespace triaged::config

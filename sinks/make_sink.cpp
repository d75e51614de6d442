#include "sinks/make_sink.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "sinks/file_sink.hpp"
#include "sinks/slack_sink.hpp"
#include "sinks/stdout_sink.hpp"
#include "sinks/syslog_sink.hpp"
#include "sinks/webhook_sink.hpp"

namespace triaged::sinks {

namespace {

struct SinkKind {
  std::string_view name;
  std::string_view meaning;
  std::vector<OptionFacts> (*options)();
  /// nullptr after a problem was reported that leaves nothing to build.
  std::unique_ptr<Sink> (*read)(YamlMapReader& fields, const TimeZone& zone);
};

constexpr SinkKind kinds[] = {
    {"stdout", "Standard output: a terminal, or the service manager's journal.", stdout_options, read_stdout_sink},
    {"file", "A file with one line of incident JSON each.", file_options, read_file_sink},
    {"syslog", "A syslog receiver: UDP, TCP or a local socket.", syslog_options, read_syslog_sink},
    {"webhook", "An address that takes incident JSON by HTTP POST.", webhook_options, read_webhook_sink},
    {"slack", "A Slack channel, by an incoming webhook.", http_target_options, read_slack_sink},
};

const SinkKind* kind_named(std::string_view name) {
  const auto* kind =
      std::find_if(std::begin(kinds), std::end(kinds), [&](const SinkKind& k) { return k.name == name; });
  return kind == std::end(kinds) ? nullptr : kind;
}

void report_unknown_kind(const YamlValue& key, const std::string& file, Problems& problems) {
  problems.push_back(
      problem_at(ProblemLevel::error, file, key, unknown_word("there is no kind of sink", key, sink_kinds())));
}

/// The name stands in the log, on pages and in metrics: an address, which may be a secret, is none.
std::string mistake_in_name(const YamlValue& name) {
  constexpr std::size_t longest_name = 64;
  const auto& text = name.text;
  if (text.empty()) return "'name' of a sink must not be empty";
  const bool is_name = text.size() <= longest_name && std::none_of(text.begin(), text.end(), [](char byte) {
                         return static_cast<unsigned char>(byte) < 32 ||
                                std::string_view("/:=?&'\"\x7f").find(byte) != std::string_view::npos;
                       });
  return is_name ? "" : "'name' of a sink is shown in logs and metrics: at most 64 bytes without / : = ? & and quotes";
}

std::vector<std::pair<std::string_view, Severity>> severities() {
  std::vector<std::pair<std::string_view, Severity>> words;
  for (const auto severity : {Severity::info, Severity::warning, Severity::error, Severity::critical}) {
    words.emplace_back(name_of(severity), severity);
  }
  return words;
}

const OptionTable<SinkEntry>& table_of_every_kind() {
  using Value = OptionsOf<SinkEntry>;
  static const OptionTable<SinkEntry> table = {
      {"name", Value::text(&SinkEntry::name, mistake_in_name),
       "A unique name of at most 64 bytes without `/ : = ? &` and quotes, shown in the log, on pages and in metrics.",
       "the kind"},
      {"min_severity", Value::word(&SinkEntry::min_severity, severities()),
       "Incidents that are less severe are not sent to this sink."},
  };
  return table;
}

}  // namespace

std::vector<std::string_view> sink_kinds() {
  std::vector<std::string_view> names;
  for (const auto& kind : kinds) names.push_back(kind.name);
  return names;
}

std::vector<OptionFacts> options_of_every_sink() { return table_of_every_kind().facts(); }

std::vector<OptionFacts> options_by_sink_kind() {
  std::vector<OptionFacts> options;
  for (const auto& kind : kinds) {
    options.push_back(
        {.shape = OptionFacts::Shape::section, .fields = kind.options(), .name = kind.name, .meaning = kind.meaning});
  }
  return options;
}

std::optional<SinkEntry> read_sink(const YamlValue& entry, const std::string& file, const TimeZone& zone,
                                   Problems& problems) {
  if (entry.kind != YamlValue::Kind::map || entry.entries.size() != 1) {
    problems.push_back(
        problem_at(ProblemLevel::error, file, entry,
                   "a sink is a map with one field, its kind, such as 'stdout: {}' or 'file: {path: …}'"));
    return std::nullopt;
  }
  const auto& [key, value] = entry.entries.front();
  const auto* kind = kind_named(key.text);
  if (kind == nullptr) {
    report_unknown_kind(key, file, problems);
    return std::nullopt;
  }
  YamlValue map = value;
  if (map.kind == YamlValue::Kind::null) map.kind = YamlValue::Kind::map;  // "stdout:" alone
  Problems found;
  YamlMapReader fields(map, fmt::format("sink '{}'", kind->name), file, found);
  SinkEntry sink;
  sink.kind = sink.name = kind->name;
  table_of_every_kind().read(fields, sink);
  sink.sink = kind->read(fields, zone);
  fields.finish(ProblemLevel::error);
  // A sink never disappears without a word, whatever its kind forgot to say.
  if (sink.sink == nullptr && !has_errors(found)) {
    fields.report(ProblemLevel::error, fmt::format("sink '{}' cannot be used as it stands", kind->name));
  }
  problems.insert(problems.end(), found.begin(), found.end());
  if (has_errors(found) || sink.sink == nullptr) return std::nullopt;
  return sink;
}

}  // namespace triaged::sinks

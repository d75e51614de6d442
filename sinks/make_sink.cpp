#include "sinks/make_sink.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "sinks/file_sink.hpp"
#include "sinks/slack_sink.hpp"
#include "sinks/stdout_sink.hpp"
#include "sinks/syslog_sink.hpp"
#include "sinks/webhook_sink.hpp"

namespace triaged {

namespace {

/// Reads the fields of one kind; nullptr after a problem was reported that leaves nothing to build.
struct SinkKind {
  std::string_view name;
  std::unique_ptr<Sink> (*read)(SinkOptions& options);
};

constexpr SinkKind kinds[] = {
    {"stdout", read_stdout_sink},    // a person at a terminal, or the service manager's journal
    {"file", read_file_sink},        // JSON lines
    {"syslog", read_syslog_sink},    // RFC 5424 over UDP, TCP or a local socket
    {"webhook", read_webhook_sink},  // incident JSON by HTTP POST
    {"slack", read_slack_sink},      // an incoming webhook of Slack
};

const SinkKind* kind_named(std::string_view name) {
  const auto* kind =
      std::find_if(std::begin(kinds), std::end(kinds), [&](const SinkKind& k) { return k.name == name; });
  return kind == std::end(kinds) ? nullptr : kind;
}

void report_unknown_kind(const YamlValue& key, const std::string& file, Problems& problems) {
  const auto known = sink_kinds();
  problems.push_back(problem_at(Gravity::error, file, key,
                                fmt::format("unknown sink '{}'{} (there are: {})", key.text,
                                            suggestion_for(key.text, known), fmt::join(known, ", "))));
}

void read_severity(SinkOptions& options, Severity& severity) {
  const auto name = options.fields.text("min_severity");
  if (!name) return;
  if (const auto known = severity_named(*name)) {
    severity = *known;
    return;
  }
  options.report("min_severity", fmt::format("unknown severity '{}'{}", *name,
                                             suggestion_for(*name, {"info", "warning", "error", "critical"})));
}

void read_name(SinkOptions& options, std::string& name) {
  const auto given = options.fields.text("name");
  if (!given) return;
  if (given->empty()) options.report("name", "'name' of a sink must not be empty");
  name = *given;
}

}  // namespace

std::vector<std::string_view> sink_kinds() {
  std::vector<std::string_view> names;
  for (const auto& kind : kinds) names.push_back(kind.name);
  return names;
}

std::optional<SinkEntry> read_sink(const YamlValue& entry, const std::string& file, Problems& problems) {
  if (entry.kind != YamlValue::Kind::map || entry.entries.size() != 1) {
    problems.push_back(
        problem_at(Gravity::error, file, entry,
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
  SinkOptions options(map, kind->name, file, found);
  SinkEntry sink;
  sink.kind = sink.name = kind->name;
  read_name(options, sink.name);
  read_severity(options, sink.min_severity);
  sink.sink = kind->read(options);
  options.fields.finish(Gravity::error);
  // A sink never disappears without a word, whatever its kind forgot to say.
  if (sink.sink == nullptr && !has_errors(found)) {
    options.fields.report(Gravity::error, map, fmt::format("sink '{}' cannot be used as it stands", kind->name));
  }
  problems.insert(problems.end(), found.begin(), found.end());
  if (has_errors(found) || sink.sink == nullptr) return std::nullopt;
  return sink;
}

}  // namespace triaged

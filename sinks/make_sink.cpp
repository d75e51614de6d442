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
  problems.push_back(
      problem_at(Gravity::error, file, key, unknown_word("there is no kind of sink", key, sink_kinds())));
}

void read_severity(SinkOptions& options, Severity& severity) {
  const auto name = options.fields.choice("min_severity", {"info", "warning", "error", "critical"});
  if (name) severity = *severity_named(*name);
}

/// The name stands in the log, on pages and in metrics: an address, which may be a secret, is none.
void read_name(SinkOptions& options, std::string& name) {
  constexpr std::size_t longest_name = 64;
  const auto given = options.fields.text("name");
  if (!given) return;
  const bool is_name = given->size() <= longest_name && std::none_of(given->begin(), given->end(), [](char byte) {
                         return static_cast<unsigned char>(byte) < 32 ||
                                std::string_view("/:=?&'\"\x7f").find(byte) != std::string_view::npos;
                       });
  if (given->empty()) options.report("name", "'name' of a sink must not be empty");
  if (!is_name) {
    options.report("name",
                   "'name' of a sink is shown in logs and metrics: at most 64 bytes without / : = ? & and quotes");
  }
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

}  // namespace triaged::sinks

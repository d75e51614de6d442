// The configuration file (docs/configuration.md): from YAML to typed values, every mistake with file, line and column.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "admin/access.hpp"
#include "base/problem.hpp"
#include "base/time_zone.hpp"
#include "diagnosis/diagnoser.hpp"
#include "formats/format.hpp"
#include "formats/redaction/redactor.hpp"
#include "knowledge/model/public_scope.hpp"
#include "notify/notifier.hpp"
#include "probes/probe_options.hpp"
#include "sinks/make_sink.hpp"
#include "sources/make_source.hpp"
#include "store/ledger.hpp"
#include "store/outbox_bound.hpp"
#include "topology/read_topology.hpp"

namespace triaged::config {

/// Bytes of the file, and of what ${NAME} in it stands for, all together.
constexpr std::size_t largest_configuration = 1 << 20;

/// An entry of `sources`.
struct LogSource {
  sources::SourceEntry entry;
  std::optional<formats::Format> format;            // nullopt: recognised from content
  formats::LogFormat log_format;                    // of its access log; empty: not given
  std::optional<std::chrono::seconds> zone_offset;  // of lines without a zone; nullopt: this host's
};

struct StateOptions {
  store::StateFolder folder;
  store::Durability durability = store::Durability::process;
  store::OutboxBound outbox;  // a sink's
};

struct PlaceInFile {
  unsigned line = 0, column = 0;
};

/// The section `notify`: what the diagnosis waits for, and how often the notifier repeats itself.
struct NotifyOptions : diagnosis::DiagnosisOptions {
  Microseconds update_every = notify::NotifyPolicy().update_every;
  TimeZone timezone;  // of the times that people read
};

struct Configuration {
  std::string file;  // as named; empty: the defaults
  std::vector<LogSource> sources;
  std::vector<std::filesystem::path> rules;
  std::vector<PlaceInFile> rule_places;  // of each of `rules` in the file; empty: they are the defaults
  knowledge::PublicScope public_rules;
  NotifyOptions notify;
  probes::ProbeOptions probes;
  std::vector<sinks::SinkEntry> sinks;
  StateOptions state;
  topology::TopologyFiles topology;
  formats::RedactOptions redact;
  std::optional<admin::AdminAccess> admin;  // nullopt: not served

  /// Which notifications each of `sinks` gets, and how often a growing incident is repeated.
  [[nodiscard]] notify::NotifyPolicy notify_policy() const;
};

/// Reads and checks `text`. ${NAME} in any value is replaced from the environment; a name that is not set is an error.
/// Opens nothing but the files that hold secrets. Problems quote nothing that may be one (Quoting in base/yaml.hpp).
[[nodiscard]] Configuration read_configuration(std::string_view text, const std::string& file, Problems& problems);

/// The section `redact` of `text` alone. Mistakes elsewhere do not matter, unless `text` is no YAML.
[[nodiscard]] formats::RedactOptions read_redaction(std::string_view text, const std::string& file, Problems& problems);

/// What holds for sections that a configuration does not have: the usual logs of nginx, HAProxy and Gunicorn, diagnoses
/// on standard output, state in $STATE_DIRECTORY, $XDG_STATE_HOME or below the home folder.
[[nodiscard]] Configuration default_configuration();

}  // namespace triaged::config

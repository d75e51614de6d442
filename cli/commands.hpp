// The commands of the binary: what each was asked to do, and the function that does it. Each returns the exit status:
// 0 done, 1 found something (--fail-on) or a check failed, 2 could not run.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "formats/format.hpp"
#include "formats/redaction/redactor.hpp"
#include "knowledge/dialects/load_rules.hpp"
#include "store/state_folder.hpp"
#include "store/stored_file.hpp"
#include "topology/read_topology.hpp"
#include "values/severity.hpp"

namespace triaged::cli {

inline constexpr int exit_done = 0;
inline constexpr int exit_found = 1;
inline constexpr int exit_could_not_run = 2;

/// Which rules a one-shot command works with.
struct RuleChoice {
  std::vector<std::filesystem::path> folders;  // besides the default ones
  bool with_default_rules = true;
  bool all_domains = false;  // of public rules too

  [[nodiscard]] std::vector<std::filesystem::path> paths() const;
  [[nodiscard]] knowledge::LoadedRules load() const;
};

/// What a one-shot command redacts of the log lines that it shows.
struct RedactionChoice {
  std::optional<std::filesystem::path> configuration;  // whose section `redact` holds; none: the installed one
  bool is_off = false;

  /// nullptr: the configuration cannot be used, and standard error says why. `is_quiet` leaves out warnings.
  [[nodiscard]] std::shared_ptr<const formats::Redactor> load(bool is_quiet) const;
};

inline constexpr const char* no_state_folder =
    "the configuration does not say where the state is; name its folder with --state DIR";

/// Whose state a command works on.
struct StateChoice {
  std::optional<std::filesystem::path> configuration;
  std::optional<std::filesystem::path> folder;  // instead of the configuration's

  /// nullopt: the configuration cannot be read, and standard error says why.
  [[nodiscard]] std::optional<store::StateFolder> chosen() const;

  /// store::StoredIncidents or store::StoredOutbox of that state.
  template <class Stored>
  [[nodiscard]] Result<Stored> open(store::StoredFor purpose) const {
    const auto state = chosen();
    if (!state) return error(no_state_folder);
    return Stored::open(*state, purpose);
  }
};

struct RunOptions {
  std::optional<std::filesystem::path> configuration;
};
[[nodiscard]] int run_command(const RunOptions& options);
[[nodiscard]] int check_command(const RunOptions& options);

struct DiscoverOptions {
  std::optional<std::filesystem::path> write;  // the configuration that is proposed; "-" prints it
  bool force = false;                          // overwrite it
  bool json = false;
  std::optional<std::string> user;  // whose rights are checked; default: the service's, or those of this process
};
[[nodiscard]] int discover_command(const DiscoverOptions& options);

enum class ScanOutput { text, json, markdown };
struct ScanOptions {
  std::vector<std::string> paths;  // "-" is standard input; none: it, too
  RuleChoice rules;
  ScanOutput output = ScanOutput::text;
  std::vector<std::pair<formats::Format, std::string>> formats;  // FMT=GLOB: files of that name have that format
  std::optional<TimePoint> since, until;
  std::optional<Severity> fail_on;
  Language language = Language::english;
  unsigned jobs = 0;  // 0: number of cores
  bool quiet = false;
  bool verbose = false;
  bool as_cre_engine = false;  // --parity cre
  bool may_probe = false;      // look at this host about what goes on now
  topology::TopologyFiles topology;
  RedactionChoice redaction;
  std::optional<std::filesystem::path> state;  // whose site has learnt how well workarounds do; none: the rules' rates
};
[[nodiscard]] int scan_command(const ScanOptions& options);
/// `scan --parity cre`: the verdicts of the CRE format's own engine.
[[nodiscard]] int cre_scan_command(const ScanOptions& options);

struct ExplainOptions {
  std::string line;  // "-": read from standard input
  std::optional<formats::Format> format;
  RuleChoice rules;
  RedactionChoice redaction;
  bool json = false;
};
[[nodiscard]] int explain_command(const ExplainOptions& options);

enum class RuleView { text, markdown, html, json };
struct RulesOptions {
  RuleChoice rules;
  std::vector<std::string> arguments;  // ids, or paths of rule files
  RuleView view = RuleView::text;
  Language language = Language::english;
  bool strict = false;  // lint: warnings fail too
  bool json = false;    // search, lint
};
[[nodiscard]] int rules_list_command(const RulesOptions& options);
[[nodiscard]] int rules_show_command(const RulesOptions& options);
[[nodiscard]] int rules_search_command(const RulesOptions& options);
[[nodiscard]] int rules_lint_command(const RulesOptions& options);
[[nodiscard]] int rules_test_command(const RulesOptions& options);

struct RulesDiffOptions {
  std::filesystem::path before, after;  // rule packs: files or folders
  std::vector<std::string> logs;
  std::optional<std::filesystem::path> configuration;  // whose sinks are counted; default: the usual one
  bool json = false;
};
[[nodiscard]] int rules_diff_command(const RulesDiffOptions& options);

struct OutboxOptions {
  StateChoice state;
  std::vector<std::int64_t> rows;
  bool all = false;  // rows: every dead letter (of the sink)
  std::optional<std::string> sink;
  bool json = false;
};
[[nodiscard]] int outbox_list_command(const OutboxOptions& options);
[[nodiscard]] int outbox_retry_command(const OutboxOptions& options);
[[nodiscard]] int outbox_drop_command(const OutboxOptions& options);

struct IncidentsOptions {
  StateChoice state;
  std::string incident;                     // an id, or the beginning of one
  std::vector<std::string> worked, failed;  // feedback: numbers or names of workarounds
  bool undo = false;                        // feedback: take back the last report
  bool all = false;                         // list: resolved ones too
  std::optional<Severity> min_severity;
  std::optional<TimePoint> since;
  bool json = false;
  std::string file = "-";  // learnt export and import
};
[[nodiscard]] int incidents_list_command(const IncidentsOptions& options);
[[nodiscard]] int incidents_show_command(const IncidentsOptions& options);
[[nodiscard]] int incidents_ack_command(const IncidentsOptions& options);
[[nodiscard]] int incidents_resolve_command(const IncidentsOptions& options);
[[nodiscard]] int incidents_feedback_command(const IncidentsOptions& options);
[[nodiscard]] int learnt_list_command(const IncidentsOptions& options);
[[nodiscard]] int learnt_export_command(const IncidentsOptions& options);
[[nodiscard]] int learnt_import_command(const IncidentsOptions& options);

[[nodiscard]] int version_command();

}  // namespace triaged::cli

// `triaged incidents learnt`: what feedback has taught this site, to look at, to take elsewhere, and to bring here.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "cli/commands.hpp"
#include "store/stored_incidents.hpp"

namespace triaged::cli {

namespace {

int could_not_learn(const std::string& why) {
  fmt::print(stderr, "triaged incidents learnt: {}\n", why);
  return exit_could_not_run;
}

Result<std::vector<WorkaroundReport>> stored_reports(const IncidentsOptions& options) {
  const auto incidents = options.state.open<store::StoredIncidents>(store::StoredFor::reading);
  if (!incidents) return incidents.error();
  return incidents->reports();
}

/// nullopt: it cannot be read, and standard error says why.
std::optional<std::string> text_of(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (in.is_open() && !in.bad() && errno == 0) return text;
  could_not_learn(fmt::format("cannot read {}: {}", file, std::strerror(errno)));
  return std::nullopt;
}

}  // namespace

int learnt_list_command(const IncidentsOptions& options) {
  const auto reports = stored_reports(options);
  if (!reports) return could_not_learn(reports.error().message);
  std::map<std::tuple<std::string, std::string, std::string>, std::pair<std::uint64_t, std::uint64_t>> counts;
  for (const auto& report : *reports) {
    if (report.is_withdrawn) continue;
    auto& [worked, failed] = counts[{report.rule, report.cause, report.workaround}];
    ++(report.has_worked ? worked : failed);
  }
  if (counts.empty()) {
    fmt::print(stderr, "nothing yet: `triaged incidents feedback ID --worked N` says what helped\n");
    return exit_done;
  }
  fmt::print("{:>6}  {:>6}  WORKAROUND, ITS RULE AND THE CAUSE IT TREATS\n", "WORKED", "FAILED");
  for (const auto& [names, count] : counts) {
    const auto& [rule, cause, workaround] = names;
    fmt::print("{:>6}  {:>6}  {} of {} against {}\n", count.first, count.second, to_printable(workaround),
               to_printable(rule), to_printable(cause));
  }
  return exit_done;
}

int learnt_export_command(const IncidentsOptions& options) {
  const auto reports = stored_reports(options);
  if (!reports) return could_not_learn(reports.error().message);
  const auto json = to_json(*reports);
  if (options.file == "-") {
    fmt::print("{}", json);
    return exit_done;
  }
  std::ofstream out(options.file, std::ios::binary | std::ios::trunc);
  out << json;
  out.close();
  if (!out) return could_not_learn(fmt::format("cannot write {}: {}", options.file, std::strerror(errno)));
  fmt::print("{} report{} written to {}\n", reports->size(), reports->size() == 1 ? "" : "s", options.file);
  return exit_done;
}

int learnt_import_command(const IncidentsOptions& options) {
  const auto text = text_of(options.file);
  if (!text) return exit_could_not_run;
  const auto reports = reports_from_json(*text);
  if (!reports)
    return could_not_learn(fmt::format("{}: {}; nothing was imported", options.file, reports.error().message));
  const auto incidents = options.state.open<store::StoredIncidents>(store::StoredFor::changing);
  if (!incidents) return could_not_learn(incidents.error().message);
  const auto added = incidents->add(*reports);
  if (!added) return could_not_learn(added.error().message);
  fmt::print("{} report{} imported, {} known already\n", *added, *added == 1 ? "" : "s", reports->size() - *added);
  return exit_done;
}

}  // namespace triaged::cli

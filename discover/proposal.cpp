#include "discover/proposal.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "discover/advice.hpp"
#include "discover/programs.hpp"
#include "discover/show_discovery.hpp"
#include "discover/yaml_words.hpp"

namespace triaged::discover {

namespace {

using To = FoundLog::To;

constexpr std::size_t most_logs_by_name = 200;  // of a server

class Draft {
 public:
  Draft(const Discovery& discovery, std::string_view beginning) : discovery_(discovery), text_(beginning) {}

  [[nodiscard]] bool has_sources() const { return has_sources_; }
  [[nodiscard]] std::string ended_by(std::string_view ending) && { return std::move(text_) + std::string(ending); }

  void add_files() {
    for (const auto& server : discovery_.servers) add_files_of(server);
    if (patterns_.empty()) return;
    text_ += "  # Files whose names the servers choose while they run.\n  - file:\n      paths:\n" + patterns_;
    has_sources_ = true;
  }

  void add_usual_places() {
    std::string paths;
    for (const auto& kind : program_kinds()) {
      const auto is_it = [&](const FoundServer& server) { return server.program == kind.program; };
      if (std::any_of(discovery_.servers.begin(), discovery_.servers.end(), is_it)) continue;
      for (const auto path : kind.usual_logs) paths += fmt::format("        - {}\n", yaml_word(std::string(path)));
    }
    if (paths.empty()) return;
    text_ += "  # Where logs of programs that were not found may appear.\n  - file:\n      paths:\n" + paths;
    has_sources_ = true;
  }

  void add_journal_and_kernel() {
    const auto& host = discovery_.host;
    std::vector<std::string> units = units_to_read(), identifiers = identifiers_to_read();
    const bool may_read_journal = host.journal && host.journal->right.may_read;
    if (host.has_kernel_device) {
      text_ += "  # The kernel's own log: who was killed when memory ran out, and failing disks.\n  - kernel: {}\n";
      has_sources_ = true;
    } else if (may_read_journal || (host.journal && !host.kernel_file)) {
      identifiers.emplace_back("kernel");
    } else if (host.kernel_file) {
      text_ += "  # The kernel's log, as a syslog daemon writes it.\n  - file:\n      paths:\n";
      text_ += file_line(host.kernel_file->path, "kernel", host.kernel_file->right);
      has_sources_ = true;
    }
    if (units.empty() && identifiers.empty()) return;
    text_ += "  # The journal of systemd: what these services log to it, and what systemd says of them.\n";
    if (!may_read_journal) text_ += "  # " + missing_right(host.journal->right) + "\n";
    text_ += fmt::format("  - journald: {{{}{}{}}}\n", units.empty() ? "" : "units: " + yaml_list(units),
                         units.empty() || identifiers.empty() ? "" : ", ",
                         identifiers.empty() ? "" : "identifiers: " + yaml_list(identifiers));
    has_sources_ = true;
  }

  void add_containers() {
    if (!discovery_.host.containers) return;
    const auto& right = discovery_.host.containers->right;
    text_ += "  # The logs of containers, whatever runs in them.\n";
    if (!right.may_read) text_ += "  # " + missing_right(right) + "\n";
    text_ += "  - containers: {}\n";
    has_sources_ = true;
  }

  /// What cannot be followed as it is, and what to do about it.
  void add_advice() {
    for (const auto& server : discovery_.servers) {
      for (const auto& log : server.logs) {
        if (log.to == To::file) continue;
        if (const auto advice = advice_for(log, server, discovery_.reader); !advice.empty()) {
          comment("  ", fmt::format("{}: its {} goes to {}; {}", title_of(server), log.what, place_of(log), advice));
        }
      }
    }
  }

  void add_topology() {
    std::vector<std::string> nginx, haproxy;
    for (const auto& server : discovery_.servers) {
      if (!server.container.empty() || server.configuration.empty()) continue;
      const auto& files = server.configuration;
      if (server.program == Program::nginx && can_be_path(files.front())) topology::add_once(nginx, files.front());
      if (server.program != Program::haproxy) continue;
      std::copy_if(files.begin(), files.end(), std::back_inserter(haproxy), can_be_path);
    }
    if (nginx.empty() && haproxy.empty()) return;
    text_ += "\n# Who stands behind whom, and how access logs are written: from the proxies' own configuration.\n";
    text_ += fmt::format("topology: {{{}{}{}}}\n", nginx.empty() ? "" : "nginx: " + yaml_list(nginx),
                         nginx.empty() || haproxy.empty() ? "" : ", ",
                         haproxy.empty() ? "" : "haproxy: " + yaml_list(haproxy));
  }

 private:
  void comment(std::string_view indent, const std::string& says) {
    text_ += fmt::format("{}# {}\n", indent, to_printable(says));
  }

  [[nodiscard]] std::string missing_right(const Right& right) const {
    return to_printable(fmt::format("{} may not read it ({}): {}", discovery_.reader.name, right.why, right.advice()));
  }

  [[nodiscard]] std::string file_line(const std::string& path, const std::string& says, const Right& right) const {
    const auto missing = right.may_read ? "" : (says.empty() ? "" : "; ") + missing_right(right);
    const auto comment = to_printable(says) + missing;
    return fmt::format("        - {}{}{}\n", yaml_word(path), comment.empty() ? "" : "  # ", comment);
  }

  /// One entry for all files of a server, and one for each that has a form of its own.
  void add_files_of(const FoundServer& server) {
    if (server.logs.size() > most_logs_by_name) return add_folders_of(server);
    const bool may_have_forms = server.program == Program::gunicorn;  // others' are known by `topology`
    std::string plain, with_form;
    for (const auto& log : server.logs) {
      if (log.to != To::file || !may_have_forms || !can_be_log_format(log.log_format)) continue;
      const auto line = line_of_new(log);
      if (line.empty()) continue;
      with_form += fmt::format("  - file:\n      log_format: {}\n      paths:\n{}", yaml_quoted(log.log_format), line);
    }
    for (const auto& log : server.logs) {
      if (log.to == To::file) (is_glob(glob_of(log.path)) ? patterns_ : plain) += line_of_new(log);
    }
    if (plain.empty() && with_form.empty()) return;
    comment("  ", title_of(server));
    if (!plain.empty()) text_ += "  - file:\n      paths:\n" + plain;
    text_ += with_form;
    has_sources_ = true;
  }

  /// A host of thousands of sites: patterns for their logs, so that the configuration stays readable.
  void add_folders_of(const FoundServer& server) {
    for (const auto& log : server.logs) {
      if (log.to != To::file) continue;
      const std::filesystem::path path = glob_of(log.path);
      const auto pattern = (path.parent_path() / "*").string() + path.extension().string();
      if (paths_.insert(pattern).second) patterns_ += file_line(pattern, title_of(server), log.right);
    }
  }

  /// Empty when the file stands in the draft already.
  std::string line_of_new(const FoundLog& log) {
    const auto path = glob_of(log.path);
    if (!paths_.insert(path).second) return "";
    const auto form = form_of(log);
    return file_line(path, form.empty() ? log.what : fmt::format("{}: {}", log.what, form), log.right);
  }

  /// Units of servers, but for those whose lines a syslog daemon writes into a file that is followed.
  [[nodiscard]] std::vector<std::string> units_to_read() const {
    std::vector<std::string> units;
    const auto is_in_file = [](const FoundLog& log) { return log.is_of_syslog; };
    for (const auto& server : discovery_.servers) {
      if (!discovery_.host.journal || server.unit.empty() || !server.container.empty()) continue;
      if (std::any_of(server.logs.begin(), server.logs.end(), is_in_file)) continue;
      topology::add_once(units, server.unit);
    }
    return units;
  }

  /// Servers that no unit has, and that log to the journal's socket.
  [[nodiscard]] std::vector<std::string> identifiers_to_read() const {
    std::vector<std::string> identifiers;
    for (const auto& server : discovery_.servers) {
      const auto is_in_journal = [](const FoundLog& log) { return log.to == To::journal; };
      if (!server.unit.empty() || std::none_of(server.logs.begin(), server.logs.end(), is_in_journal)) continue;
      topology::add_once(identifiers, std::string(name_of(server.program)));
    }
    return identifiers;
  }

  const Discovery& discovery_;
  std::string text_;
  std::set<std::string> paths_;
  std::string patterns_;
  bool has_sources_ = false;
};

constexpr std::string_view beginning =
    "# What `triaged discover` found on this host. After a change, `triaged check --config FILE` says what is wrong "
    "with\n"
    "# it; docs/configuration.md explains every option.\n"
    "\n"
    "sources:\n";

constexpr std::string_view ending =
    "\n"
    "# Where diagnoses are sent: docs/sinks.md has all kinds. ${NAME} is taken from the environment.\n"
    "sinks:\n"
    "  - stdout: {}\n"
    "  # - file: {name: incidents, path: /var/log/triaged/incidents.jsonl}\n"
    "  # - slack: {name: ops, url: \"${SLACK_WEBHOOK_URL}\", min_severity: error}\n"
    "  # - webhook: {name: hook, url_file: /run/credentials/triaged.service/hook}\n"
    "\n"
    "# Pages with incidents, JSON and metrics, for users of this host.\n"
    "# admin: {listen: '127.0.0.1:9321'}\n";

}  // namespace

std::string proposed_configuration(const Discovery& discovery, UsualPlaces usual) {
  Draft draft(discovery, beginning);
  draft.add_files();
  draft.add_containers();
  draft.add_journal_and_kernel();
  if (usual == UsualPlaces::added || !draft.has_sources()) draft.add_usual_places();
  draft.add_advice();
  draft.add_topology();
  return std::move(draft).ended_by(ending);
}

}  // namespace triaged::discover

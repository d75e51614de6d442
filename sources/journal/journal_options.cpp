#include "sources/journal/journal_options.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "sources/journal/journal.hpp"
#include "sources/journal/journal_files.hpp"
#include "sources/journal/journal_source.hpp"
#include "sources/make_source.hpp"

namespace triaged::sources {

namespace {

constexpr std::string_view kind = "journald";

/// As systemctl: a name without a suffix is a service.
std::string with_suffix(const std::string& unit) {
  constexpr std::array<std::string_view, 11> suffixes{".service", ".socket", ".device", ".mount", ".automount", ".swap",
                                                      ".target",  ".path",   ".timer",  ".slice", ".scope"};
  const bool has_suffix =
      std::ranges::any_of(suffixes, [&](std::string_view suffix) { return unit.ends_with(suffix); });
  return has_suffix ? unit : unit + ".service";
}

std::string mistake_in_folder(const YamlValue& folder) {
  return folder.text.starts_with('/') ? "" : "this path is not absolute: write /path/to/folder";
}

std::string mistake_in_name(const YamlValue& name) { return name.text.empty() ? "this name is empty" : ""; }

const OptionTable<JournalOptions>& journal_table() {
  using Value = OptionsOf<JournalOptions>;
  using Start = JournalOptions::Start;
  static const OptionTable<JournalOptions> table = {
      {"units", Value::texts(&JournalOptions::units, mistake_in_name),
       "Units of systemd whose entries are read, and what systemd says of them; a name without a suffix is a service.",
       "with `identifiers` only theirs, otherwise all entries"},
      {"identifiers", Value::texts(&JournalOptions::identifiers, mistake_in_name),
       "Programs whose entries are read besides those of `units`, as they call themselves (`SYSLOG_IDENTIFIER`); "
       "`kernel` "
       "is the kernel.",
       "with `units` only theirs, otherwise all entries"},
      {"folder", Value::text(&JournalOptions::folder, mistake_in_folder),
       "The absolute path of a folder with the files of another journal.", "the journal of this host"},
      {"start", Value::word(&JournalOptions::start, {{"checkpoint", Start::checkpoint}, {"end", Start::end}}),
       "Where reading begins in a journal that was never read: at its first entry (`checkpoint`) or behind its last "
       "(`end`); otherwise it goes on where the last run stopped."},
  };
  return table;
}

void claim(YamlMapReader& fields, const JournalOptions& options, Claims& claims) {
  const auto what = std::filesystem::path(options.folder).lexically_normal().string();
  const auto* at = fields.peek("folder");
  const auto earlier =
      std::ranges::find_if(claims, [&](const Claim& each) { return each.kind == kind && each.what == what; });
  if (earlier == claims.end()) return claims.push_back({kind, what, at == nullptr ? 0 : at->line});
  fields.report(ProblemLevel::error,
                "an earlier source reads this journal already: name all units and identifiers in one of them");
}

/// What a start would wait for, or would read nothing of.
void check_journal(YamlMapReader& fields, const JournalOptions& options) {
  JournalFiles files(options.folder);
  for (const auto& message : files.look()) fields.report(ProblemLevel::warning, message);
  auto journal = Journal::open(options);
  if (files.forbidden() > 0) {
    fields.report(ProblemLevel::warning,
                  fmt::format("{} of {} files of the journal must not be read by this user; add the user of triaged to "
                              "the group systemd-journal",
                              files.forbidden(), files.count()));
  } else if (!journal) {
    fields.report(ProblemLevel::warning, fmt::format("the journal cannot be read: {}", journal.error().message));
  } else if (files.count() == 0) {
    fields.report(ProblemLevel::warning, "there are no files of a journal yet; is systemd-journald running?");
  }
  if (!journal || files.forbidden() > 0 || files.count() == 0) return;
  for (const auto& unit : options.units) {
    if (journal->has_entry_with("_SYSTEMD_UNIT=" + unit)) continue;
    fields.report(ProblemLevel::warning,
                  fmt::format("the journal has no entry of unit '{}' yet; 'systemctl list-units' shows "
                              "the names of units",
                              unit));
  }
  for (const auto& identifier : options.identifiers) {
    if (journal->has_entry_with("SYSLOG_IDENTIFIER=" + identifier)) continue;
    fields.report(ProblemLevel::warning,
                  fmt::format("the journal has no entry of identifier '{}' yet; 'journalctl --field "
                              "SYSLOG_IDENTIFIER' shows those that it has",
                              identifier));
  }
}

}  // namespace

std::vector<OptionFacts> journal_options() { return journal_table().facts(); }

std::any read_journal_options(YamlMapReader& fields, Claims& claims) {
  JournalOptions options;
  journal_table().read(fields, options);
  for (auto& unit : options.units) unit = with_suffix(unit);
  claim(fields, options, claims);
  check_journal(fields, options);
  return options;
}

Result<std::unique_ptr<Source>> make_journal_source(const std::vector<std::any>& options, const SourceOrigin& origin) {
  return JournalSource::open(std::any_cast<const JournalOptions&>(options.front()), origin);
}

}  // namespace triaged::sources
